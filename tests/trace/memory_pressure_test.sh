#!/usr/bin/env bash
# Memory runs out: the right process is ended, its name is in the log and in the trace,
# the others go on, nothing leaks.  File pages are given up first.
# Timeout: 300
source "$(dirname "$0")/lib.sh"

for cpus in 1 4; do
	echo "$cpus CPU(s), 128 MB"
	trace=pressure$cpus.db
	rs 200 run -o "$trace" --cpus "$cpus" --memory 128 -- "$build/user/guest" \
		'pressure_*' oom_score_files </dev/null >pressure$cpus 2>pressure$cpus.errors
	is "exit status" 0 $?
	is "cases" "guest: 7 cases, 0 failed" "$(grep -a '^guest: ' pressure$cpus)"
	grep -aB4 FAILED pressure$cpus
	ended="SELECT sum(emitted) FROM counter WHERE name = 'oom_kill'"
	sql "processes were ended" 1 "SELECT ($ended) >= 8"
	sql "the log names each of them" 1 "SELECT ($ended) = (SELECT count(*) FROM log
		WHERE text LIKE 'Out of memory: Killed process%')"
	sql "emitted = stored + lost" 0 "SELECT count(*) FROM counter
		WHERE emitted IS NULL OR emitted <> stored + lost"
done

echo "more file contents than memory"
script='cat $(find /usr/lib/gcc -type f) | cksum'
bash -c "$script" >linux
rs 200 run -o files.db --memory 128 -- bash -c "$script" </dev/null >guest 2>guest.errors
same "read as on Linux" linux guest
trace=files.db
sql "nobody was ended" 0 "SELECT coalesce(($ended), 0)"
finish
