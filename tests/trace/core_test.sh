#!/usr/bin/env bash
# Core files: gdb, which we did not write, opens them and names what died and where.
# Timeout: 240
# Processors: 1
source "$(dirname "$0")/lib.sh"
command -v gdb >/dev/null || { echo "FAIL: gdb is not installed"; exit 1; }
# musl tells gdb nothing about its frames: this one is for the host's C library.
deaths=$PWD/deaths
cc -O1 -g -o "$deaths" "$(dirname "$0")/../crash/deaths.c" -pthread || exit 1

# debug PROGRAM CORE COMMAND...: what gdb says.
debug()
{
	local program=$1 core=$2 words=()
	shift 2
	for word; do words+=(-ex "$word"); done
	timeout -k 5 60 gdb -nx -batch "${words[@]}" "$program" "$core" </dev/null 2>&1
}

mkdir -p there
rs 120 run --rw . --cpus 2 -o t.db -- bash -c "
	$deaths null_pointer; $deaths thread; $deaths stack_overflow; $deaths abort
	$deaths kill
	ulimit -c unlimited; cd there; echo pattern-%e.%p >/proc/sys/kernel/core_pattern
	$deaths divide; ls" </dev/null >out 2>err
is "the run ends well" 0 $?
mapfile -t pids < <(sqlite3 -readonly t.db 'SELECT pid FROM core ORDER BY id')
is "a core of each that dumps one" 5 ${#pids[@]}

core()
{
	rs 20 crash --core "$1" -o "$2" t.db 2>error
	is "core of $2: status 0" 0 $?
}
core "${pids[0]}" null
debug "$deaths" null bt 'info registers rip' 'info auxv' 'info proc mappings' >gdb
holds "null_pointer: the signal" grep -q 'terminated with signal SIGSEGV' gdb
holds "null_pointer: its frame" grep -Eq '^#0 .* die_null_pointer \(\) at .*deaths.c:[0-9]+' gdb
holds "null_pointer: its caller" grep -Eq '^#1 .* main \(' gdb
holds "null_pointer: the auxiliary vector" grep -Eq 'AT_PAGESZ.* 4096' gdb
holds "null_pointer: the mapped file" grep -q "$deaths" gdb
core "${pids[1]}" thread
debug "$deaths" thread 'info threads' 'thread apply all bt' 'print $_siginfo.si_signo' >gdb
is "thread: three of them" 3 "$(grep -Ec '^[* ] [0-9]+ +.*LWP' gdb)"
holds "thread: the one that died is the current one" grep -Eq '^\* 1 .* die_thread' gdb
holds "thread: one waits" grep -Eq '^#[0-9]+ .* wait_thread ' gdb
holds "thread: one joins" grep -Eq '^#[0-9]+ .* die_thread_start ' gdb
holds "thread: siginfo" grep -q '^\$1 = 11' gdb
core "${pids[2]}" stack
debug "$deaths" stack 'bt 3' 'bt -2' 'frame 1' 'info locals' >gdb
holds "stack_overflow: the deepest frame" grep -Eq '^#0 .* die_stack_overflow' gdb
holds "stack_overflow: the whole of the stack" grep -Eq '^#[0-9]{4} .* main ' gdb
core "${pids[3]}" abort
holds "abort: its caller" grep -Eq '^#[0-9]+ .* die_abort' <(debug "$deaths" abort bt)
rs 20 crash --core last -o last t.db
rs 20 crash --core "${pids[4]}" -o divide t.db
same "the last one" last divide

echo "the file that Linux would have made"
same "in the directory, by core_pattern, byte by byte" divide "there/pattern-deaths.${pids[4]}"
holds "the shell was told" grep -q 'core dumped' err
is "only once" 1 "$(grep -c 'core dumped' err)"

echo "bounds"
rs 60 run --rw . --core-limit 256K -o small.db -- "$deaths" stack_overflow </dev/null
is "it dies as ever" 139 $?
rs 20 crash --core last -o small small.db 2>error
is "less than all: status 3" 3 $?
one_line "and what is missing" error 'not in the core'
holds "the top of the stack is there" grep -Eq '^#2 .* die_stack_overflow' <(debug "$deaths" small 'bt 3')
rs 60 run --rw . --core-limit 0 -o none.db -- "$deaths" abort </dev/null
rs 20 crash --core last none.db 2>error
is "none was wanted: status 2" 2 $?
one_line "none was wanted: one line" error 'core-limit'

echo "bad input"
rs 20 crash --core last -o /dev/full t.db 2>error
is "a full disk: status 2" 2 $?
one_line "a full disk: one line" error '/dev/full: cannot write the core: no space left'
rs 20 crash --core 9999 t.db 2>error
is "no such process: status 2" 2 $?
one_line "no such process: one line" error 'process 9999'
rs 20 crash --core x t.db 2>error
is "no number: status 2" 2 $?
cp t.db bent.db
sqlite3 bent.db 'UPDATE core_data SET data = substr(data, 1, length(data) / 2) WHERE id % 3 = 1'
rs 20 crash --core last -o bent bent.db 2>error
is "damaged bytes: status 3" 3 $?
holds "damaged bytes: nothing is left behind" test ! -e bent
cp t.db bent.db
sqlite3 bent.db 'UPDATE core_data SET offset = 1 << 62; UPDATE core SET bytes = 1 << 62'
rs 20 crash --core last -o bent bent.db 2>error
is "offsets of nowhere: status 3" 3 $?
finish
