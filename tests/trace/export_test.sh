#!/usr/bin/env bash
# ringscope export: each format is read back by a program that is not ours.
# Timeout: 200
# Processors: 1
source "$(dirname "$0")/lib.sh"

rs 60 run -o t.db --cpus 2 -- busybox sh -c 'seq 300 | sort | tail -n 1; cat /nosuch' \
	</dev/null >/dev/null 2>&1
calls=$(sqlite3 t.db 'select count(*) from syscall')
elapsed=$(rs 60 profile --json t.db | jq .elapsed)

# to FORMAT FILE: written, and nothing said.
to()
{
	rs 60 export --to "$1" -o "$2" t.db >out 2>errors
	is "$1 is written" "0" "$?$(cat out errors)"
}

echo "pictures"
to chrome t.json
is "jq counts the calls of chrome's events" "$calls" \
	"$(jq '[.traceEvents[] | select(.ph == "X" and .pid != 0 and (.name | test("^[a-z0-9_]+$")))] | length' t.json)"
holds "durations are not negative" jq -e 'all(.traceEvents[] | select(.ph == "X"); .dur >= 0)' t.json
to perfetto t.pftrace
protoc --decode_raw <t.pftrace >decoded 2>errors
is "protoc decodes perfetto's packets" 0 $?
is "as many slices begin as end" "$(grep -c '^    9: 1$' decoded)" "$(grep -c '^    9: 2$' decoded)"
holds "a call is named" grep -q '23: "execve"' decoded
to speedscope t.speedscope.json
is "speedscope's weights are all of the time" "$elapsed" \
	"$(jq '.profiles[0].weights | add' t.speedscope.json)"
holds "its samples name frames that there are" jq -e '(.shared.frames | length) as $n |
	all(.profiles[0].samples[][]; . >= 0 and . < $n)' t.speedscope.json
to folded t.folded
is "folded stacks are all of the time" "$elapsed" "$(awk '{ s += $NF } END { printf "%d", s }' t.folded)"

echo "records and rows"
to ctf t.ctf
babeltrace2 t.ctf >ctf.txt 2>errors
is "babeltrace2 reads CTF" 0 $?
is "every record is there" "$(sqlite3 t.db 'select sum(stored) from counter')" "$(wc -l <ctf.txt)"
is "as many calls" "$calls" "$(grep -c 'syscall_enter: ' ctf.txt)"
holds "with their fields" grep -q 'exec: .*path = "/bin/busybox"\|exec: .*path = ".*busybox"' ctf.txt
to csv t.csv
sqlite3 :memory: '.mode csv' '.import t.csv calls' 'select count(*) from calls' >count 2>errors
is "sqlite3 imports the CSV" "$calls" "$(cat count)"
to strace t.strace
is "a line a call" "$calls" "$(wc -l <t.strace)"
to sqlite t.sqlite
is "plain sqlite3 counts the calls" "$calls" "$(sqlite3 t.sqlite 'select count(*) from syscall')"
is "the blocks are not in it" "" "$(sqlite3 t.sqlite "select name from sqlite_master where name = 'block'")"

echo "bad input"
rs 60 export --to nosuch t.db >/dev/null 2>&1
is "no such format" 2 $?
rs 60 export --to csv nosuch.db >/dev/null 2>&1
is "no such file" 2 $?
rs 60 export --to sqlite -o t.sqlite t.db >/dev/null 2>&1
is "what is there is not replaced" 2 $?
rs 60 export --to ctf t.db >/dev/null 2>&1
is "CTF needs a directory" 2 $?
rs 60 export --to csv -o /dev/full t.db >/dev/null 2>&1
is "a full disk is told" 2 $?

finish
