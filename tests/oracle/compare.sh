# Runs under the oracle: source it after tests/trace/lib.sh.

# run_counted SECONDS NAME ARGUMENT...: `ringscope run ARGUMENT...` with its trace in
# NAME.db and what the CPUs executed in NAME.executed.
run_counted()
{
	local seconds=$1 name=$2 addresses
	shift 2
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
	[ -n "$addresses" ] || bad "no trap_stub_N in kernel.elf"
	rs "$seconds" run -o "$name.db" \
		--qemu -plugin --qemu "$build/oracle.so,out=$name.executed$addresses" "$@"
}

# counts_equal NAME: the trace has what was executed, no more and no less.
counts_equal()
{
	local what in_trace executed
	"$ringscope" info --json "$1.db" >"$1.json"
	while read -r what in_trace; do
		executed=$(awk -v name="$what" '$1 == name { print $2 }' "$1.executed")
		is "$what: $executed" "${executed:-no count}" "$(jq -r ".$in_trace" "$1.json")"
	done <<-END
		syscall syscall_entered
		sysret sysret
		iret iret
		page_fault page_fault
		exception exceptions
		interrupt interrupts
		nmi nmi
	END
	# A switch of address spaces loads CR3; so do exec and TLB flushes, which have no
	# record of their own: the trace cannot have more.
	executed=$(awk '$1 == "cr3_load" { print $2 }' "$1.executed")
	holds "not fewer CR3 loads executed than recorded" \
		[ "$executed" -ge "$(jq -r .cr3_loads "$1.json")" ]
}
