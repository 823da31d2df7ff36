# From nothing to a program's end.  Sourced by scripts/bench.
# shellcheck shell=bash

# milliseconds CMD ARGS…: print the wall time of a command.
milliseconds()
{
	local start end
	start=$(date +%s%N)
	"$@" >/dev/null 2>&1 || fail "failed: $*"
	end=$(date +%s%N)
	printf '%d\n' $(((end - start) / 1000000))
}

start()
{
	local true_initrd ours_ms linux_ms who
	true_initrd=$(initramfs true "$cache/first_process")
	rm -f "$cache"/*.ms
	for ((i = 0; i < pairs; i++)); do
		for who in ours linux linux ours; do
			if [ "$who" = ours ]; then
				milliseconds ringscope -- busybox true >>"$cache/ours.ms"
			else
				milliseconds linux "$true_initrd" "" -smp 1 >>"$cache/linux.ms"
			fi
		done
	done
	ours_ms=$(median <"$cache/ours.ms")
	linux_ms=$(median <"$cache/linux.ms")
	printf 'run to the end of `true`, median ms of %d: ringscope %s, Linux %s\n' \
		$((2 * pairs)) "$ours_ms" "$linux_ms"
	verdict 'ringscope run -- busybox true, part of Linux' "$(ratio "$ours_ms" "$linux_ms")" 0.2
}
