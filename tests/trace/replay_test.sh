#!/usr/bin/env bash
# gdb on kernel and program at once; a recording run again, forwards and backwards.
# Timeout: 300
# Processors: 1
source "$(dirname "$0")/lib.sh"
# A long path: the state keeps the end of such ones.
deaths=$PWD/$(printf "folder_%02d/" $(seq 16))deaths
mkdir -p "${deaths%/*}"
cp "$build/user/deaths" "$deaths"
command -v gdb >/dev/null || { echo "FAIL: gdb is not installed"; exit 1; }
# A short path, for a socket in it.
TMPDIR=$(mktemp -d)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT

shown=0
# seen FILE: all that gdb said, if a check has failed since the last time.
seen()
{
	[ "$failures" = "$shown" ] || sed "s/^/          gdb: /" "$1"
	shown=$failures
}

echo "gdb while it runs"
rs 100 gdb --batch --ex 'break die_null_pointer' --ex 'break core_dump' \
	--ex continue --ex bt --ex why --ex continue --ex bt --ex why --ex threads --ex 'task 1' \
	--ex 'pagewalk $sp' --ex ring -o g.db -- "$deaths" null_pointer </dev/null >gdb 2>&1
is "it ends well" 0 $?
holds "a breakpoint in the program" grep -Eq '^#0 +die_null_pointer \(\) at .*deaths.c' gdb
holds "its caller" grep -Eq '^#1 .* in main \(argc=2' gdb
holds "why: ring 3" grep -Eq 'runs thread [0-9]+ deaths.*in ring 3 at die_null_pointer' gdb
holds "a breakpoint in the kernel" grep -Eq '^#0 +core_dump \(' gdb
holds "its callers" grep -Eq '^#[0-9] .*process_return_work' gdb
is "through the way into the kernel to the program" \
	"trap_main <signal handler called> die_null_pointer main" \
	"$(sed -nE '/^#0 +core_dump/,$ s/^#[0-9]+ +(0x[0-9a-f]+ in )?(trap_main|<signal handler called>|die_null_pointer|main).*/\2/p' gdb | head -n 4 | xargs)"
holds "why: the fault, and where it came from" \
	grep -Eq 'in vector 14 .*came from die_null_pointer' gdb
holds "why: the page tables" grep -q 'NOT present' gdb
holds "threads: init" grep -Eq '^ +1 +1 init ' gdb
holds "pagewalk: to the page" grep -Eq 'bit 12: .*present writable' gdb
holds "ring: records by name" grep -q 'EV_fatal_state' gdb
seen gdb

echo "a stack at each instruction of the way in and out"
cat >steps <<'GDB'
define steps
  set $left = $arg0
  while $left > 0
    bt 2
    stepi
    set $left = $left - 1
  end
end
break die_abort
continue
hbreak syscall_entry
continue
steps 27
delete $bpnum
hbreak *syscall_called
continue
steps 22
GDB
rs 100 gdb --batch -x steps -o g.db -- "$deaths" abort </dev/null >gdb 2>&1
is "a call: it ends well" 0 $?
# At two of them no rule finds the program's stack pointer; there it ends.
is "a call: the program's place behind each" "49 47" \
	"$(grep -c '^#0 *<signal handler called>' gdb) $(grep -cE "^#1 +0x0*4[0-9a-f]{5} in " gdb)"
seen gdb
sed -i 's/die_abort/die_illegal/; s/hbreak syscall_entry/hbreak trap_stub_6/; s/^steps 27/steps 26/; /syscall_called/,$d' steps
rs 100 gdb --batch -x steps -o g.db -- "$deaths" illegal </dev/null >gdb 2>&1
is "a trap: it ends well" 0 $?
is "a trap: likewise" "26 26" \
	"$(grep -c '^#0 *<signal handler called>' gdb) $(grep -cE "^#1 +(.* in )?die_illegal" gdb)"
seen gdb

