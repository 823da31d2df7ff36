#!/usr/bin/env bash
# `ringscope check` against strace and against the kernel itself: what it says is there
# answers, what it says is absent answers ENOSYS.
# Processors: 1
source "$(dirname "$0")/lib.sh"

echo "logs of the host's strace"
strace -o log true 2>/dev/null || { echo "SKIP: processes may not be traced here"; exit 77; }
for how in "" -tt -ttt -r "-T -y"; do
	# shellcheck disable=SC2086 # several words
	strace -f $how -o log bash -c 'ls / | sort | head -n 2; (exit 3)' >/dev/null 2>&1
	rs 10 check --json log >gaps.json 2>errors
	status=$?
	holds "strace -f $how: valid JSON of more than 100 calls" \
		jq -e '.calls > 100 and (.gaps | all(.kind != "unknown"))' gaps.json
	is "status is whether all is there" "$(jq 'if .complete then 0 else 1 end' gaps.json)" $status
done
strace -f bash -c 'true | cat' 2>log >/dev/null
holds "pids in brackets, from standard input" sh -c "'$ringscope' check - <log; [ \$? -le 1 ]"

echo "a log of our own"
rs 60 run -o t.db -- busybox sh -c 'ls / | sort; uname' </dev/null >/dev/null
rs 10 strace t.db >log
rs 10 check log >gaps
is "busybox asks nothing that is not there" "0 $(grep -c '' log)" \
	"$? $(rs 10 check --json log | jq .lines)"

echo "what is absent"
printf 'vserver(3) = 0\nopen("x", O_RDONLY|O_NEVER) = 3\nsocket(AF_VSOCK, SOCK_DGRAM, 0) = 3\n' >log
rs 10 check log >gaps
is "status 1" 1 $?
is "the call, the flag, the domain" "absent vserver;refused socket AF_VSOCK;unknown open O_NEVER;" \
	"$(sed -nE 's/^(absent|refused|unknown) +([^,]*),.*/\1 \2;/p' gaps | tr -d '\n')"
printf 'membarrier(0, 0) = -1 ENOSYS (Function not implemented)\n' >log
rs 10 check log >gaps
is "what the host does not have either is not missed" 0 $?

echo "the table and the kernel's symbols"
rs 10 check --table >table
for state in Full Absent; do
	sed -n "s/^\*\*$state\*\*[^:]*: //p" table | tr -d '\`' | tr ' ' '\n' | sort >$state
done
nm "$build/kernel.elf" | awk '$2 ~ /[TW]/ && $3 ~ /^sys_/ { print substr($3, 5) }' | sort >handlers
is "no absent call has a handler" "" "$(comm -12 Absent handlers)"
is "each full call has one" "" "$(comm -23 Full handlers)"

echo "refused"
for word in /nonexistent /bin/ls .; do
	rs 10 check "$word" >out 2>err
	is "$word: status 2" 2 $?
	one_line "and says so" err "${word##*/}"
done
rs 10 check --kernel /bin/sh log >out 2>err
is "no kernel with symbols: 2" 2 $?
one_line "and says so" err 'symbols'
rs 10 check >out 2>err
is "no log: 2" 2 $?
finish
