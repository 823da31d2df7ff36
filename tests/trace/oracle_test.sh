#!/usr/bin/env bash
# The trace against the CPUs: counts of executed syscall, sysret and iret
# instructions and of exceptions taken, by a QEMU plugin, equal the trace's.
# Timeout: 600
set -euo pipefail
build=$1
user=$build/user

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

# Each IDT stub's first instruction, by what the trace calls the entry.
addresses=$(nm "$build/kernel.elf" | awk '
	$3 ~ /^trap_stub_[0-9]+$/ {
		vector = substr($3, 11) + 0
		name = "interrupt"
		if (vector < 32)
			name = "exception"
		if (vector == 14)
			name = "page_fault"
		if (vector == 2)
			name = "nmi"
		printf ",addr=%s:%s", $1, name
	}')
[ -n "$addresses" ] || { echo "no trap_stub_N in kernel.elf"; exit 1; }

adds=(--add "$PWD/workload.sh:/workload.sh"
	--add "$build/oracle_exceptions:/bin/oracle_exceptions")
for program in "$user"/*; do
	[ ! -f "$program" ] || adds+=(--add "$program:/bin/${program##*/}")
done

# equal WHAT EXECUTED RECORDED
equal()
{
	if [ "$2" = "$3" ] && [ -n "$2" ]; then
		printf '  %-12s %s\n' "$1" "$2"
	else
		printf '  %-12s executed %s, in the trace %s\n' "$1" "$2" "$3"
		unequal=1
	fi
}

unequal=0
for cpus in 1 4; do
	echo "$cpus CPU(s)"
	trace=t$cpus.db
	"$build/ringscope" run -o "$trace" --cpus $cpus "${adds[@]}" \
		--qemu -plugin --qemu "$build/oracle.so,out=executed$cpus$addresses" \
		-- busybox sh /workload.sh >output$cpus 2>errors$cpus </dev/null
	grep -q '^oracle_exceptions 0' output$cpus ||
		{ echo "the workload did not run to its end:"; cat output$cpus errors$cpus; exit 1; }
	"$build/ringscope" info --json "$trace" >info$cpus.json

	executed() { awk -v name="$1" '$1 == name { print $2 }' executed$cpus; }
	recorded() { jq -r ".$1" info$cpus.json; }
	equal syscall "$(executed syscall)" "$(recorded syscall_entered)"
	equal sysret "$(executed sysret)" "$(recorded sysret)"
	equal iret "$(executed iret)" "$(recorded iret)"
	equal page_fault "$(executed page_fault)" "$(recorded page_fault)"
	equal exception "$(executed exception)" "$(recorded exceptions)"
	equal interrupt "$(executed interrupt)" "$(recorded interrupts)"
	equal nmi "$(executed nmi)" "$(recorded nmi)"
	# A switch of address spaces loads CR3; so do exec and TLB flushes, which have no
	# record of their own: the trace cannot have more.
	[ "$(executed cr3_load)" -ge "$(recorded cr3_loads)" ] ||
		{ echo "fewer CR3 loads executed than recorded"; unequal=1; }
done
exit $unequal
