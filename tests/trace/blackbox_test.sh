#!/usr/bin/env bash
# run --flight: one small file tells the crash where neither program nor kernel are.
# Timeout: 240
# Processors: 1
source "$(dirname "$0")/lib.sh"

mkdir -p here elsewhere
cp "$build/user/deaths" here/deaths
rs 60 run --flight -o t.db -- here/deaths after_munmap </dev/null
is "it dies" 139 $?
rs 30 crash t.db >here.txt
is "a crash" 1 $?
holds "small: at most 2 MiB" test "$(stat -c %s t.db)" -le $((2 << 20))
holds "the instruction" grep -Eq 'the instruction: mov' here.txt
holds "what its address was made of" grep -Eq 'its address is r[a-z0-9]+ \(0x[0-9a-f]+\)' here.txt
holds "the source line" grep -Eq 'line [0-9]+: zero = \*\(volatile char \*\)page;' here.txt

echo "elsewhere"
mv here/deaths here/gone
cp "$ringscope" elsewhere/ # no kernel.elf beside it
timeout 30 elsewhere/ringscope crash t.db >elsewhere.txt
is "still a crash" 1 $?
same "the same story" here.txt elsewhere.txt
echo 'another program' >here/deaths
timeout 30 elsewhere/ringscope crash t.db >elsewhere.txt
same "whatever is there by that name" here.txt elsewhere.txt
timeout 30 elsewhere/ringscope crash --core last -o core t.db
holds "its core, too" test -s core
mv here/gone here/deaths

echo "the kernel"
mkdir -p broken/user
cp "$ringscope" "$build/kernel.elf" broken/
echo nonsense >broken/user/init
timeout -k 5 100 broken/ringscope run --flight -o p.db -- here/deaths </dev/null >/dev/null 2>&1
is "it panics" 125 $?
holds "small: at most 2 MiB" test "$(stat -c %s p.db)" -le $((2 << 20))
rm -r broken
timeout 30 elsewhere/ringscope crash --json p.db >p.json
is "a crash" 1 $?
is "the function, without the kernel" process_start_init "$(jq -r '.crashes[0].function' p.json)"

echo "no crash, and bad input"
rs 60 run --flight -o good.db -- "$build/user/deaths" </dev/null
is "nothing happened" 0 $?
rs 30 crash good.db >out
is "nothing crashed" 0 $?
cp t.db bent.db
sqlite3 bent.db "UPDATE symbol SET name = hex(randomblob(2000)), file = randomblob(900), line = -5"
rs 30 crash bent.db >out 2>&1
is "symbols of no sense: a story all the same" 1 $?
finish
