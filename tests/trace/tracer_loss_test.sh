#!/usr/bin/env bash
# The tracer dies, is cut off, or its disk fails, at any of its calls: the file opens, holds
# what arrived, says what is missing; a guest that may go on is taken over by another tracer.
# Timeout: 400
# Processors: 1
source "$(dirname "$0")/lib.sh"

command -v cc >/dev/null || { echo "SKIP: no cc"; exit 77; }
# Counts the tracer's calls of libc that reach outside (SQLite's among them), in all its
# threads; at call FAULT_AT, done already, or at each one of kind FAULT_KIND, something happens.
cat >fault.c <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;
static long at;
static const char *what = "", *count_file;
static pid_t self;

__attribute__((constructor)) static void begin(void)
{
	const char *number = getenv("FAULT_AT");

	unsetenv("LD_PRELOAD"); /* not in QEMU */
	at = number ? atol(number) : -1;
	what = getenv("FAULT") ? getenv("FAULT") : "";
	count_file = getenv("FAULT_COUNT");
	self = getpid();
}

__attribute__((destructor)) static void end(void)
{
	FILE *f = count_file && getpid() == self ? fopen(count_file, "w") : NULL;

	if (f) {
		fprintf(f, "%ld\n", (long)calls);
		fclose(f);
	}
}

static int is(const char *fault)
{
	return strcmp(what, fault) == 0 && getpid() == self;
}

/* Behind a call. */
static void point(void)
{
	const int error = errno;

	if (getpid() == self && ++calls == at && is("kill"))
		kill(self, SIGKILL);
	errno = error;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define WRAP(result, name, parameters, ...)                     \
	result name parameters                                  \
	{                                                       \
		result r = REAL(name)(__VA_ARGS__);             \
		point();                                        \
		return r;                                       \
	}

WRAP(int, fsync, (int fd), fd)
WRAP(int, ftruncate64, (int fd, off64_t n), fd, n)
WRAP(int, ftruncate, (int fd, off_t n), fd, n)
WRAP(int, unlink, (const char *path), path)
WRAP(int, socket, (int a, int b, int c), a, b, c)
WRAP(int, socketpair, (int a, int b, int c, int fds[2]), a, b, c, fds)
WRAP(int, poll, (struct pollfd *p, nfds_t n, int ms), p, n, ms)
WRAP(ssize_t, read, (int fd, void *to, size_t n), fd, to, n)
WRAP(ssize_t, write, (int fd, const void *from, size_t n), fd, from, n)
WRAP(ssize_t, send, (int fd, const void *from, size_t n, int flags), fd, from, n, flags)
WRAP(ssize_t, pread64, (int fd, void *to, size_t n, off64_t o), fd, to, n, o)
WRAP(pid_t, fork, (void))
WRAP(int, close, (int fd), fd)

ssize_t pwrite64(int fd, const void *from, size_t n, off64_t o)
{
	static atomic_long writes;
	ssize_t r;

	if (is("full") && ++writes >= at) { /* sudden, and for good */
		errno = ENOSPC;
		return -1;
	}
	if (is("slow"))
		usleep(2000);
	r = REAL(pwrite64)(fd, from, n, o);
	point();
	return r;
}

ssize_t recv(int fd, void *to, size_t n, int flags)
{
	static atomic_long reads;
	ssize_t r;

	if (is("unplugged") && ++reads >= at)
		return shutdown(fd, SHUT_RDWR), 0;
	r = REAL(recv)(fd, to, n, flags);
	point();
	return r;
}

int open64(const char *path, int flags, ...)
{
	va_list list;
	int mode, fd;

	va_start(list, flags);
	mode = va_arg(list, int);
	va_end(list);
	fd = REAL(open64)(path, flags, mode);
	point();
	return fd;
}
END
cc -shared -fPIC -O1 -w -o fault.so fault.c -ldl || { echo "SKIP: no library can be made"; exit 77; }

# A QEMU that leaves its pid.
printf '#!/bin/sh\necho $$ >%q\nexec qemu-system-x86_64 "$@"\n' "$PWD/qemu.pid" >qemu
chmod +x qemu

# faulty FAULT AT ARGUMENT...: run under that fault, with the status in $status.
faulty()
{
	local fault=$1 at=$2
	shift 2
	rm -f qemu.pid
	timeout -k 5 60 env LD_PRELOAD="$PWD/fault.so" FAULT="$fault" FAULT_AT="$at" \
		FAULT_COUNT="$PWD/count" RINGSCOPE_QEMU="$PWD/qemu" "$ringscope" run "$@" \
		</dev/null >out 2>err
	status=$?
} 2>/dev/null

qemu_gone()
{
	for _ in $(seq 100); do
		[ -s qemu.pid ] && kill -0 "$(cat qemu.pid)" 2>/dev/null || return 0
		sleep 0.1
	done
	return 1
}

# whole FILE: it is what it says: 0, or a word on what is wrong.
whole()
{
	rs 60 info "$1" >info.out 2>info.err
	case $? in
	0 | 3) ;;
	2) # killed before there was a trace
		grep -q 'No such file' info.err && return 0
		echo "info: $(cat info.err)"
		return 1
		;;
	*) echo "info: $(cat info.err)"; return 1 ;;
	esac
	grep -q 'cut off before it began' info.err && return 0
	[ "$(sqlite3 "$1" 'PRAGMA integrity_check')" = ok ] || { echo damaged; return 1; }
	sqlite3 "$1" "SELECT 'records are not all decoded' WHERE (SELECT coalesce(sum(records), 0) FROM block) <>
			(SELECT coalesce(sum(stored), 0) FROM counter);
		SELECT 'a block is missing' FROM block GROUP BY cpu HAVING count(*) <> max(sequence) + 1;
		SELECT 'a loss where there was none: ' || cause || ', ' || coalesce(count, '?') || ' after block ' ||
			coalesce(after_sequence, '-') FROM loss" | grep . && return 1
	return 0
}

