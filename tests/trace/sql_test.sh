#!/usr/bin/env bash
# A recording asked in SQL: plain sqlite3, `ringscope sql`, and the extension agree.
# Timeout: 240
# Processors: 1
source "$(dirname "$0")/lib.sh"

trace=t.db
rs 60 run -o $trace --cpus 2 -- busybox sh -c 'for i in 1 2 3; do ls /bin | sort | wc -l; done' \
	</dev/null >/dev/null 2>errors
is "the run" "" "$(cat errors)"
extension=$(rs 10 sql --extension)

# both WHAT QUERY QUERY: what plain sqlite3 says of the tables, the virtual ones say.
both()
{
	is "$1" "$(sqlite3 -readonly $trace "$2")" "$(rs 30 sql $trace "$3" 2>&1)"
	is "$1, by the extension" "$(sqlite3 -readonly $trace "$2")" \
		"$(sqlite3 -readonly -cmd ".load $extension" $trace "$3" 2>&1)"
}

sql "the query of the book" 1 "SELECT count(*) > 5 FROM
	(SELECT name, count(*), sum(duration) FROM syscall GROUP BY 1)"
both "calls" 'SELECT id, enter, cpu, tid, pid, nr, rip FROM syscall ORDER BY id' \
	'SELECT id, time, cpu, tid, pid, f_nr, f_rip FROM ev_syscall_enter ORDER BY id'
both "their ends" 'SELECT exit_event, id, exit FROM syscall WHERE exit_event IS NOT NULL
	AND name NOT IN ("execve", "rt_sigreturn") ORDER BY 1' \
	'SELECT id, begin, time FROM event WHERE begin IN (SELECT id FROM ev_syscall_enter WHERE
	f_nr NOT IN (15, 59)) ORDER BY id'
both "faults" 'SELECT id, enter, tid, pid, addr, rip, error FROM page_fault ORDER BY id' \
	'SELECT id, time, tid, pid, f_addr, f_rip, f_error FROM ev_page_fault ORDER BY id'
both "switches" 'SELECT id, time, cpu, prev, next, space FROM context_switch ORDER BY id' \
	'SELECT id, time, cpu, f_prev, f_next, f_space FROM ev_context_switch ORDER BY id'
both "wake-ups" 'SELECT id, time, waker, tid, target FROM wakeup ORDER BY id' \
	'SELECT id, time, tid, f_tid, f_target FROM ev_wakeup ORDER BY id'
both "programs" 'SELECT id, path FROM program WHERE path IS NOT NULL ORDER BY id' \
	'SELECT id, t_path FROM ev_exec ORDER BY id'
both "counts" 'SELECT name, sum(stored) FROM counter GROUP BY 1 ORDER BY 1' \
	'SELECT name, count(*) FROM event GROUP BY 1 ORDER BY 1'
middle=$(sqlite3 $trace 'SELECT max(enter) / 2 FROM syscall')
for condition in "time >= $middle" "time BETWEEN $middle AND $middle + 5000000" "time < $middle" \
	"time = (SELECT enter FROM syscall WHERE enter > $middle LIMIT 1)" "time < 0" \
	"time > $middle * 10" "kind = 10" "id > 500 AND id < 1200" "id = 77" "id = 0" \
	"kind = 10 AND time > $middle" "time > 'x'" "time > 1.5" "id < -3"; do
	is "$condition" \
		"$(rs 30 sql $trace "SELECT count(*), sum(id), sum(pid) FROM event WHERE ${condition/time/+time}" \
			"SELECT count(*), sum(tid) FROM event WHERE ${condition/kind/+kind}")" \
		"$(rs 30 sql $trace "SELECT count(*), sum(id), sum(pid) FROM event WHERE $condition" \
			"SELECT count(*), sum(tid) FROM event WHERE $condition")"
done
is "rows come in order of time" 0 "$(rs 30 sql $trace 'SELECT count(*) FROM
	(SELECT time - lag(time) OVER (ORDER BY id) AS step FROM event) WHERE step < 0')"

query="SELECT id, name, args, result, NULL AS none, x'00ff' AS bytes FROM syscall ORDER BY id LIMIT 40"
is "json" "$(sqlite3 $trace 'SELECT count(*) FROM (SELECT 1 FROM syscall LIMIT 40)')" \
	"$(rs 30 sql --json $trace "$query" | jq length)"
is "json's numbers and texts" "$(sqlite3 $trace 'SELECT sum(id), sum(length(name)) FROM
	(SELECT id, name FROM syscall ORDER BY id LIMIT 40)' | tr '|' ' ')" \
	"$(rs 30 sql --json $trace "$query" | jq -r '"\(map(.id) | add) \(map(.name | length) | add)"')"
sqlite3 -csv -header $trace 'SELECT id, name, args FROM syscall ORDER BY id' | tr -d '\r' >wanted
rs 30 sql --csv $trace 'SELECT id, name, args FROM syscall ORDER BY id' | tr -d '\r' >got
holds "csv that sqlite3 reads back" sqlite3 check.db '.import --csv got got' '.import --csv wanted wanted'
is "with the same rows" 0 "$(sqlite3 check.db 'SELECT count(*) FROM (SELECT * FROM wanted EXCEPT SELECT * FROM got)')"
is "from standard input" 2 "$(echo 'SELECT 1 +
	1;' | rs 30 sql $trace)"
rs 30 sql --box $trace "SELECT char(27) || '[2J' AS evil" >got
is "a box has nothing for the terminal" 0 "$(grep -c "$(printf '\033')" got)"

cp $trace before.db
for statement in 'DELETE FROM syscall' 'DROP TABLE block' 'CREATE TABLE x(y)' "UPDATE meta SET value = 0" \
	"PRAGMA user_version = 9"; do
	rs 30 sql $trace "$statement" >/dev/null 2>&1
done
same "nothing writes to it" before.db $trace
rs 30 sql $trace 'SELECT x FROM nowhere' >out 2>&1
is "a wrong query" 2 $?
one_line "is told" out 'no such table'

cp $trace old.db
sqlite3 old.db 'PRAGMA user_version = 1'
rs 30 info old.db >out 2>&1
is "a file of another format" 2 $?
one_line "is refused in one line" out 'format 1'
cp $trace other.db
sqlite3 other.db "UPDATE meta SET value = '0123456789abcdef' WHERE name = 'schema'"
rs 30 sql other.db 'SELECT 1' >out 2>&1
is "a file of another schema" 3 $?
one_line "is refused in one line" out 'schema 0123456789abcdef'
finish
