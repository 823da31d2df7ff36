#!/usr/bin/env bash
# What is told of a kernel when nobody is there to tell: QEMU is killed, the tracer died
# before the kernel did, the first program dies.
# Timeout: 300
# Processors: 1
source "$(dirname "$0")/lib.sh"

printf '#!/bin/sh\necho $$ >%q\nexec qemu-system-x86_64 "$@"\n' "$PWD/qemu.pid" >qemu
chmod +x qemu
export RINGSCOPE_QEMU=$PWD/qemu

# A name that is not there is remembered; who reads /proc/ringscope has it forgotten.
waiting="until [ -e $PWD/go ]; do read -r line </proc/ringscope; sleep 0.1; done"

# until_said FILE: the guest's program has begun.
until_said()
{
	for _ in $(seq 600); do
		! grep -q begun "$1" 2>/dev/null || return
		sleep 0.1
	done
	bad "the guest's program began"
}

echo "QEMU is killed"
rs 100 run -o q.db --cpus 2 -- busybox sh -c \
	'echo begun; while :; do busybox true | busybox cat; done' </dev/null >out 2>err &
running=$!
until_said out
kill -9 "$(cat qemu.pid)"
wait $running
is "status 125" 125 $?
rs 60 crash --json q.db >q.json
is "it is a crash" 1 $?
is "of that cause" qemu "$(jq -r '.crashes[0].cause' q.json)"
holds "and says so" jq -e '.crashes[0].facts | any(.text | contains("QEMU ended"))' q.json
holds "what was not sent was taken from memory" jq -e \
	'.crashes[0].facts | any(.section == "salvage" and (.text | contains("taken from memory")))' q.json
holds "the threads are told" jq -e '.crashes[0].facts | any(.section == "threads")' q.json
trace=q.db
sql "every record is accounted for" 1 "SELECT value FROM meta WHERE name = 'identity'"
sql "none is lost but what was being written" 0 "SELECT coalesce(sum(count), 0) FROM loss
	WHERE cause NOT IN ('being written when the machine stopped', 'before the ring was ready')"

echo "the tracer is killed, then the kernel panics"
rm -f go out
"$ringscope" run --inject --on-tracer-loss go-on -o d.db -- bash -c \
	"echo begun; $waiting; echo null_read >/proc/ringscope" \
	</dev/null >out 2>err &
tracer=$!
until_said out
kill -9 $tracer
{ wait $tracer; } 2>/dev/null
guest=$(cat qemu.pid)
touch go
found=
for _ in $(seq 30); do
	rs 60 salvage --force -o s.db "$guest" >said 2>&1
	rs 60 crash --json s.db >s.json 2>/dev/null
	found=$(jq -r '.crashes[0].function' s.json)
	[ "$found" != inject_null_read ] || break
	sleep 1
done
is "salvage: the function" inject_null_read "$found"
holds "its line" jq -e '.crashes[0].facts |
	any(.section == "where" and (.text | test("inject.c:[0-9]+")))' s.json
trace=s.db
sql "what the rings have is accounted for" 1 "SELECT value FROM meta WHERE name = 'identity'"
rs 60 attach d.db </dev/null >out2 2>err2
is "attach: 125" 125 $?
one_line "attach: one line" err2 'the guest kernel panicked: bad access'
[ ! -d "/proc/$guest" ] || kill -9 "$guest"

echo "the first program dies"
command -v cc >/dev/null || { echo "SKIP: no cc"; finish; }
mkdir -p broken/user
cp "$ringscope" "$build/kernel.elf" broken/
echo 'void _start(void) { *(volatile int *)16 = 1; for (;;) ; }' >init.c
cc -static -nostdlib -fno-stack-protector -O1 -g -o broken/user/init init.c || bad "init.c"
timeout -k 5 60 broken/ringscope run -o i.db -- "$build/user/deaths" </dev/null >out 2>err
is "status 125" 125 $?
one_line "and says so" err 'the guest kernel panicked: init was ended by signal 11'
rs 60 crash --json i.db >i.json
is "two crashes" 1 $?
is "the program's: init" SIGSEGV "$(jq -r '.crashes[0].signal' i.json)"
is "where" _start "$(jq -r '.crashes[0].function' i.json)"
holds "why" jq -e '.crashes[0].facts | any(.text | contains("a write at 0x10,"))' i.json
holds "the kernel's, which cannot go on" jq -e '.crashes[1].facts | any(.text | test("init"))' i.json
finish
