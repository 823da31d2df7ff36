#!/usr/bin/env bash
# The kernel leaks nothing, protects itself, and holds on 1, 2, 4 and 8 CPUs.
# Timeout: 900
source "$(dirname "$0")/lib.sh"

for cpus in 1 2 4 8; do
	echo "$cpus CPU(s)"
	rs 200 run -o guest$cpus.db --cpus $cpus -- "$build/user/guest" \
		</dev/null >guest$cpus 2>guest$cpus.errors
	is "exit status" 0 $?
	is "nothing on stderr" "" "$(cat guest$cpus.errors)"
	is "cases" "guest: $("$build/user/guest" --list | wc -l) cases, 0 failed" \
		"$(grep -a '^guest: ' guest$cpus)"
	grep -aB4 FAILED guest$cpus
	trace=guest$cpus.db
	sql "nothing was lost" 0 "SELECT count(*) FROM loss"
	sql "emitted = stored + lost" 0 "SELECT count(*) FROM counter
		WHERE emitted IS NULL OR emitted <> stored + lost"
	sql "the kernel had nothing to complain about" 0 "SELECT count(*) FROM log WHERE level < 0"
done
finish
