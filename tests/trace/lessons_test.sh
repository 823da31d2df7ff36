#!/usr/bin/env bash
# The programs of user/: the same output and status on Linux and in the guest, and in
# the trace what their heads promise.  The lessons of the viewer: each finds its events
# and its answers in three different recordings, and grades a person.
# Timeout: 300
# Processors: 1
source "$(dirname "$0")/lib.sh"

export XDG_STATE_HOME=$PWD/state
lessons=()
for program in "$build"/user/*; do
	name=${program##*/}
	case $name in
	init | abi | abi_pie | deaths | guest | stress) ;;
	planted) ;; # no lesson
	lost_update) ;; # loses now and then: seeds_test.sh
	*) [ ! -f "$program" ] || [ ! -x "$program" ] || lessons+=("$name") ;;
	esac
done
[ ${#lessons[@]} -ge 12 ] || bad "a dozen lessons" "${lessons[*]}"

for name in "${lessons[@]}"; do
	(timeout -k 5 20 "$build/user/$name" </dev/null >"$name.linux" 2>&1) 2>/dev/null
	wanted=$?
	rs 60 run -o "$name.db" --cpus 1 -- "$build/user/$name" </dev/null >"$name.guest" 2>&1
	is "$name: status" "$wanted" $?
	[ "$name" != slow_update ] || sed -i 's/: [0-9]*/: N/' "$name".{linux,guest} # its subject
	same "$name: output" "$name.linux" "$name.guest"
done

echo "what the trace shows"
lesson='pid > 1'
trace=null_call.db
sql "null_call: 1001 calls of getppid" 1001 "SELECT count(*) FROM syscall WHERE name = 'getppid'"
trace=demand_zero.db
sql "demand_zero: 64 faults in its mapping" 64 "SELECT count(DISTINCT f.frame) FROM page_fault f
	JOIN syscall m ON m.name = 'mmap' AND m.arg1 = 64 * 4096 AND m.pid = f.pid
	WHERE f.addr >= m.result AND f.addr < m.result + m.arg1 AND f.cause = 'demand zero'"
trace=copy_on_write.db
sql "copy_on_write: four copies" 4 "SELECT count(*) FROM page_fault f
	JOIN syscall m ON m.name = 'mmap' AND m.arg1 = 8 * 4096
	WHERE f.addr >= m.result AND f.addr < m.result + m.arg1 AND f.cause = 'copy on write'
		AND f.pid <> m.pid"
trace=pipe_pingpong.db
sql "pipe_pingpong: it blocks on the pipe" 1 "SELECT count(*) >= 100 FROM context_switch
	WHERE reason = 'blocked' AND wait = 'data in a pipe'"
trace=signal_handler.db
sql "signal_handler: two handlers, two returns" "2|2" "SELECT
	(SELECT count(*) FROM signal WHERE what = 'delivered' AND handler <> 0),
	(SELECT count(*) FROM syscall WHERE name = 'rt_sigreturn')"
trace=thread_futex.db
sql "thread_futex: two threads, one process" 2 "SELECT count(*) FROM thread
	WHERE kernel = 0 AND $lesson AND pid IN (SELECT pid FROM thread GROUP BY pid HAVING count(*) = 2)"
trace=shared_memory.db
sql "shared_memory: one frame, two processes" 1 "SELECT count(DISTINCT f.frame) FROM page_fault f
	JOIN syscall m ON m.name = 'mmap' AND m.arg1 = 4 AND m.pid > 1
	WHERE f.pid > 1 AND f.addr / 4096 = m.result / 4096"
trace=process_memory.db
sql "process_memory: read once, while the other one sleeps" "32|1" "SELECT max(result), count(*)
	FROM syscall WHERE name = 'process_vm_readv'"
trace=protection.db
sql "protection: three faults not permitted, one of them on the kernel" "3|1" "SELECT count(*),
	count(*) FILTER (WHERE addr > 1 << 62 OR addr < 0) FROM page_fault
	WHERE pid > 1 AND cause IN ('not permitted', 'nothing mapped here')"
trace=preempt_spinner.db
sql "preempt_spinner: the spinner is preempted" 1 "SELECT count(*) > 0 FROM context_switch
	WHERE reason = 'preempted'"
trace=stack_overflow.db
sql "stack_overflow: the stack grew" 1 "SELECT count(*) BETWEEN 8 AND 64 FROM page_fault
	WHERE cause = 'stack growth'"
trace=exec_chain.db
sql "exec_chain: four programs in one process" 4 "SELECT count(*) FROM program
	WHERE path IS NOT NULL AND $lesson"
trace=bad_pointer.db
sql "bad_pointer: five times EFAULT" 5 "SELECT count(*) FROM syscall WHERE error = 'EFAULT'"
trace=vfork_exec.db
sql "vfork_exec: the parent waits for the child" 1 "SELECT count(*) > 0 FROM context_switch
	WHERE wait = 'the vfork child' AND prev > 1"
trace=zombie_wait.db
sql "zombie_wait: status 7" 1 "SELECT count(*) FROM process WHERE status = 7 << 8"

echo "what the viewer teaches"
# NAME of a lesson, PROGRAM of user/ that it records.
programs=$(sed -n 's/^run  *\([a-z_]*\).*/\1/p' "$(dirname "$0")"/../../viewer/lessons/*.lesson | sort -u)
for program in $programs; do
	case $program in
	preempt_spinner | fair_share) other='--seed 7 --memory 256' ;; # two CPUs: nobody has to wait
	*) other='--seed 7 --cpus 2' ;;
	esac
	rs 60 run $other -o "$program.2.db" -- "$build/user/$program" </dev/null >/dev/null 2>&1
	rs 60 run --exact --seed 3 -o "$program.3.db" -- "$build/user/$program" </dev/null >/dev/null 2>&1
done
count=0
for file in "$(dirname "$0")"/../../viewer/lessons/*.lesson; do
	name=$(basename "$file" .lesson)
	program=$(sed -n 's/^run  *\([a-z_]*\).*/\1/p' "$file")
	count=$((count + 1))
	for trace in "$program.db" "$program.2.db" "$program.3.db"; do
		holds "$name on $trace" timeout 30 "$ringscope" lesson --check --trace "$trace" "$name"
	done
done
[ "$count" -ge 12 ] || bad "a dozen lessons to teach" "$count"
is "all of them are listed" "$count" "$("$ringscope" lesson | grep -c '^  [a-z]')"

traces=$(printf -- '--trace slow_update%s.db ' '' .2 .3)
answers=$(printf 'b\nnonsense\nb\n99\n!\n')
"$ringscope" lesson --linear $traces lost_update <<<"$answers" >linear.txt
is "a lesson in lines: status" 0 $?
is "a lesson in lines: its four questions" 4 "$(grep -c '^Question: ' linear.txt)"
holds "a lesson in lines: no answer is called so" grep -q 'That is no answer' linear.txt
holds "a lesson in lines: graded" grep -q '^Done: 2 of 4 right' linear.txt
holds "a lesson in lines: the outcomes" grep -qE '^  [0-9]+: [0-9] of the recordings' linear.txt
holds "the score is kept" grep -qP '^lost_update\t2\t4\t' state/ringscope/lessons
"$ringscope" lesson >list.txt
holds "the score is listed" grep -q 'lost_update .* 2/4$' list.txt
rs 60 lesson --check --run '--seed 5' round_trip >made.txt 2>&1
is "a lesson records its own program" 0 $?
holds "a lesson says what it records" grep -q 'ringscope run --seed 5 -- null_call 50' made.txt
printf 'title x\nrun null_call\nstep\nask y\nanswer absent\ntell z\n' >bad.lesson
is "a mistake is named with its line" "ringscope: bad.lesson:5: no such column: absent" \
	"$("$ringscope" lesson --check --trace null_call.db bad.lesson 2>&1)"
"$ringscope" lesson no_such_lesson 2>/dev/null </dev/null
is "no such lesson: status" 2 $?
finish