echo "killed at a call"
work=(-o t.db --ring 4x4 -- busybox sh -c 'i=0; while [ $i -lt 20 ]; do i=$((i+1)); echo $i | cat; done')
faulty none -1 "${work[@]}"
is "untouched it ends well" 0 $status
total=$(cat count)
holds "its calls are counted ($total)" test "$total" -gt 300
[ -n "${RINGSCOPE_LONG:-}" ] && points=$(seq 1 "$total") ||
	points=$(seq 1 $((total / 8)) "$total")
bad_points=
for n in $points; do
	rm -f t.db*
	faulty kill "$n" "${work[@]}"
	why=$(whole t.db) || bad_points+=" $n($why)"
	qemu_gone || bad_points+=" $n(QEMU stays)"
done
is "the file is whole and QEMU gone at each of $(wc -w <<<"$points") points" "" "$bad_points"

echo "the disk"
bad_points=
for n in 1 5 20 60; do
	rm -f t.db*
	faulty full "$n" "${work[@]}"
	[ $status = 125 ] && grep -q '^ringscope: .*\(full\|space\)' err ||
		bad_points+=" $n: $status $(cat err)"
	why=$(whole t.db) || bad_points+=" $n($why)"
done
is "full at a write: 125, a line that says so, a whole file" "" "$bad_points"
faulty slow -1 "${work[@]}"
is "slow: it ends well" 0 $status
trace=t.db
sql "and nothing is lost" "0|1" "SELECT (SELECT count(*) FROM loss), (SELECT value FROM meta WHERE name = 'identity')"

echo "unplugged"
faulty unplugged 20 "${work[@]/20/20000}"
is "the guest is stopped: 125" 125 $status
one_line "and says so" err 'trace port was closed'
holds "QEMU is gone" qemu_gone
is "the file is whole" "" "$(whole t.db)"

# begin MODE [SCRIPT [ARGUMENT...]]: a guest that computes, or runs that, then wants a line, and
# leaves with it.
long='echo begun; i=0; while [ $i -lt 600 ]; do i=$((i+1)); ls /proc/self >/dev/null; done
	echo counted $i; read x; echo got $x; exit 7'