echo "again"
rs 60 run --record-replay -o t.db -- "$deaths" null_pointer </dev/null
is "recorded" 139 $?
rs 60 replay --check t.db >out
is "it runs the same way again" 0 $?
rs 100 replay --batch --ex bt --ex 'print &nowhere' --ex 'last-writer &nowhere' \
	--ex reverse-stepi --ex 'x/i $pc' t.db </dev/null >gdb 2>&1
is "to the crash" 0 $?
holds "before the instruction that failed" grep -Eq '^=> .*<die_null_pointer\+[0-9]+>:.*movl' gdb
holds "with its caller" grep -Eq '^#1 .* in main \(argc=2' gdb
holds "a watchpoint, backwards, finds who wrote it" \
	grep -Eq '^=> .*<die_null_pointer>:.*movq +\$0x0' gdb
holds "a step more, backwards, is its caller" grep -Eq '^=> .*<main\+[0-9]+>:.*call' gdb
seen gdb
address=$(sed -nE 's/^\$1 = \(.*\) (0x[0-9a-f]+)$/\1/p' gdb)
rs 100 replay --last-writer "${address:-0}" --batch t.db </dev/null >gdb 2>&1
holds "the same by --last-writer" grep -Eq '^=> .*<die_null_pointer>:.*movq' gdb
seen gdb

event=$(rs 20 sql --mode list t.db "select id from event where name = 'exec' order by id desc limit 1")
rs 100 replay --to "$event" --batch --ex bt --ex 'reverse-stepi' --ex 'stepi' \
	--ex 'info symbol $pc' t.db </dev/null >gdb 2>&1
is "to an event" 0 $?
holds "it is that event" grep -q "^event $event: " gdb
holds "the kernel is making its record" grep -Eq '^#[0-9] .*trace_|^#[0-9] .*process_exec' gdb
seen gdb
rs 100 gdb --at-event "$event" --batch --ex 'bt 1' t.db </dev/null >gdb2 2>&1
holds "the same by gdb --at-event" grep -q "^event $event: " gdb2
seen gdb2
rs 100 replay --before crash 5 --batch --ex 'bt 1' t.db </dev/null >gdb 2>&1
holds "before the crash" grep -Eq '^event [0-9]+: ' gdb
seen gdb
cp t.db moved.db
sqlite3 moved.db "update symbol_file set build_id = '00112233' where path like '%deaths'"
rs 100 replay --batch --ex bt moved.db </dev/null >gdb 2>&1
holds "a program that was built again: that is said" grep -q "deaths is another file now (.*(00112233): no symbols of it" gdb
is "and none are taken from it" 0 "$(grep -c die_null_pointer gdb)"
seen gdb
holds "nothing is left behind" test -z "$(ls "$TMPDIR" | grep -v 'ringscope-[0-9]*$')"

echo "what is not the same, or cannot be"
TMPDIR=$(dirname "$deaths") rs 20 gdb -- "$deaths" >out 2>error
is "a long TMPDIR: status 2" 2 $?
one_line "a long TMPDIR: one line" error 'too long for a socket; name a shorter TMPDIR'
cp t.db other.db
sqlite3 other.db "UPDATE meta SET value = '0123456789abcdef' WHERE name = 'trace_hash'"
rs 60 replay --check other.db >out 2>error
is "another hash: status 3" 3 $?
one_line "another hash: one line" error 'the replay is not the recording: hash .* recorded 0123456789abcdef'
cp t.db bent.db
sqlite3 bent.db "UPDATE input SET data = substr(data, 1, 1000) WHERE name = 'kernel'"
rs 60 replay --check bent.db >out 2>error
is "damaged: status 3" 3 $?
one_line "damaged: one line" error 'the kernel in the recording is damaged'
rs 60 run --exact -o plain.db -- "$deaths" </dev/null
is "recorded without its inputs" 0 $?
rs 60 replay plain.db >out 2>error
is "nothing crashed: status 2" 2 $?
rs 60 replay --check plain.db >out 2>error
is "recorded without: status 3" 3 $?
one_line "recorded without: one line" error 'record-replay'
rs 60 replay --to 99999999 t.db >out 2>error
is "no such event: status 2" 2 $?
finish
