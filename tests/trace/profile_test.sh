#!/usr/bin/env bash
# ringscope profile: its sums are those of SQL, of the guest's own counts, of each other.
# Timeout: 200
# Processors: 1
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

holds "whose time adds up to what the CPUs spent" jq -e \
	'([.shares[] | .user + .kernel] | add) as $threads | .user + .kernel - $threads >= 0 and
	 ([.shares[] | .user] | add) == .user' p.json
holds "without its records a row is no dearer" jq -e 'all(.rows[];
	.untraced >= 0 and .untraced <= .self and .records >= .count)' p.json
holds "a record costs something, and all of them less than everything" jq -e '.record_ns > 0 and
	.records * .record_ns < .user + .kernel' p.json
rs 60 profile --by process --json t.db >process.json
is "by process: all that is there by call" "$(jq '[.rows[].count, .rows[].self] | add' p.json)" \
	"$(jq '[.rows[].count, .rows[].self] | add' process.json)"
rs 60 profile --by file --json t.db >file.json
is "by file: what was asked of /nosuch" \
	"$(sqlite3 t.db "select count(*) from syscall where name = 'openat' and args like '%\"/nosuch\"%'")" \
	"$(jq '.rows[] | select(.what == "/nosuch") | .count' file.json)"
holds "by file: pipes by what made them" jq -e 'any(.rows[]; .what == "a pipe2" or .what == "a pipe")' file.json

echo "pictures"
rs 60 profile --folded --flame f.svg --heatmap h.svg t.db >folded
is "folded stacks sum to all of the time" "$(jq .elapsed p.json)" \
	"$(awk '{ sum += $NF } END { printf "%d", sum }' folded)"
holds "the flame graph is well-formed" xmllint --noout f.svg
holds "the heat map, too" xmllint --noout h.svg
is "with each call and fault in one of its cells" "$(jq '[.rows[].count] | add' p.json)" \
	"$(grep -o '<title>[0-9]*' h.svg | grep -o '[0-9]*' | awk '{ sum += $1 } END { print sum }')"
holds "ring 3 and a nested fault are in it" bash -c \
	'grep -q "(ring 3)" f.svg && grep -q ";access;page fault \|;[a-z]*;page fault " folded'

echo "a range, in the times that the viewer prints"
# seconds NS
seconds()
{
	printf '%d.%09d\n' $(($1 / 1000000000)) $(($1 % 1000000000))
}
middle=$(sqlite3 t.db "select enter from syscall order by id limit 1 offset (select count(*) / 2 from syscall)")
rs 60 profile --json --to "$(seconds "$middle")" t.db >p.json
for call in write read; do
	is "$call before it, as SQL counts it" \
		"$(sqlite3 t.db "select count(*) from syscall where name = '$call' and enter < $middle")" \
		"$(row count $call | sed 's/^$/0/')"
done
before=$(jq '[.rows[].count] | add' p.json) elapsed=$(jq .elapsed p.json)
rs 60 profile --json --from "$(seconds "$middle")" t.db >p.json
is "and from it on are all" "$(rs 60 profile --json t.db | jq '([.rows[].count] | add), .elapsed' | tr '\n' ' ')" \
	"$((before + $(jq '[.rows[].count] | add' p.json))) $((elapsed + $(jq .elapsed p.json))) "
rs 60 profile --json --from "$middle"ns --to "$((middle + 1))"ns t.db >p.json
holds "one ns: what began in it" jq -e "[.rows[].count] | add >= 1" p.json
holds "user, kernel and idle are all of it" jq -e '.elapsed > 0 and .elapsed == .user + .kernel + .idle' p.json
rs 60 profile --from "$(seconds "$middle")" --heatmap h.svg t.db >out
holds "the picture begins there, too" grep -q "<text x=\"90\" y=\"[0-9]*\">$middle</text>" h.svg
for bad in '--from x' '--from 1s,' '--to -1' '--to 0' '--from 2s --to 1s' '--from 9999' '--from 1ns --path all'; do
	# shellcheck disable=SC2086
	rs 60 profile $bad t.db >out 2>err
	is "bad: $bad" "2 0 1" "$? $(wc -c <out) $(wc -l <err)"
done

echo "views and bad input"
for by in program process thread fault irq path file; do
	holds "by $by" bash -c "'$ringscope' profile --by $by --json t.db | jq -e '.rows | length > 0'"
done
rs 60 run -o f.db -- "$build/user/thread_futex" 20 </dev/null >/dev/null
holds "by lock: the word that the threads wait for" bash -c "'$ringscope' profile --by lock --json f.db |
	jq -e 'any(.rows[]; (.what | startswith(\"thread_futex, futex 0x\")) and .blocked > 0)'"
holds "one call only" bash -c "'$ringscope' profile --call read --json t.db | jq -e '.rows | length == 1'"
rs 60 profile --by nosuch t.db >/dev/null 2>&1
is "by what there is not" 2 $?
rs 60 profile nosuch.db >/dev/null 2>&1
is "no file" 2 $?

finish
