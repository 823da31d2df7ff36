#!/usr/bin/env bash
# Plain sqlite3 on a recording that goes on: the tables grow, nobody stalls it, and what
# stands there at the end is what a decoder makes of the blocks.
# Timeout: 240
source "$(dirname "$0")/lib.sh"

trace=live.db
work='i=0; while [ $i -lt 60 ]; do ls /bin | sort >/dev/null; sleep 0.05; i=$((i + 1)); done; echo done'
rs 120 run -o $trace --cpus 2 -- busybox sh -c "$work" </dev/null >out 2>errors &
run=$!
calls='SELECT count(*) FROM syscall'
# A reader that keeps its snapshot for as long as the recording lasts.
(
	until [ -e $trace ]; do sleep 0.1; done
	sleep 1
	printf 'BEGIN; SELECT count(*) FROM block;\n.shell while kill -0 %d 2>/dev/null; do sleep 0.2; done\nCOMMIT;\n' $run |
		sqlite3 -readonly $trace >reader.out 2>&1
) &
reader=$!
before=0
grown=0
while kill -0 $run 2>/dev/null; do
	now=$(sqlite3 -readonly $trace "$calls" 2>>live.errors)
	[ "${now:-0}" -gt "$before" ] && grown=$((grown + 1)) before=$now
	[ "$grown" != 2 ] || [ -e book.out ] ||
		sqlite3 -readonly $trace 'SELECT name, count(*), sum(duration) FROM syscall GROUP BY 1' >book.out
	[ "$grown" != 3 ] || [ -e ours.out ] || rs 30 sql $trace "$calls" >ours.out 2>ours.errors
	sleep 0.2
done
wait $run
is "the run ends well" 0 $?
is "its output" done "$(cat out)"
is "nothing on stderr" "" "$(cat errors)"
wait $reader
holds "calls were seen to grow" test "$grown" -ge 3
is "no query failed once the file was there" 0 "$(grep -v -e 'unable to open' -e 'no such table' live.errors | grep -c .)"
holds "the query of the book answered meanwhile" test "$(wc -l <book.out)" -gt 3
holds "ringscope sql too" test "$(cat ours.out)" -gt 0
is "and without a word" "" "$(cat ours.errors)"
holds "the reader had its view" grep -qx '[0-9]*' reader.out
# It kept the write-ahead log from being folded in.
sqlite3 $trace 'PRAGMA journal_mode = DELETE' >/dev/null
sql "SQLite finds no damage" ok 'PRAGMA integrity_check'
sql "it is complete" "1|1" "SELECT (SELECT value FROM meta WHERE name = 'decoded'),
	(SELECT value FROM meta WHERE name = 'identity')"

# tables FILE: all that is decoded.
tables()
{
	for table in $(sqlite3 "$1" "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN
			('block', 'meta', 'clock', 'cpu', 'sqlite_sequence') ORDER BY 1"); do
		echo "== $table"
		sqlite3 "$1" "SELECT * FROM $table ORDER BY 1, 2"
	done | sha256sum
}
cp $trace again.db
sqlite3 again.db "DELETE FROM meta WHERE name = 'decoded'"
rs 60 info again.db >/dev/null 2>&1
is "made live, made at once: the same tables" "$(tables again.db)" "$(tables $trace)"

echo "the tracer dies"
timeout -k 5 120 "$ringscope" run -o cut.db -- busybox sh -c "$work" </dev/null >/dev/null 2>&1 &
run=$!
until [ "$(sqlite3 -readonly cut.db "$calls" 2>/dev/null || echo 0)" -gt 100 ]; do
	kill -0 $run 2>/dev/null || break
	sleep 0.1
done
kill -9 "$(pgrep -P $run)"
wait $run 2>/dev/null
trace=cut.db
rs 60 info --json cut.db >info.json 2>/dev/null
is "the file opens, and is told to be incomplete" "3 false" "$? $(jq .complete info.json)"
sql "SQLite finds no damage" ok 'PRAGMA integrity_check'
sql "it has calls" 1 "SELECT count(*) > 100 FROM syscall"
sql "each record of the blocks is counted" 1 "SELECT (SELECT sum(records) FROM block) =
	(SELECT sum(stored) FROM counter)"

echo "without tables"
trace=none.db
rs 60 run -o none.db --tables none -- busybox ls /bin </dev/null >/dev/null 2>errors
is "nothing on stderr" "" "$(cat errors)"
sql "no calls in the file" 0 "$calls"
sql "programs are there" 1 'SELECT count(*) > 0 FROM program'
cp none.db before.db
is "ringscope sql makes them when asked" "$(rs 30 info --json none.db | jq .syscall_entered)" \
	"$(rs 30 sql none.db "$calls")"
same "and leaves the file" before.db none.db
rs 60 run -o end.db --tables end -- busybox ls /bin </dev/null >/dev/null 2>errors
trace=end.db
sql "at the end" 1 'SELECT count(*) > 0 FROM syscall'
finish
