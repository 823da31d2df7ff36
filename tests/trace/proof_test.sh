#!/usr/bin/env bash
# What `ringscope info` states about a recording: that nothing is missing, that each CPU's
# time is accounted for, how far apart the clocks are; and that every command tells of loss.
source "$(dirname "$0")/lib.sh"
work='i=0; while [ $i -lt 40 ]; do i=$((i+1)); ls /proc/self | cat >/dev/null; done'

# fact WANTED EXPRESSION: of the JSON that info printed.
fact()
{
	is "$2" "$1" "$(jq -c "$2" info.json)"
}

echo "an exact recording"
rs 60 run --exact -o e.db -- busybox sh -c "$work" </dev/null >/dev/null 2>err
is "exit status" 0 $?
rs 60 info --json e.db >info.json 2>err
is "info: 0" 0 $?
is "and without a word" "" "$(cat err)"
fact '[true,0,0,0]' '[.identity_holds, .sequence_gaps, .lost, .missing]'
fact true '[.events_by_cpu[]] == []'
fact true '[.events[] | .emitted == .stored + .lost + .filtered + .missing] | all'
# Instructions do not depend on the machine: this is not a matter of its speed.
fact true '[.per_cpu[] | .user_ns + .kernel_ns + .idle_ns - .elapsed_ns - .error_ns | fabs <= 3] | all'
fact true '[.per_cpu[] | (.error_ns | fabs) < .elapsed_ns / 100] | all'

echo "on 4 CPUs"
rs 60 run --cpus 4 -o t.db -- busybox sh -c "$work; $work & $work & sleep 1; wait" </dev/null >/dev/null 2>err
is "exit status" 0 $?
rs 60 info --json t.db >info.json 2>err
fact '[true,0,0,0]' '[.identity_holds, .sequence_gaps, .lost, .missing]'
fact true '[.events_by_cpu[] | .emitted == .stored + .lost + .filtered + .missing] | all'
fact true '([.events_by_cpu[].emitted] | add) == .emitted'
fact true '[.per_cpu[] | .error_ns != null and .elapsed_ns > 0] | all'
fact true '.clock_pairs >= 2 and .clock_error_ns > 0'
# A guest that answers late makes the bound wide, never wrong.
fact true '(.clock_drift_ppm | fabs) <= .clock_drift_error_ppm'
cp t.db wrong.db
off=$(jq "3 * (.clock_drift_error_ppm + (.clock_drift_ppm | fabs)) | ceil" info.json)
sqlite3 wrong.db "UPDATE clock SET tsc = tsc + (tsc - (SELECT min(tsc) FROM clock)) * $off / 1000000"
rs 60 info --json wrong.db >info.json 2>err
is "a clock that is off by three times that is not within it" false \
	"$(jq '(.clock_drift_ppm | fabs) <= .clock_drift_error_ppm' info.json)"

echo "a slow machine and rings of 8 and 16 KiB"
# An instruction takes a microsecond, so that the host is late with each answer.
for ring in 2x4 4x4; do
	rs 100 run --ring $ring --qemu -icount --qemu shift=10,sleep=off -o slow.db -- \
		busybox sh -c 'echo hello | cat' </dev/null >/dev/null 2>err
	rs 60 info --json slow.db >info.json 2>err
	fact '[true,0,0,0]' '[.identity_holds, .sequence_gaps, .lost, .missing]'
done

echo "a recorder that stands still while a CPU waits for it"
"$ringscope" run --ring 4x4 -o still.db -- \
	busybox sh -c "echo begun; exec busybox dd if=/dev/zero of=/dev/null bs=1 count=200000" </dev/null >out 2>err &
recorder=$!
until grep -q begun out; do sleep 0.02; done
kill -STOP $recorder
sleep 4
kill -CONT $recorder
wait $recorder
is "exit status" 0 $?
rs 60 info --json still.db >info.json 2>err
fact '[true,0,0,0]' '[.identity_holds, .sequence_gaps, .lost, .missing]'

echo "put away"
rs 60 info --json t.db >before.json 2>/dev/null
rs 60 view --linear t.db >before.txt
before=$(rs 60 sql t.db "SELECT count(*), sum(duration) FROM syscall; SELECT count(*), sum(time) FROM event; SELECT sum(count) FROM way")
size=$(stat -c %s t.db)
rs 60 pack t.db >out 2>err
is "pack: 0" "0 " "$? $(cat err)"
holds "it is a third of what it was, or less" test $(($(stat -c %s t.db) * 3)) -lt "$size"
is "it answers the same" "$before" "$(rs 60 sql t.db "SELECT count(*), sum(duration) FROM syscall; SELECT count(*), sum(time) FROM event; SELECT sum(count) FROM way")"
rs 60 info --json t.db >after.json 2>/dev/null
same "info says the same" before.json after.json
cp t.db damaged.db
sqlite3 damaged.db "UPDATE block SET data = x'00' WHERE id = 3; SELECT changes()" >out
is "a block of it is damaged" 1 "$(cat out)"
rs 60 info --json damaged.db >after.json 2>/dev/null
same "info does not decode it for that" before.json after.json
rs 60 view --linear t.db >after.txt
same "the viewer shows calls in the same words" before.txt after.txt
trace=t.db
sql "SQLite finds no damage" ok 'PRAGMA integrity_check'
rs 60 pack d0.db >out 2>err
is "no such file: 2" 2 $?

