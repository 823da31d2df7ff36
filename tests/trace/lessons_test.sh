#!/usr/bin/env bash
# The programs of user/: the same output and status on Linux and in the guest, and in
# the trace what their heads promise.
# Timeout: 300
source "$(dirname "$0")/lib.sh"

lessons=()
for program in "$build"/user/*; do
	name=${program##*/}
	case $name in
	init | abi | abi_pie | deaths | guest | stress) ;;
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
finish
