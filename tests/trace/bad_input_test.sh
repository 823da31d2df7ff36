#!/usr/bin/env bash
# What goes wrong outside: one clear line, the right status, nothing left running.
# Timeout: 400
# Processors: 1
source "$(dirname "$0")/lib.sh"

# A QEMU that leaves its pid, so that we can see whether it is gone.
cat >qemu <<'QEMU'
#!/bin/sh
echo $$ >"$(dirname "$0")/qemu.pid"
exec qemu-system-x86_64 "$@"
QEMU
chmod +x qemu

# gone WHAT: within ten seconds.
gone()
{
	local tries=100
	while [ $tries -gt 0 ] && [ -s qemu.pid ] && kill -0 "$(cat qemu.pid)" 2>/dev/null; do
		sleep 0.1
		tries=$((tries - 1))
	done
	if [ -s qemu.pid ] && [ $tries -gt 0 ]; then
		ok "$1"
	else
		bad "$1"
		[ ! -s qemu.pid ] || kill -9 "$(cat qemu.pid)"
	fi
}

# begin COMMAND...: in the background with that QEMU, until the trace has begun to grow.
begin()
{
	rm -f qemu.pid t.db out
	RINGSCOPE_QEMU=$PWD/qemu "$ringscope" run -o t.db -- "$@" </dev/null >out 2>err &
	running=$!
	for _ in $(seq 100); do
		[ ! -s out ] || break
		sleep 0.1
	done
	holds "the command runs" test -s out
}

echo "QEMU and kernel"
RINGSCOPE_QEMU=/nonexistent rs 30 run -o t.db -- busybox true </dev/null >out 2>err
is "QEMU is missing: 125" 125 $?
one_line "and says so" err '/nonexistent'
RINGSCOPE_QEMU=/bin/false rs 60 run -o t.db -- busybox true </dev/null >out 2>err
is "QEMU fails: 125" 125 $?
one_line "and says so" err 'qemu'
cat >old <<'QEMU'
#!/bin/sh
echo "QEMU emulator version 2.5.0"
exit 1
QEMU
chmod +x old
RINGSCOPE_QEMU=$PWD/old rs 60 run -o t.db -- busybox true </dev/null >out 2>err
is "QEMU is too old: 125" 125 $?
one_line "and says so" err 'old|version|2\.5'
mkdir -p alone && cp "$ringscope" alone/
timeout -k 5 30 alone/ringscope run -o t.db -- busybox true </dev/null >out 2>err
is "the kernel is missing: 125" 125 $?
one_line "and says so" err 'kernel'

echo "output files"
echo "precious" >mine
rs 60 run -o mine -- busybox true </dev/null >out 2>err
is "a file that is not ours is not overwritten: 125" 125 $?
one_line "and says so" err 'mine'
is "it is untouched" precious "$(cat mine)"
sqlite3 other.db 'CREATE TABLE t (x); INSERT INTO t VALUES (7)'
rs 60 run -o other.db -- busybox true </dev/null >out 2>err
is "nor is another database: 125" 125 $?
is "it is untouched" 7 "$(sqlite3 other.db 'SELECT x FROM t')"
rs 60 run -o absent/t.db -- busybox true </dev/null >out 2>err
is "no such directory: 125" 125 $?
one_line "and says so" err 'absent'
rs 60 run -o t.db -- busybox true </dev/null >out 2>err
rs 60 run -o t.db -- busybox false </dev/null >out 2>err
is "a trace of ours is replaced" 1 $?
if unshare -rm true 2>err; then
	mkdir -p small # a file system of one megabyte, in a mount name space of its own
	RINGSCOPE_QEMU=$PWD/qemu timeout -k 5 100 unshare -rm sh -c '
		mount -t tmpfs -o size=1m none small || exit 99
		"$0" run -o small/t.db -- busybox sh -c "i=0; while [ \$i -lt 300 ]; do i=\$((i+1)); ls -lR /proc/self >/dev/null; done"
		status=$?
		"$0" info small/t.db >info.full 2>&1
		echo $? >info.status
		exit $status' "$ringscope" </dev/null >/dev/null 2>err
	is "the disk is full: 125" 125 $?
	one_line "and says so" err 'small/t.db.*full'
	is "what was recorded can be read (0, or 3 for incomplete)" yes \
		"$(grep -qx '[03]' info.status && echo yes || cat info.status info.full)"
else
	echo "  NOT CHECKED: a full disk: this system refuses a mount name space: $(cat err)"
fi
gone "QEMU is gone"

echo "usage"
rs 10 run -o t.db -- </dev/null >out 2>err
is "no command" 125 $?
rs 10 run --no-such-option </dev/null >out 2>err
is "an unknown option" 125 $?
rs 10 run --cpus 0 -- busybox true </dev/null >out 2>err
is "no CPUs" 125 $?
rs 10 nonsense </dev/null >out 2>err
is "an unknown subcommand" 2 $?
one_line "and says so" err 'nonsense'
for command in run shell report strace info view; do
	rs 10 $command --help </dev/null >out 2>err
	is "$command --help" 0 $?
done

echo "trace files"
rs 60 run -o good.db -- busybox sh -c 'echo hello | cat' </dev/null >/dev/null 2>&1
head -c 20000 /dev/urandom >noise
size=$(stat -c %s good.db)
for command in report strace info; do
	rs 30 $command absent.db </dev/null >out 2>err
	is "$command: no such file: 2" 2 $?
	one_line "and says so" err 'absent.db'
	rs 30 $command noise </dev/null >out 2>err
	is "$command: not a database: 2" 2 $?
	one_line "and says so" err 'noise'
	rs 30 $command other.db </dev/null >out 2>err
	is "$command: not a trace: 2" 2 $?
	one_line "and says so" err 'other.db'
	: >empty
	rs 30 $command empty </dev/null >out 2>err
	is "$command: an empty file: 2" 2 $?
	for part in 10 50 90; do
		head -c $((size * part / 100)) good.db >cut.db
		rs 30 $command cut.db </dev/null >out 2>err
		status=$?
		case $status in
		0 | 2 | 3) ok "$command: cut at $part %: $status" ;;
		*) bad "$command: cut at $part %" "status $status" "$(head -c 300 err)" ;;
		esac
	done
done

echo "ends that nobody planned"
begin busybox sh -c 'echo begun; while :; do ls -lR /proc/self >/dev/null; done'
kill -9 $running
{ wait $running; } 2>/dev/null
gone "ringscope is killed: QEMU is gone"
rs 60 report t.db </dev/null >out 2>err
status=$?
is "what was recorded can be read (0, or 3 for incomplete)" yes \
	"$([ $status = 0 ] || [ $status = 3 ] && echo yes || echo "no: $status: $(cat err)")"
begin busybox sh -c 'echo begun; sleep 60'
kill -TERM $running
wait $running
is "a request to end is 143" 143 $?
gone "and QEMU is gone"
begin busybox sh -c 'echo begun; sleep 60'
kill -9 "$(cat qemu.pid)"
wait $running
is "QEMU is killed: 125" 125 $?
holds "and says so" grep -q '^ringscope: ' err
rs 60 info t.db </dev/null >out 2>err
status=$?
is "what was recorded can be read (0, or 3 for incomplete)" yes \
	"$([ $status = 0 ] || [ $status = 3 ] && echo yes || echo "no: $status: $(cat err)")"
finish
