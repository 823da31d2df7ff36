# What is kept of a kernel that dies, and how soon it is told.  Sourced by scripts/bench.
# shellcheck shell=bash

# Programs that cross the boundary as fast as they can, until the kernel dies under them.
crash_busy='busybox yes | busybox head -c 3000000 >/dev/null & busybox dd if=/dev/zero bs=1 count=9999999 2>/dev/null | busybox cat >/dev/null & busybox true;'

# crash_run FILE WAY CPUS: the kernel dies in that way, amidst of that.
crash_run()
{
	timeout 300 build/ringscope run --inject --cpus "$3" --ring 256x64 -o "$1" -- \
		busybox sh -c "$crash_busy echo $2 >/proc/ringscope" </dev/null >/dev/null 2>&1
	[ $? = 125 ]
}

# Is each event accounted for, and none of the last 10 ms lost?  Those that a CPU was
# amidst of when it stopped were never committed.
crash_kept()
{
	[ "$(sqlite3 "$1" "SELECT (SELECT value FROM meta WHERE name = 'identity') = 1 AND
		(SELECT count(*) FROM loss WHERE cause NOT IN ('being written when the machine stopped',
		'before the ring was ready')) = 0 AND (SELECT value FROM meta WHERE name = 'stopped')
		IS NOT NULL")" = 1 ]
}

# A black box that was left on while all that went on: its size in MiB when a program dies,
# when a large one does, and when the kernel does.  Each must have its story.
crash_box()
{
	local what=$1 status=$2 file=$cache/box.db got=0 told=0
	shift 2
	timeout 300 build/ringscope run --flight --inject -o "$file" "$@" </dev/null >/dev/null 2>&1 || got=$?
	build/ringscope crash "$file" >/dev/null 2>&1 || told=$?
	[ "$got $told" = "$status 1" ] || printf '%s: status %d, of its story %d\n' "$what" $got $told
	verdict "$what, MiB" \
		"$([ $told = 1 ] && awk -v size="$(stat -c %s "$file")" 'BEGIN { print size / 1048576 }' || echo 999)" 2
}

section_crash()
{
	local ways=(divide null_read double_fault stack_overflow in_trace port_closed in_interrupt
		assertion triple_fault in_panic)
	local file=$cache/crash.db count=${CRASHES:-200} good=0 way cpus begin running i
	rm -f "$cache/story" "$cache/vmcore"
	for ((i = 0; i < count; i++)); do
		way=${ways[i % ${#ways[@]}]}
		cpus=$((1 + i / ${#ways[@]} % 2))
		if crash_run "$file" "$way" $cpus && crash_kept "$file"; then
			good=$((good + 1))
		else
			printf 'crash %d, %s on %d CPUs: not all was kept\n' "$i" "$way" $cpus
		fi
	done
	verdict "crashes of $count of which an event was lost" $((count - good)) 0

	# From the panic to the end of the story: what a run of the same costs more that is
	# told of, with 16 MiB of rings and 512 MiB of memory.
	rm -f "$cache/good"
	for ((i = 0; i < 5; i++)); do
		seconds "$cache/good" build/ringscope run --ring 256x64 -o "$file" -- busybox true
		seconds "$cache/story" bash -c "build/ringscope run --inject --ring 256x64 -o $file -- \
			busybox sh -c 'echo null_read >/proc/ringscope' </dev/null; build/ringscope crash $file; true"
		seconds "$cache/vmcore" build/ringscope crash --vmcore "$cache/vmcore.core" "$file"
	done
	verdict 'from a panic to its story, s' \
		"$(awk -v a="$(column 1 "$cache/story")" -v b="$(column 1 "$cache/good")" \
			'BEGIN { print a - b }')" 2
	verdict 'a vmcore of 512 MiB, s' "$(column 1 "$cache/vmcore")" 3
	printf '%-58s %10d KiB on disk\n' 'that vmcore' "$(du -k "$cache/vmcore.core" | cut -f1)"

	crash_box 'a black box of a program that died' 139 --cpus 2 --add build/user/deaths:/deaths -- \
		busybox sh -c "${crash_busy/9999999/99999} busybox sleep 1; /deaths after_munmap"
	crash_box 'a black box of python3 that died' 139 --cpus 2 -- \
		bash -c "ls -R /usr/include | sort >/dev/null; python3 -c 'import ctypes, json, sqlite3; ctypes.string_at(0)'"
	crash_box 'a black box of a kernel that died' 125 --cpus 2 -- \
		busybox sh -c "$crash_busy busybox sleep 1; echo null_read >/proc/ringscope"

	build/ringscope run --inject --watchdog 0 --ring 256x64 -o "$file" -- \
		busybox sh -c 'echo hang >/proc/ringscope' </dev/null >/dev/null 2>&1 &
	running=$!
	sleep 3
	rm -f "$cache/salvage"
	for ((i = 0; i < 5; i++)); do
		seconds "$cache/salvage" build/ringscope salvage --force -o "$cache/salvage.db" "$file"
	done
	build/ringscope ctl "$file" stop
	wait $running || true
	verdict 'salvage of a guest that hangs, s' "$(column 1 "$cache/salvage")" 2
}
