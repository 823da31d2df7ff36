#!/usr/bin/env bash
# ringscope profile: its sums are those of SQL, of the guest's own counts, of each other.
# Timeout: 200
source "$(dirname "$0")/lib.sh"

rs 60 run -o t.db -- busybox sh -c 'seq 3000 | sort -rn | head -n 2; { sleep 0.05; echo; } | cat; cat /nosuch' \
	</dev/null >/dev/null 2>&1
rs 60 profile --json t.db >p.json
is "it ends well" 0 $?

# row FIELD NAME
row()
{
	jq -r --arg name "$2" ".rows[] | select(.what == \$name) | .$1" p.json
}

echo "sums"
for call in write read wait4 openat execve; do
	is "$call is counted as SQL counts it" \
		"$(sqlite3 t.db "select count(*) from syscall where name = '$call'")" \
		"$(row count $call | sed 's/^$/0/')"
	# SQL's ends with the result, the profile's with the return to ring 3.
	holds "$call takes no less" test "$(row total $call)" -ge \
		"$(sqlite3 t.db "select sum(duration) from syscall where name = '$call'")"
done
holds "user, kernel and idle are all there is" jq -e '.error == 0 and
	.elapsed == .user + .kernel + .idle' p.json
holds "a row's parts are no more than the whole" jq -e 'all(.rows[];
	.self + .nested + .blocked + .ready <= .total)' p.json
holds "percentiles are in order" jq -e 'all(.rows[];
	.p50 <= .p90 and .p90 <= .p99 and .p99 <= .p99_9 and .p99_9 <= .max)' p.json
holds "cat waited for the pipe" jq -e \
	'any(.waits[]; .for == "data in a pipe" and .total > 0)' p.json
holds "the sleep is a wait for a timer" jq -e \
	'any(.waits[]; .for == "a timer" and .longest >= 50000000)' p.json
longest=$(row longest_event wait4)
holds "the longest call is where it says" test "$(row max wait4)" -ge \
	"$(sqlite3 t.db "select duration from syscall where id = $longest")"

echo "pictures"
rs 60 profile --folded --flame f.svg t.db >folded
is "folded stacks sum to all of the time" "$(jq .elapsed p.json)" \
	"$(awk '{ sum += $NF } END { printf "%d", sum }' folded)"
holds "the flame graph is well-formed" xmllint --noout f.svg
holds "ring 3 and a nested fault are in it" bash -c \
	'grep -q "(ring 3)" f.svg && grep -q ";access;page fault \|;[a-z]*;page fault " folded'

echo "views and bad input"
for by in program thread fault irq path; do
	holds "by $by" bash -c "'$ringscope' profile --by $by --json t.db | jq -e '.rows | length > 0'"
done
holds "one call only" bash -c "'$ringscope' profile --call read --json t.db | jq -e '.rows | length == 1'"
rs 60 profile --by nosuch t.db >/dev/null 2>&1
is "by what there is not" 2 $?
rs 60 profile nosuch.db >/dev/null 2>&1
is "no file" 2 $?

finish
