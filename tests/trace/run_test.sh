#!/usr/bin/env bash
# ringscope run is like running the command: output, errors, input, exit status.
# Timeout: 400
# Processors: 1
source "$(dirname "$0")/lib.sh"

echo "output and exit status"
is "a pipeline prints" HELLO \
	"$(rs 60 run -o t.db -- busybox sh -c 'echo hello | tr a-z A-Z' </dev/null 2>errors)"
is "nothing on stderr" "" "$(cat errors)"
holds "it leaves a trace" test -s t.db
for status in 0 1 7 125 255; do
	rs 60 run -o t.db -- busybox sh -c "exit $status" </dev/null >/dev/null 2>&1
	is "exit $status" "$status" $?
done
for signal in 9 15 11; do
	rs 60 run -o t.db -- busybox sh -c "kill -$signal \$\$" </dev/null >/dev/null 2>&1
	is "killed by signal $signal" $((128 + signal)) $?
done
rs 60 run -o t.db -- "$build/user/null_pointer" </dev/null >out 2>&1
is "a fault is 139" 139 $?
is "what was printed before it" "about to write to address 0" "$(cat out)"

echo "the three streams"
rs 60 run -o t.db -- busybox sh -c 'echo out; echo err >&2; echo out again' \
	</dev/null >out 2>err
is "stdout alone" "out out again" "$(tr '\n' ' ' <out | sed 's/ $//')"
is "stderr alone" err "$(cat err)"

head -c 1000000 /dev/urandom >random
is "a megabyte of stdin" "$(busybox md5sum <random)" \
	"$(rs 60 run -o t.db -- busybox md5sum <random 2>/dev/null)"
rs 60 run -o t.db -- busybox cat <random >copy 2>/dev/null
same "a megabyte through stdin and stdout" random copy
rs 60 run -o t.db -- busybox sh -c 'cat >&2' <random 2>copy >/dev/null
same "a megabyte to stderr" random copy
is "a slow writer" "one two" \
	"$( (echo one; sleep 1; echo two) | rs 60 run -o t.db -- busybox cat 2>/dev/null | tr '\n' ' ' | sed 's/ $//')"
is "no stdin at all" 0 "$(rs 60 run -o t.db -- busybox wc -c <&- 2>/dev/null | tr -d ' ')"
is "input that is not read" done \
	"$(rs 60 run -o t.db -- busybox echo done <random 2>/dev/null)"
yes | head -c 3000000 >many
is "a reader that leaves early" y \
	"$(rs 60 run -o t.db -- busybox cat <many 2>/dev/null | head -n 1)"

echo "what the command is given"
is "arguments" "[a b][][*]['\"]" \
	"$(rs 60 run -o t.db -- busybox printf '[%s]' 'a b' '' '*' "'\"" </dev/null 2>/dev/null)"
is "the working directory" "$PWD" "$(rs 60 run -o t.db -- busybox pwd </dev/null 2>/dev/null)"
is "a shell finds its applets" "3" \
	"$(rs 60 run -o t.db -- busybox sh -c 'seq 3 | wc -l' </dev/null 2>/dev/null | tr -d ' ')"
is "process 1 is init" init \
	"$(rs 60 run -o t.db -- busybox sh -c 'busybox cat /proc/1/comm' </dev/null 2>/dev/null)"
is "CPUs" 3 "$(rs 60 run -o t.db --cpus 3 -- busybox nproc </dev/null 2>/dev/null)"
mkdir -p added/below && echo inside >added/below/file
is "added files" inside \
	"$(rs 60 run -o t.db --add "$PWD/added:/data" -- busybox cat /data/below/file </dev/null 2>/dev/null)"

echo "what cannot be run"
rs 60 run -o t.db -- no_such_command_here </dev/null >out 2>err
is "not found is 127" 127 $?
one_line "and says so" err 'no_such_command_here.*not found'
echo text >plain
rs 60 run -o t.db -- ./plain </dev/null >out 2>err
is "not executable is 126" 126 $?
one_line "and says so" err 'plain'
head -c 100 "$build/user/null_call" >broken && chmod +x broken
rs 60 run -o t.db -- ./broken </dev/null >out 2>err
is "a broken ELF is 126" 126 $?
one_line "and says so" err 'broken'
mkdir -p folder
rs 60 run -o t.db -- ./folder </dev/null >out 2>err
is "a directory is 126" 126 $?

echo "background processes"
is "a daemon does not keep the machine" done \
	"$(rs 60 run -o t.db -- busybox sh -c 'sleep 1000 & echo done' </dev/null 2>/dev/null)"
is "nor does a spinner that ignores signals" done \
	"$(rs 60 run -o t.db -- busybox sh -c '(trap "" TERM HUP; while :; do :; done) & echo done' </dev/null 2>/dev/null)"
finish