echo "loss"
rs 60 run --mode drop --ring 2x4 -o d.db -- busybox sh -c "$work" </dev/null >/dev/null 2>err
is "exit status" 0 $?
lost=$(sqlite3 d.db "SELECT sum(lost) FROM counter")
holds "some was lost ($lost)" test "$lost" -gt 0
calls=$(sqlite3 d.db "SELECT sum(lost) FROM counter WHERE name = 'syscall_enter'")
for command in info report strace profile crash "sql --csv" export; do
	case $command in
	sql*) rs 60 $command d.db 'SELECT 1' >/dev/null 2>err ;;
	export) rs 60 export --to csv --force -o d.csv d.db >/dev/null 2>err ;;
	*) rs 60 $command d.db >/dev/null 2>err ;;
	esac
	one_line "$command tells of it" err "^ringscope: d.db: $lost of .* records are missing \\($lost ring full\\): .* by $calls calls,"
done
rs 60 diff d.db d.db >/dev/null 2>err
is "diff: not comparable" 3 $?
one_line "and says why" err "$lost events were lost"
rs 60 diff --force d.db d.db >/dev/null 2>err
is "with --force it is compared, and each side's loss told" 2 \
	"$(grep -c "^ringscope: d.db: $lost of .* records are missing" err)"
rs 60 report --json d.db >report.json 2>/dev/null
is "report gives bounds" true "$(jq "[.bounds[] | select(.event == \"syscall_enter\")][0] |
	.at_most - .at_least == $calls" report.json)"
is "their upper end is what was emitted" "$(sqlite3 d.db "SELECT sum(emitted) FROM counter WHERE name = 'page_fault'")" \
	"$(jq '[.bounds[] | select(.event == "page_fault")][0].at_most' report.json)"
is "of each program, and of crossings" "true true" "$(jq -r "([.programs[] | select(.calls != null) | .calls_at_most - .calls == $calls] | all),
	([.crossings[] | .at_most - .count >= $calls] | all)" report.json | xargs)"
is "times: what is sure is the part before a gap" true "$(jq "[.syscalls[] |
	.total_at_least_ns == null or .total_at_least_ns <= .total_ns] | all" report.json)"
is "as SQL has it" "$(sqlite3 d.db "SELECT sum(min(duration, coalesce((SELECT min(after_time) FROM loss
	WHERE after_time >= enter), exit) - enter)) FROM syscall WHERE name = 'write'")" \
	"$(jq '.syscalls[] | select(.call == "write").total_at_least_ns' report.json)"
rs 60 profile --json d.db >profile.json 2>/dev/null
is "profile says how many more there may be" "$lost $calls" \
	"$(jq -r '"\(.lost) \(.more_at_most.syscall_enter)"' profile.json)"
rs 60 profile d.db 2>/dev/null >profile.txt
holds "and marks what it adds up" grep -q '^ *>=count *>=errors *~total ' profile.txt
holds "who waited for whom, too" grep -q '^ *>=count *~total *~longest ' profile.txt
is "of each row, too" true "$(jq "[.syscalls[] | .at_most - .count == $calls] | all" report.json)"
is "where: between blocks, in order of time" 0 "$(sqlite3 d.db "SELECT count(*) FROM loss
	WHERE after_sequence IS NULL OR before_time < after_time")"

echo "bounds: what a whole recording says is within those of the same with blocks missing"
rs 60 run --cpus 2 --ring 64x4 -o whole.db -- busybox sh -c \
	'for i in 1 2 3; do seq 1 100 | sort -rn | head -n 3 | tr a b; done; (sleep 0.1; echo x) | cat' \
	</dev/null >/dev/null 2>err
rs 60 report --json whole.db >whole.json
is "a whole recording has no bounds" "0 0" "$(jq -r '"\(.unknown | length) \([.syscalls[] | select(has("total_at_most_ns"))] | length)"' whole.json)"
last=$(sqlite3 whole.db "SELECT max(id) FROM block")
for missing in 2 $((last / 2)) "$((last / 3)), $((last * 2 / 3))" $((last - 1)); do
	cp whole.db part.db
	sqlite3 part.db "DELETE FROM block WHERE id IN ($missing);
		DELETE FROM meta WHERE name IN ('decoded', 'events', 'duration', 'identity')"
	rs 60 report --json part.db >part.json 2>/dev/null
	is "calls, without $missing of $last" "true true" "$(jq -r --slurpfile whole whole.json '.syscalls as $part |
		[$whole[0].syscalls[] | . as $w | $part[] | select(.call == $w.call) |
			(.total_at_least_ns // 0) <= ($w.total_ns // 0) and .total_at_most_ns >= ($w.total_ns // 0)] |
		"\(all) \(length > 5)"' part.json)"
	is "and no thread ran longer" "" "$(sqlite3 part.db "ATTACH 'whole.db' AS whole;
		SELECT p.tid, p.running, sum(w.running) FROM (SELECT tid, sum(running) AS running FROM thread GROUP BY tid) p
			JOIN whole.thread w USING (tid) GROUP BY tid HAVING p.running > sum(w.running) + 1000" | head -n 5)"
	is "faults" "true true" "$(jq -r --slurpfile whole whole.json '.page_faults as $part |
		[$whole[0].page_faults[] | . as $w | $part[] | select(.cause == $w.cause) |
			.total_at_least_ns <= ($w.total_ns // 0) and .total_at_most_ns >= ($w.total_ns // 0)] |
		"\(all) \(length > 2)"' part.json)"
	is "interrupts and exceptions" "true true" "$(jq -r --slurpfile whole whole.json '.traps as $part |
		[$whole[0].traps[] | . as $w | $part[] | select(.kind == $w.kind and .vector == $w.vector) |
			(.total_at_least_ns // 0) <= ($w.total_ns // 0) and .total_at_most_ns >= ($w.total_ns // 0)] |
		"\(all) \(length > 1)"' part.json)"
done
rs 60 report part.db >part.txt 2>/dev/null
holds "report marks what is not exact" grep -q '>=count .*>=errors .*~total .*~mean .*~max ' part.txt
finish
