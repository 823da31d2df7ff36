#!/usr/bin/env bash
# Rules of `w` (viewer/why.def): each explains an event that SQL names in a recording of a
# program that is known to cause it.
# Timeout: 400
source "$(dirname "$0")/lib.sh"

# record NAME COMMAND...: what it comes to is not this test's matter.  Its stdin: $input.
record()
{
	local name=$1
	shift
	rs 100 run -o "$name.db" "$@" <"${input:-/dev/null}" >"$name.out" 2>&1
	[ -e "$name.db" ] || bad "$name is recorded" "$(tail -n 3 "$name.out")"
}
for program in null_call bad_pointer demand_zero copy_on_write stack_overflow null_pointer \
	protection preempt_spinner zombie_wait exec_chain signal_handler; do
	record "$program" --cpus 1 -- "$build/user/$program"
done
record turns --cpus 1 -- "$build/user/pipe_pingpong"
record pipe_pingpong --cpus 2 -- "$build/user/pipe_pingpong"
record thread_futex --cpus 2 -- "$build/user/thread_futex"
record abi --cpus 1 -- "$build/user/abi" thread_name scheduler_yields calls_that_do_not_exist \
	stop_and_continue signal_interrupts_read signal_restarts_read vectors_over_context_switches
# Two CPUs have to be at a page at once, which is luck: until they were.
for ((tries = 0; tries < 20; tries++)); do
	record smp --cpus 2 -- "$build/user/guest" smp_fork_under_writers smp_mapping_replaced \
		smp_protection_taken smp_futex_contention smp_unmap_contention
	[ "$("$ringscope" sql --mode list smp.db "SELECT count(*) FROM page_fault
		WHERE pid > 1 AND cause = 'already mapped'")" = 0 ] || break
done
record pressure --memory 128 -- "$build/user/guest" pressure_hog_is_ended
record narrow --ring 4x4 -- "$build/user/null_call" 20000
record functions --exact --functions 'read:*' --stacks read --stack-bytes 16384 -- \
	bash -c 'read line </etc/passwd'
record late --filter 'call=open result<0' -- busybox cat /nowhere
record flight --mode flight --keep 1M --trigger 'signal SIGSEGV' -- busybox sh -c \
	'i=0; while [ $i -lt 30000 ]; do echo; i=$((i + 1)); done >/dev/null; kill -SEGV $$'
# A device answers while its thread is still about to wait for it: often, with files of the host.
record host -- sh -c 'cat /usr/bin/* | head -c 4000000 | wc -c'
record broken_pipe -- busybox sh -c 'busybox yes | busybox head -n 1'
record panic --inject --watchdog 2 -- busybox sh -c 'echo opcode >/proc/ringscope'
# An NMI once the guest is up; it ends when QEMU has answered what came after that.
mkfifo mon.in mon.out go
exec 3<>mon.in 4<>mon.out 5<>go
{
	until grep -q up nmi.out; do sleep 0.05; done
	printf 'nmi\ninfo status\n' >&3
	grep -q -m 1 'VM status' <&4
	echo >&5
} 2>/dev/null &
writer=$!
input=go record nmi --qemu -chardev --qemu "pipe,id=m,path=$PWD/mon" --qemu -mon \
	--qemu chardev=m,mode=readline -- busybox sh -c 'echo up; read line'
kill $writer 2>/dev/null
wait $writer 2>/dev/null
exec 3>&- 4>&- 5>&-

tested=()
# rule RULE TRACE SQL: the event that SQL names is explained by that rule.
rule()
{
	local event
	event=$("$ringscope" sql --mode list "$2.db" "SELECT $3 LIMIT 1" 2>/dev/null | head -n 1)
	LANG=C.UTF-8 timeout 60 "$ringscope" view --export why.txt --press w --event "${event:-0}" \
		"$2.db" 2>/dev/null
	holds "$1 explains event ${event:-?} of $2" grep -q "why: rule $1 " why.txt
	tested+=("$1")
}
ended='exit_event FROM page_fault WHERE pid > 1 AND cause'
switched='id FROM context_switch WHERE prev > 1 AND reason'
trap='id FROM trap WHERE kind'

echo "system calls"
rule R01 null_call "id FROM syscall WHERE name = 'getppid'"
rule R03 null_call "exit_event FROM syscall WHERE name = 'getppid' AND exit_way = 1"
rule R02 bad_pointer "exit_event FROM syscall WHERE error = 'EFAULT' AND exit_way = 1"
rule R04 broken_pipe "id FROM ev_syscall_result WHERE f_result = -32" # EPIPE, and then SIGPIPE
rule R85 abi "id FROM ev_syscall_result WHERE f_result = -512" # to be called again
rule R05 signal_handler "exit_event FROM syscall WHERE name IN ('kill', 'tkill', 'tgkill') AND exit_way = 0 AND result = 0"
rule R06 exec_chain "id FROM ev_user_enter WHERE f_way = 2"
rule R07 turns "id FROM ev_user_enter WHERE f_way = 1"
rule R08 exec_chain "id FROM ev_syscall_data WHERE f_what = 1 AND pid > 1"
rule R84 pipe_pingpong "id FROM ev_syscall_data WHERE f_what = 5 AND pid > 1"
rule R09 abi "id FROM ev_syscall_absent"