begin()
{
	local mode=$1 script=${2:-$long}
	shift $(($# < 2 ? $# : 2))
	rm -f t.db* u.db* out in
	mkfifo in
	RINGSCOPE_QEMU=$PWD/qemu "$ringscope" run -o t.db --cpus 2 --on-tracer-loss "$mode" "$@" -- \
		busybox sh -c "$script" <in >out 2>err &
	tracer=$!
	exec 3>in
	for _ in $(seq 300); do
		grep -q begun out && return
		sleep 0.1
	done
}

# lose: kill it once there is something in the file.
lose()
{
	until [ "$(sqlite3 t.db 'SELECT count(*) FROM block' 2>/dev/null || echo 0)" -gt 3 ]; do sleep 0.05; done
	kill -9 $tracer
	{ wait $tracer; } 2>/dev/null
	exec 3>&-
	holds "the guest goes on" kill -0 "$(cat qemu.pid)"
}

complete()
{
	sql "every record is accounted for" "1|1" "SELECT (SELECT value FROM meta WHERE name = 'identity'),
		(SELECT value FROM meta WHERE name = 'exit_status') = 7"
	sql "what is missing is located" 0 "SELECT count(*) FROM loss WHERE count IS NULL OR before_sequence IS NULL"
}

# named: a CPU that has a new host tells of every thread that lives.  Of one that ended before
# only scraps may be left, and no name; not of who calls the kernel after it.
named()
{
	sql_event "who lives is told of, the kernel's own threads, too" "async,input" \
		"SELECT group_concat(name) FROM (SELECT DISTINCT t_name AS name FROM ev_thread_alive WHERE f_kernel ORDER BY 1)"
	sql_event "and has a name" "" "SELECT DISTINCT thread.tid FROM thread JOIN syscall USING (tid)
		WHERE thread.name = '' AND enter_event > (SELECT max(id) FROM ev_thread_alive)"
}

echo "killed, the guest goes on, another tracer goes on with the file"
begin go-on
rs 20 attach t.db </dev/null >out2 2>err2
is "not while the first is at work" 125 $?
one_line "and says so" err2 'a tracer is at work'
lose
sleep 0.5
echo line | rs 100 attach t.db >out2 2>err2
is "the status is the command's" 7 $?
is "and what it wrote" "counted 600 got line" "$(echo $(cat out2))"
trace=t.db
complete
sql "cause" 1 "SELECT count(*) > 0 FROM loss WHERE cause = 'host port closed'"
named
holds "QEMU is gone" qemu_gone
rs 20 attach t.db </dev/null >out2 2>err2
is "then there is nothing to attach to" 125 $?
one_line "and says so" err2 'the guest has ended'

echo "killed, the guest goes on, a new file"
begin go-on
lose
echo line | rs 100 attach -o u.db t.db >out2 2>err2
is "the status is the command's" 7 $?
trace=u.db
complete
named
rs 60 info t.db >/dev/null 2>&1
sqlite3 u.db "ATTACH 't.db' AS t; SELECT 'CPU ' || l.cpu || ' had ' || sum(records) FROM loss l
	JOIN t.block b USING (cpu) WHERE l.cause = 'blocks missing' AND after_sequence IS NULL
	GROUP BY l.cpu HAVING l.count < sum(records)" >fewer 2>&1
is "before its first blocks is at least what the other has" "" "$(cat fewer)"

echo "asked to leave, the guest waits"
begin wait
"$ringscope" ctl t.db detach >out3 2>&1
is "it leaves" 0 $?
wait $tracer
is "with status 0" 0 $?
exec 3>&-
holds "the guest goes on" kill -0 "$(cat qemu.pid)"
sleep 0.5
echo line | rs 100 attach t.db >out2 2>err2
is "the status is the command's" 7 $?
trace=t.db
complete
sql "no port was closed to it" 0 "SELECT count(*) FROM loss WHERE cause = 'host port closed'"

echo "more threads than the ring holds records"
begin wait 'i=0; while [ $i -lt 400 ]; do i=$((i+1)); sleep 1000 & done
	while [ $(cat /proc/[0-9]*/comm | grep -c "^sleep$") -lt 400 ]; do :; done; echo begun; read x; exit 7' \
	--ring 2x4
"$ringscope" ctl t.db detach >out3 2>&1
is "it leaves" 0 $?
wait $tracer
exec 3>&-
echo line | rs 100 attach t.db >out2 2>err2
is "the status is the command's" 7 $?
complete
sql "no telling of one is lost" 0 "SELECT count(*) FROM loss_total WHERE event = (SELECT id FROM kind WHERE name = 'thread_alive')"
sql_event "each is told of" 400 "SELECT count(DISTINCT f_tid) FROM ev_thread_alive WHERE t_name = 'sleep'"

echo "a guest that ends alone"
begin go-on
lose
kill -9 "$(cat qemu.pid)"
rs 20 attach "$tracer" </dev/null >out2 2>err2
is "attach: 125" 125 $?
one_line "and says so" err2 'the guest has ended'
finish
