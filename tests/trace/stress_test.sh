#!/usr/bin/env bash
# Much of everything at once on four CPUs: no failure, no leak, no complaint of the
# kernel, nothing lost, and what was executed is what the trace holds.  scripts/stress
# runs it for longer.
# Timeout: 600
source "$(dirname "$0")/lib.sh"
source "$(dirname "$0")/../oracle/compare.sh"

seconds=${RINGSCOPE_STRESS_SECONDS:-20}
seed=${RINGSCOPE_STRESS_SEED:-$RANDOM}
echo "$seconds s, seed $seed"
run_counted $((seconds * 20 + 300)) stress --cpus 4 -- "$build/user/stress" "$seconds" "$seed" \
	</dev/null >output 2>errors
is "exit status" 0 $?
cat output
is "nothing on stderr" "" "$(cat errors)"
counts_equal stress
trace=stress.db
sql "nothing was lost" 0 "SELECT count(*) FROM loss"
sql "emitted = stored + lost" 0 "SELECT count(*) FROM counter
	WHERE emitted IS NULL OR emitted <> stored + lost"
sql "the kernel had nothing to complain about" "" "SELECT text FROM log WHERE level <= 4"
finish
