#!/usr/bin/env bash
# The end of a run waits for a CPU that its host does not let run: what that still does would be
# in the records and not in the counts.
# Timeout: 120
# Processors: 1
source "$(dirname "$0")/lib.sh"

command -v cc >/dev/null || { echo "SKIP: no cc"; exit 77; }
# hold THREAD: it does not run until our input ends.
cat >hold.c <<'END_C'
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	const pid_t thread = argc > 1 ? atoi(argv[1]) : 0;
	char c;

	if (ptrace(PTRACE_SEIZE, thread, 0, 0) || ptrace(PTRACE_INTERRUPT, thread, 0, 0) ||
	    waitpid(thread, NULL, __WALL) != thread)
		return 1;
	puts("held");
	fflush(stdout);
	alarm(20);
	while (read(0, &c, 1) > 0)
		continue;
	return 0; /* which lets go of it */
}
END_C
cc -o hold hold.c || { echo "SKIP: no program can be made"; exit 77; }

printf '#!/bin/sh\necho $$ >%q\nexec qemu-system-x86_64 "$@"\n' "$PWD/qemu.pid" >qemu
chmod +x qemu

# The thread of QEMU that ran most: CPU 1, which records call after call.
busiest()
{
	awk '{ sub(/.*\) /, ""); if ($12 + $13 > most) { most = $12 + $13; split(FILENAME, part, "/"); at = part[5] } }
		END { print at }' "/proc/$1/task"/*/stat
}

# says FILE WORD: within some seconds it does.
says()
{
	for _ in $(seq 100); do
		grep -q "$2" "$1" 2>/dev/null && return
		sleep 0.05
	done
	return 1
}

# attempt: stopped while CPU 1 is held, the run ends.
attempt()
{
	local tracer
	rm -f t.db* let_go held out qemu.pid
	mkfifo let_go
	RINGSCOPE_QEMU=$PWD/qemu timeout -k 5 60 "$ringscope" run -o t.db --cpus 2 -- busybox taskset 2 \
		busybox sh -c 'echo begun; exec busybox yes >/dev/null' </dev/null >out 2>err &
	tracer=$!
	says out begun
	sleep 1
	./hold "$(busiest "$(cat qemu.pid)")" <let_go >held 2>&1 &
	exec 4>let_go
	says held held || { kill $tracer; wait $!; exec 4>&-; echo "SKIP: no thread can be held"; exit 77; }
	rs 20 ctl t.db stop >ctl.out 2>&1
	sleep 2
	exec 4>&-
	wait $tracer
	[ "$(rs 60 sql --mode list t.db "$waited" 2>sql.err)" = 1 ]
}

# The last block is closed when the counts are taken; the last record of CPU 0 is of being asked.
waited="SELECT (max(last_time) - (SELECT value FROM meta WHERE name = 'boot_tsc')) * 1e9 /
	(SELECT value FROM meta WHERE name = 'tsc_hz') - (SELECT max(time) FROM event WHERE cpu = 0) > 1500000000
	FROM block WHERE cpu = 0"
for _ in 1 2 3 4 5; do attempt && break; done # the host may have kept CPU 0 from hearing of it
trace=t.db
sql_event "counts are taken after it was let go, 2 s later" 1 "$waited"
sql "every record is accounted for" "1|0" "SELECT (SELECT value FROM meta WHERE name = 'identity'),
	(SELECT count(*) FROM loss)"
finish
