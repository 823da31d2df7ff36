#!/usr/bin/env bash
# Seeds: other interleavings, each the same every time; the one that fails is found.
# Timeout: 300
# Processors: 1
source "$(dirname "$0")/lib.sh"

# Where exactly the CPU is taken away changes with the kernel; a race of 200,000 rounds is
# lost with about every second seed.
race=("$build/user/lost_update" 200000)

# seeds ARGS...: its streams are out and errors, its status status.
seeds()
{
	status=0
	rs 200 run --exact "$@" >out 2>errors || status=$?
}

hash_of()
{
	rs 30 info --json "$1" | jq -r .trace_hash
}

echo "the seed that fails"
seeds -o kept.db --seeds 1..12 -- "${race[@]}" </dev/null
is "its status is the command's" 1 "$status"
one_line "which seeds failed, and how" errors '[1-9][0-9]* of 12 seeds failed: [0-9]+ \(status 1\)'
holds "its output alone is there" grep -qxE '[1-9][0-9]* of 400000 additions are lost' out
is "and once" 1 "$(wc -l <out)"
holds "no other trace stays" bash -c '! ls kept.db.*'
seed=$(sed -n 's/.*failed: \([0-9]*\) .*/\1/p' errors)
is "the trace is that seed's" "$seed" "$(sqlite3 kept.db "select value from meta where name = 'seed'")"
cp out first
seeds -o again.db --seed "$seed" -- "${race[@]}" </dev/null
is "with it, it fails again" 1 "$status"
same "the same way" first out
is "by the same trace" "$(hash_of kept.db)" "$(hash_of again.db)"

echo "seeds that do not"
seeds -o none.db --seeds 7..8 -- busybox sh -c 'cat; exit 0' <<<'some input'
is "the status is 0" 0 "$status"
is "each run has the input" 'some input' "$(cat out)"
one_line "that is said" errors 'none of 2 seeds failed'
is "the trace is the last one's" 8 "$(sqlite3 none.db "select value from meta where name = 'seed'")"

echo "bad input"
for bad in 1 1.. ..3 5..4 x..y -1..3 1..1000000; do
	seeds -o bad.db --seeds "$bad" -- busybox true </dev/null
	is "--seeds $bad" 125 "$status"
done
seeds -o bad.db --seed 3 --seeds 1..2 -- busybox true </dev/null
is "a seed and seeds" 125 "$status"
status=0
rs 60 run --seeds 1..2 -- busybox true </dev/null >out 2>errors || status=$?
one_line "without --exact" errors 'is for --exact'
seeds -o /nosuch/bad.db --seeds 1..3 -- busybox true </dev/null
is "no place for the trace: said once, not by each" "125 1" "$status $(wc -l <errors)"

finish
