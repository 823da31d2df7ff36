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
	zombie_wait vfork_exec preempt_spinner; do
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

adds=(--add "$PWD/workload.sh:/workload.sh")
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
	"$build/ringscope" info --json "$trace" >info$cpus.json

	executed() { awk -v name="$1" '$1 == name { print $2 }' executed$cpus; }
	recorded() { jq -r ".$1" info$cpus.json; }
	emitted() { sqlite3 "$trace" "SELECT ifnull(sum(emitted), 0) FROM counter WHERE name = '$1'"; }
	equal syscall "$(executed syscall)" "$(recorded syscall_entered)"
	equal sysret "$(executed sysret)" "$(recorded sysret)"
	equal iret "$(executed iret)" "$(recorded iret)"
	for kind in page_fault exception interrupt nmi; do
		equal $kind "$(executed $kind)" "$(emitted $kind)"
	done
done
[ $unequal = 0 ] || exit 1
