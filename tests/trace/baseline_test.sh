#!/usr/bin/env bash
# Our own kernel against tests/baselines: the same calls, faults and results, and none of
# them dearer than a little.  What is meant to change is blessed by scripts/bless.
# Timeout: 300
# Processors: 1
source "$(dirname "$0")/lib.sh"

baselines=$(realpath "$(dirname "$0")/../baselines")
rules='differences > 0, each > +1% and 10'
left_out=0

holds "the workloads are recorded" "$baselines/record" "$build" "$PWD"
for baseline in "$baselines"/*.txt; do
	name=$(basename "$baseline" .txt)
	status=0
	rs 60 diff --fail-on "$rules" "$baseline" "$name.db" >"$name.out" 2>"$name.err" || status=$?
	if [ "$status" = 3 ] && grep -qE 'kernel_compiler|qemu_version|inputs' "$name.err"; then
		echo "  LEFT OUT  $name: not comparable here: $(cat "$name.err")"
		left_out=$((left_out + 1))
	elif [ "$status" = 0 ]; then
		ok "$name"
	else
		bad "$name" "$(cat "$name.err")" "$(sed -n '/^verdict/,/^$/p' "$name.out")" \
			"$(sed -n '/^what changed/,/^$/p' "$name.out")" \
			"if it is meant: scripts/bless, and commit what it changed"
	fi
done

echo "what the gate sees"
sed 's/^\(item .* 0 110 0 \)[0-9]*/\1100/' "$baselines/calls.txt" >cheaper.txt
cp "$baselines"/calls.txt.ignore cheaper.txt.ignore 2>/dev/null
rs 60 diff --force --fail-on "$rules" cheaper.txt calls.db >out 2>errors
is "a dearer call" 1 $?
holds "is named, and by how much" grep -qE 'getppid in null_call: 100.0 became [0-9.]+ \(\+[0-9.]+' out
sed '0,/^item .* 0 110 /{/^item .* 0 110 /d}' "$baselines/calls.txt" >fewer.txt
rs 60 diff --force --fail-on "$rules" fewer.txt calls.db >out 2>errors
is "a call more" 1 $?

[ "$failures" -gt 0 ] || [ "$left_out" = 0 ] || {
	echo "SKIPPED: $left_out baselines are of another compiler, QEMU or C library; scripts/bless makes ones for here"
	exit 77
}
finish
