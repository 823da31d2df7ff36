# What recording kernel functions costs.  Sourced by scripts/bench.
# shellcheck shell=bash

# Instructions of all calls and of what struck them: also those that send the blocks.
calls_cost()
{
	build/ringscope profile --json "$1" |
		jq '[.rows[] | select(.what | test("^(page fault|interrupt|exception|NMI)") | not) | .self + .nested] | add'
}

section_functions()
{
	local off=$cache/functions_off.db on=$cache/functions_on.db pairs bare hooked sites
	local program=(-- busybox sh -c 'for i in 1 2 3 4 5 6 7 8; do find /proc/self /dev /bin >/dev/null; done')
	timeout 300 build/ringscope run --exact -o "$off" "${program[@]}" </dev/null >/dev/null || fail "busybox failed"
	timeout 300 build/ringscope run --exact --functions 'sys_*:*' -o "$on" "${program[@]}" \
		</dev/null >/dev/null || fail "busybox failed with functions"
	bare=$(calls_cost "$off")
	hooked=$(calls_cost "$on")
	pairs=$(build/ringscope profile --path all --json "$on" |
		jq '[.calls[] | .. | objects | select(.function == true) | .count] | add')
	verdict "instructions an entry-exit pair, all of them added" \
		"$(awk -v a="$bare" -v b="$hooked" -v n="$pairs" 'BEGIN { printf "%.2f", (b - a) / n }')" 60
	sites=$(objdump -d --no-show-raw-insn build/kernel.elf | awk '
		/>:$/ { first = 1; next }
		first && $2 == "nopl" { n++ }
		{ first = 0 }
		END { print n }')
	echo "$sites functions begin with one no-operation of five bytes, and cost that when off"
}
