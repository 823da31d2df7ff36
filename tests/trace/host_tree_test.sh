#!/usr/bin/env bash
# Programs of the host in the host's tree print what they print on the host.
# Timeout: 180
# Processors: 1
source "$(dirname "$0")/lib.sh"

# equal CPUS COMMAND...: output, errors and status as on the host; nothing lost.
equal()
{
	local cpus=$1 wanted got
	shift
	timeout 60 "$@" </dev/null >host.out 2>host.err
	wanted=$?
	rs 60 run -o t.db --cpus "$cpus" -- "$@" </dev/null >guest.out 2>guest.err
	got=$?
	is "$cpus CPU(s): ${*//$'\n'/ }: status" "$wanted" "$got"
	same "output" host.out guest.out
	same "errors" host.err guest.err
	trace=t.db
	sql "nothing was lost" 0 "SELECT count(*) FROM loss"
	sql "emitted = stored + lost" 0 "SELECT count(*) FROM counter
		WHERE emitted IS NULL OR emitted <> stored + lost"
}

# A tree that nobody changes, with links of both kinds.
tree=/usr/share/common-licenses
[ -d "$tree" ] || { echo "SKIP: no $tree"; exit 77; }

echo "programs"
for cpus in 1 4; do
	equal $cpus bash -c "cd $tree && ls | wc -l"
	equal $cpus bash -c 'for i in $(seq 100); do echo $i; done | sort -rn | head -3'
	equal $cpus find $tree /etc/alternatives -printf '%y %m %n %s %i %T@ %C@ %l %p\n'
	equal $cpus grep -rc GNU $tree
done
equal 1 perl -e 'print join(",", map { $_ * $_ } 1 .. 5), "\n"'
equal 1 awk -F: '{ print $1 }' /etc/passwd
equal 1 bash -c 'exit 7'
equal 1 bash -c "cat $tree/* | sha256sum; find $tree -type f | xargs -P 4 -n 3 cat | wc -c"

echo "hard links are one file, and what is not there stays so"
equal 1 bash -c "test $tree/GPL -ef $tree/GPL-3; echo \$?; test -e $tree/absent; echo \$?
	test -e $tree/absent; echo \$?; cat $tree/absent 2>/dev/null; echo \$?"

echo "the tree is read-only, memory is not"
rs 60 run -o t.db -- bash -c "
	: >$tree/new; echo \$?; rm -f $tree/GPL-2; echo \$?; : >>$tree/GPL-2; echo \$?
	mkdir $tree/new; echo \$?; chmod 0 $tree/GPL-2; echo \$?
	for d in /tmp /var/tmp /run /dev/shm; do echo \$d >\$d/f && cat \$d/f; done
	head -c 20 /proc/self/comm; ls /sys | grep -cx devices" </dev/null >out 2>err
is "status" 0 $?
is "what it says" "1 1 1 1 1 /tmp /var/tmp /run /dev/shm head 1" "$(echo $(cat out))"
is "read-only is the reason" 5 "$(grep -c 'Read-only file system' err)"

echo "scripts, the environment, the working directory"
printf '#!/bin/bash\necho "$0 $1 $MINE $PWD ${RINGSCOPE_KERNEL-none}"\n' >script
chmod +x script
rs 60 run -o t.db --root / -- bash -c 'echo $MINE' </dev/null >out 2>err
is "a variable that is not there" "" "$(cat out)"
MINE=yes rs 60 run -o t.db -- bash -c 'echo $MINE; pwd' </dev/null >out 2>err
is "one that is, and the directory" "yes $PWD" "$(echo $(cat out))"
MINE=yes RINGSCOPE_QEMU=qemu-system-x86_64 rs 60 run -o t.db -- "$PWD/script" word </dev/null >out 2>err
is "a script" "$PWD/script word yes $PWD none" "$(cat out)"

echo "another tree"
mkdir -p "other,tree/bin" && cp "$busybox" "other,tree/bin/"
rs 60 run -o t.db --root "other,tree" -- /bin/busybox ls / </dev/null >out 2>err
is "its root" bin "$(cat out)"
rs 60 run -o t.db --root "other,tree" -- /bin/busybox sh -c 'cd /; echo $PWD; echo x >/tmp/x; cat /tmp/x' \
	</dev/null >out 2>err
is "memory where it has no directory" "/ x" "$(echo $(cat out))"
rs 60 run -o t.db --root "other,tree" -- nothing </dev/null >out 2>err
is "what is not there: 127" 127 $?

echo "refused"
rs 30 run -o t.db --root /nonexistent -- true </dev/null >out 2>err
is "no such tree: 125" 125 $?
one_line "and says so" err '/nonexistent'
rs 30 run -o t.db --root "$PWD/script" -- true </dev/null >out 2>err
is "no directory: 125" 125 $?
rs 30 run -o t.db --add script:/usr/bin/script -- bash -c true </dev/null >out 2>err
is "an addition to the tree: 125" 125 $?
one_line "and says so" err 'read-only'
rs 60 run -o t.db --add script:/tmp/added -- bash /tmp/added x </dev/null >out 2>err
is "an addition to memory" "/tmp/added x  $PWD none" "$(cat out)"
finish
