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

# storm NAME ROUNDS SECONDS: interrupts on 4 CPUs while everything is recorded.
storm()
{
	run_counted "$3" "$1" --cpus 4 -- "$build/oracle_storm" "$2" >output 2>errors </dev/null
	is "the storm came, and harmed nobody" "storm 0" "$(cat output)"
	counts_equal "$1"
	trace=$1.db
	sql "nothing is lost, all is accounted for" "0|1" "SELECT (SELECT count(*) FROM loss),
		(SELECT value FROM meta WHERE name = 'identity')"
}

echo "interrupts"
storm some 1000 250
sql "every CPU had some, a hundred in all" "4|1" "SELECT count(*), sum(emitted) > 100 FROM counter
	WHERE name = 'interrupt' AND emitted > 0"
echo "interrupts, rings of 8 KiB"
rs 250 run -o small.db --cpus 4 --ring 2x4 -- "$build/oracle_storm" 1000 >output 2>errors </dev/null
is "the storm came, and harmed nobody" "storm 0" "$(cat output)"
trace=small.db
sql "what an interrupt found no room for is counted: the identity is exact" 1 \
	"SELECT value FROM meta WHERE name = 'identity'"
sql "and each loss located" 0 "SELECT count(*) FROM loss WHERE count IS NULL OR after_sequence IS NULL"
if [ -n "${RINGSCOPE_LONG:-}" ]; then
	echo "ten million crossings"
	storm large 100000 900
	run_counted 900 many --cpus 4 --tables none --add "$build/user/null_call:/bin/null_call" -- \
		busybox sh -c 'for i in 1 2 3 4; do null_call 1300000 & done; wait' >output 2>errors </dev/null
	counts_equal many
	trace=many.db
	sql "they are ten million" 1 "SELECT sum(emitted) >= 10000000 FROM counter
		WHERE name IN ('syscall_enter', 'syscall_return')"
	sql "nothing is lost, all is accounted for" "0|1" "SELECT (SELECT count(*) FROM loss),
		(SELECT value FROM meta WHERE name = 'identity')"
fi
finish
