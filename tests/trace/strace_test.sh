#!/usr/bin/env bash
# `ringscope strace` against strace itself: the same program on Linux and in the guest,
# compared line by line after addresses and numbers of processes are made alike.
# Timeout: 60
# Processors: 1
source "$(dirname "$0")/lib.sh"
program=$build/user/strace_calls

command -v strace >/dev/null || { echo "FAIL: strace is not installed"; exit 1; }

# common: what two runs may differ in: addresses, numbers of processes and queues; and a call that
# others interrupted is one line.
common()
{
	local own
	own=$(sed -nE 's/.*\bgetpid\(\) += ([0-9]+)$/\1/p' "$1" | head -n 1)
	sed -n '/chdir."\/begin"/,/chdir."\/end"/p' "$1" |
		sed -E 's/^[0-9]+ +//; s/^\[[0-9]+\] [0-9.]+ //; / <unfinished \.\.\.>$/{N; s/ <unfinished \.\.\.>\n.*<\.\.\. [a-z0-9_]+ resumed>//}; s/ +([=?]) / \1 /; s/0x[0-9a-f]{6,}/ADDRESS/g; s/^((msg|sem|shm)(get\(.* = |[a-z]+\())[0-9]+/\1ID/; s/^((clone3?|wait4)\(.*\) = )[0-9]+/\1CHILD/; s/^(wait4\()[0-9]+/\1CHILD/; s/(S_IFDIR.*st_size=)[0-9]+/\1N/; s/ +$//' |
		sed -E "/getpid|kill\(|si_pid|pidfd_open/s/\b$own\b/OWN/g"
}

# No descriptors but the first three, as in the guest.
for fd in /proc/self/fd/*; do
	[ "${fd##*/}" -le 2 ] || [ "${fd##*/}" = 255 ] || eval "exec ${fd##*/}>&-"
done
mkdir host && (cd host && TZ=UTC strace -e signal=none -o ../host.raw "$program")
is "runs on Linux" 0 $?
rs 60 run -o t.db --add "$program:/tmp/strace_calls" -- busybox sh -c "cd /tmp; ./strace_calls"
is "runs in the guest" 0 $?
"$ringscope" strace t.db >all.raw
tid=$(sed -n 's/^\[\([0-9]*\)\].*chdir("\/begin").*/\1/p' all.raw)
grep "^\[$tid\]" all.raw | grep -v '+++' >guest.raw # the shell has calls of its own meanwhile
common host.raw >host.txt
common guest.raw >guest.txt
is "all calls are there" "$(wc -l <host.txt)" "$(wc -l <guest.txt)"
same "each line is what strace prints" host.txt guest.txt
finish