echo "page faults"
rule R10 demand_zero "id FROM page_fault WHERE user = 1"
rule R11 bad_pointer "id FROM page_fault WHERE user = 0"
rule R12 demand_zero "$ended = 'demand zero'"
rule R13 demand_zero "$ended = 'file page'"
rule R14 copy_on_write "$ended = 'copy on write'"
rule R15 copy_on_write "$ended = 'copy on write, last owner'"
rule R16 stack_overflow "$ended = 'stack growth'"
rule R17 smp "$ended = 'already mapped'"
rule R18 bad_pointer "exit_event FROM page_fault WHERE cause = 'bad user pointer in a call'"
rule R20 pressure "$ended = 'out of memory'"
rule R21 null_pointer "$ended = 'nothing mapped here'"

echo "exceptions, interrupts"
rule R30 protection "$trap = 'exception' AND user = 1"
rule R32 preempt_spinner "$trap = 'interrupt' AND user = 1 AND vector = 32"
rule R33 smp "$trap = 'interrupt' AND user = 1 AND vector <> 32"
rule R34 null_call "id FROM ev_interrupt WHERE f_user = 0 AND tid > 0"
rule R43 host "id FROM ev_interrupt WHERE tid = 0"
rule R35 preempt_spinner "exit_event FROM trap WHERE kind = 'interrupt' AND user = 1 AND exit_way = 2"
rule R36 preempt_spinner "exit_event FROM trap WHERE kind = 'interrupt' AND exit_way = 0"
rule R37 pipe_pingpong "exit_event FROM trap WHERE kind = 'interrupt' AND exit_way = 3"
rule R38 protection "exit_event FROM trap WHERE kind = 'exception' AND user = 1"
rule R39 nmi "id FROM ev_nmi"
rule R40 nmi "id FROM ev_nmi_end"
rule R41 pipe_pingpong "id FROM ev_ipi"
rule R42 smp "id FROM ev_tlb_shootdown"

echo "scheduling"
rule R50 pipe_pingpong "id FROM context_switch WHERE next = 0"
rule R51 turns "$switched = 'blocked' AND next > 0"
rule R52 preempt_spinner "$switched = 'preempted'"
rule R53 zombie_wait "$switched = 'exited' AND next > 0"
rule R54 zombie_wait "id FROM context_switch WHERE reason = 'idle CPU found work'"
rule R55 abi "id FROM context_switch WHERE reason = 'stopped by a signal' AND next > 0"
rule R56 abi "id FROM context_switch WHERE reason = 'yielded'"
rule R57 copy_on_write "id FROM wakeup WHERE wait = 'its first run'"
rule R59 pipe_pingpong "id FROM wakeup WHERE wait = 'data in a pipe' AND waker <> tid"
rule R61 host "id FROM wakeup WHERE waker = tid"
rule R60 smp "id FROM ev_migrate"

echo "processes, signals"
rule R70 null_call "id FROM ev_thread_create WHERE f_kernel = 1"
rule R71 thread_futex "id FROM ev_thread_create WHERE f_tid <> f_pid AND f_kernel = 0"
rule R72 copy_on_write "id FROM ev_thread_create WHERE f_tid = f_pid AND f_parent > 0 AND f_flags & 256 = 0"
rule R62 exec_chain "id FROM ev_thread_create WHERE f_tid = f_pid AND f_flags & 256 > 0"
rule R63 null_call "id FROM ev_thread_create WHERE f_kernel = 0 AND f_parent = 0"
rule R73 thread_futex "id FROM ev_thread_exit"
rule R74 zombie_wait "id FROM ev_process_exit"
rule R75 exec_chain "id FROM ev_exec"
rule R76 abi "id FROM ev_thread_name WHERE pid > 1"
rule R77 zombie_wait "id FROM ev_reap"
rule R80 signal_handler "id FROM signal WHERE what = 'sent'"
rule R81 null_pointer "id FROM signal WHERE what = 'delivered'"
rule R82 signal_handler "id FROM signal WHERE what = 'delivered' AND handler > 0"
rule R83 signal_handler "id FROM ev_signal_return"
rule R86 null_pointer "id FROM ev_fatal_state"
rule R87 null_pointer "id FROM ev_core_dump"

echo "memory, the recorder, the machine"
rule R90 demand_zero "id FROM ev_map WHERE pid > 1"
rule R91 demand_zero "id FROM ev_unmap"
rule R92 thread_futex "id FROM ev_protect WHERE pid > 1"
rule R93 pressure "id FROM ev_oom_kill"
rule R64 late "id FROM ev_syscall_late"
rule R65 flight "id FROM ev_thread_alive"
rule R66 late "id FROM ev_trace_rules"
rule R67 flight "id FROM ev_trace_trigger"
rule R68 functions "id FROM ev_function_enter"
rule R69 functions "id FROM ev_function_exit"
rule R94 functions "id FROM ev_function_cost"
rule R78 functions "id FROM ev_stack"
rule R79 functions "id FROM ev_stack_more"
rule R95 narrow "id FROM ev_trace_wait"
rule R96 panic "id FROM ev_log"
rule R97 panic "id FROM ev_panic"
rule R98 null_call "id FROM ev_cpu_online"
rule R99 null_call "id FROM ev_device_io"

echo "none is left out"
is "the rules of why.def" \
	"$(sed -n 's/^WHY("\(R[0-9]*\)".*/\1/p' "$(dirname "$0")/../../viewer/why.def" | sort | tr '\n' ' ')" \
	"$(printf '%s\n' "${tested[@]}" | sort | tr '\n' ' ')"
finish
