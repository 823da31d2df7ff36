#!/bin/bash
# Spin proves the ring's model, and finds a counter-example to each broken variant.
# Timeout: 900
# Processors: 1
set -u

model=$(dirname "$(readlink -f "$0")")/ring.pml
mutations="RESERVE_IN_TWO COMMIT_IN_TWO OPENER_RESETS OPEN_IN_USE TAKE_AGAIN TAKE_UNCOMMITTED
	RELEASE_EARLY TIME_OUTSIDE LOSS_NOT_COUNTED FORGET_COMMIT END_AHEAD"
# The flight recorder: more to choose from, so fewer records.
flight="-DFLIGHT -DNMI_RECORDS=0 -DTHREAD_RECORDS=4"
flight_mutations="CLAIM_IN_TWO RELEASE_ONCE OVERWRITE_IN_FLIGHT OVERWRITE_NOT_COUNTED
	TAKE_UNCOMMITTED"

for tool in spin gcc; do
	if ! command -v $tool >/dev/null; then
		echo "model_test: $tool is not installed (scripts/setup installs it)"
		exit 77
	fi
done

# check OPTIMIZE FOLDER [-D...]: build and run the verifier; its report is in FOLDER/report.
check() {
	mkdir -p "$2" || exit 1
	(
		cd "$2" || exit 1
		optimize=$1
		shift 2
		spin "$@" -a "$model" >spin.log 2>&1 &&
			gcc $optimize -w -DSAFETY -DCOLLAPSE -o pan pan.c >gcc.log 2>&1 &&
			./pan -m20000 -w22 >report 2>&1
	)
}

# prove FOLDER [-D...]
prove() {
	if ! check -O1 "$@" || ! grep -q "errors: 0$" "$1/report" ||
		grep -q "max search depth too small" "$1/report"; then
		echo "model_test: the ring's model was not proved: $*"
		cat "$1"/{spin.log,gcc.log,report} 2>/dev/null
		exit 1
	fi
	grep -E "states, stored$" "$1/report"
}

# refute MUTATION [-D...]: there must be a counter-example.  It is found before gcc would
# have optimized anything.
refute() {
	local mutation=$1
	shift
	check -O0 "$mutation" "-DMUTATE_$mutation" "$@"
	if grep -qE "^pan:[0-9]+: (assertion violated|invalid end state)" "$mutation/report"; then
		printf '%-18s caught: %s\n' "$mutation" "$(sed -n 's/^pan:[0-9]*: \(.*\) (at depth.*/\1/p' "$mutation/report")"
	else
		echo "model_test: mutation $mutation was not caught"
		cat "$mutation"/{spin.log,gcc.log,report} 2>/dev/null
		failed=1
	fi
}

failed=0
prove proof
# shellcheck disable=SC2086 # words
prove flight $flight
for mutation in $mutations; do
	refute "$mutation"
done
for mutation in $flight_mutations; do
	# shellcheck disable=SC2086
	refute "$mutation" $flight
done
exit $failed
