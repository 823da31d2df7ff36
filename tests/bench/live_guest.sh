#!/usr/bin/env bash
# live_guest.sh OUT.db RATE SECONDS: as live_trace, of a guest with two CPUs: a shell that rests
# and starts a program RATE times a second, or never rests (RATE 0).  $RINGSCOPE: the program.
set -euo pipefail
out=$1 rate=$2 seconds=$3
pause=$([ "$rate" = 0 ] || echo "busybox usleep $((1000000 / rate));")
"${RINGSCOPE:-build/ringscope}" run --cpus 2 -o "$out" -- busybox sh -c "
	end=\$((\$(busybox date +%s) + $seconds))
	while [ \$(busybox date +%s) -lt \$end ]; do $pause busybox true; done" </dev/null >/dev/null 2>&1 &
guest=$!
trap 'kill $guest 2>/dev/null; wait $guest' EXIT
trap 'exit 1' TERM INT
# The clock at time 0 is between what the pairs say that it was at least and at most.
for ((try = 0; try < 200; try++)); do
	zero=$(sqlite3 -readonly "$out" "WITH meta_of AS (SELECT
		(SELECT value FROM meta WHERE name = 'boot_tsc') AS boot,
		(SELECT value FROM meta WHERE name = 'tsc_hz') AS hz)
		SELECT CAST((max(host_sent - (tsc - boot) * 1e9 / hz) +
			min(host_received - (tsc - boot) * 1e9 / hz)) / 2 AS INTEGER)
		FROM clock, meta_of HAVING count(*) >= 4" 2>/dev/null) || zero=""
	[ -z "$zero" ] || break
	sleep 0.1
done
[ -n "$zero" ] || exit 1
printf '%s\n' "$zero"
wait "$guest"
