#!/usr/bin/env bash
# Time: sleeps to the microsecond, idle CPUs without a tick, calls that never cross.
# Processors: 1
# Timeout: 120
source "$(dirname "$0")/lib.sh"

echo "timers"
# With one instruction a nanosecond nothing of the host can delay a timer.
rs 60 run --icount -o short.db -- busybox sh -c 'usleep 300; usleep 300; usleep 300' \
	</dev/null >/dev/null 2>&1
trace=short.db
sql "three sleeps of 300 us lasted that and at most 50 us more" 3 \
	"SELECT count(*) FROM syscall WHERE name IN ('nanosleep', 'clock_nanosleep')
	AND duration BETWEEN 300000 AND 350000"
rs 60 run --cpus 2 -o long.db -- busybox sleep 2 </dev/null >/dev/null 2>&1
trace=long.db
sql "the tick of two idle CPUs in 2 s is nearly none" 1 \
	"SELECT count(*) < 20 FROM trap t, syscall s WHERE t.kind = 'interrupt' AND t.vector = 32
	AND s.name IN ('nanosleep', 'clock_nanosleep') AND s.duration > 1900000000
	AND t.enter BETWEEN s.enter AND s.exit"

echo "the vDSO"
for choice in "" --no-vdso; do
	rs 60 run $choice -o vdso.db -- busybox date </dev/null >/dev/null 2>&1
	trace=vdso.db
	sql "calls for the time in the trace of date $choice" "$([ "$choice" ] && echo 1 || echo 0)" \
		"SELECT count(*) > 0 FROM syscall
		WHERE name IN ('clock_gettime', 'gettimeofday', 'time')"
	is "the recording says which calls never cross" \
		"$([ "$choice" ] && echo "0 " || echo "1 clock_gettime clock_getres gettimeofday time getcpu")" \
		"$("$ringscope" info --json vdso.db | jq -r '"\(.vdso) \(.never_cross)"')"
	sql "[vdso] was mapped" "$([ "$choice" ] && echo 0 || echo 1)" \
		"SELECT count(*) > 0 FROM mapping WHERE path = '[vdso]'"
done
finish
