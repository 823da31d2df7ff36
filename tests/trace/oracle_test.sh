#!/usr/bin/env bash
# The trace against the CPUs: counts of executed syscall, sysret and iret
# instructions and of exceptions taken, by a QEMU plugin, equal the trace's.
# Timeout: 600
source "$(dirname "$0")/lib.sh"
source "$(dirname "$0")/../oracle/compare.sh"

cat >workload.sh <<'GUEST'
seq 1 500 | sort -rn | tr 0-9 a-j | tail -n 1
trap 'echo signal' USR1
kill -USR1 $$
sleep 5 & kill $!; wait $!
for program in null_call demand_zero copy_on_write pipe_pingpong signal_handler \
	thread_futex shared_memory null_pointer stack_overflow bad_pointer exec_chain \
	zombie_wait vfork_exec preempt_spinner oracle_exceptions; do
	$program
	echo "$program $?"
done
GUEST

adds=(--add "$PWD/workload.sh:/workload.sh"
	--add "$build/oracle_exceptions:/bin/oracle_exceptions")
for program in "$build"/user/*; do
	[ ! -f "$program" ] || adds+=(--add "$program:/bin/${program##*/}")
done

for cpus in 1 4; do
	echo "$cpus CPU(s)"
	run_counted 250 t$cpus --cpus $cpus "${adds[@]}" -- busybox sh /workload.sh \
		>output$cpus 2>errors$cpus </dev/null
	holds "the workload ran to its end" grep -q '^oracle_exceptions 0' output$cpus
	counts_equal t$cpus
done
finish
