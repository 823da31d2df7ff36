/* Properties of processes and of the system: prctl, ioprio, ustat, sysfs, adjtimex. */
#include "tests/abi/case.h"

#include <linux/ioprio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

CASE(prctl_timer_slack)
{
	pid_t pid;

	GIVES(prctl(PR_GET_TIMERSLACK), 50000);
	GIVES(prctl(PR_SET_TIMERSLACK, 1000), 0);
	GIVES(prctl(PR_GET_TIMERSLACK), 1000);
	pid = child();
	if (pid == 0) {
		prctl(PR_SET_TIMERSLACK, 5);
		prctl(PR_SET_TIMERSLACK, 0); /* as it was born */
		_exit(prctl(PR_GET_TIMERSLACK) != 1000);
	}
	EXITS(pid, 0);
	GIVES(prctl(PR_SET_TIMERSLACK, 0), 0);
	GIVES(prctl(PR_GET_TIMERSLACK), 50000);
}

CASE(prctl_ambient)
{
	GIVES(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 0, 0, 0), 0);
	GIVES(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), 0);
	GIVES(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, 3, 0, 0), 0);
	FAILS(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 3, 0, 0), EPERM);
	FAILS(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 99, 0, 0), EINVAL);
	FAILS(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 1, 0, 0), EINVAL);
	FAILS(prctl(PR_CAP_AMBIENT, 9, 0, 0, 0), EINVAL);
}

CASE(prctl_memory_description)
{
	CHECK(geteuid() != 0 || setuid(65534) == 0);
	FAILS(prctl(PR_SET_MM, PR_SET_MM_START_BRK, 0, 0, 0), EPERM);
	FAILS(prctl(PR_SET_MM, PR_SET_MM_EXE_FILE, -1, 0, 0), EPERM);
	FAILS(prctl(PR_SET_MM, 99, 0, 0, 0), EPERM);
	FAILS(prctl(PR_SET_MM, PR_SET_MM_START_CODE, 0, 1, 0), EINVAL);
	FAILS(prctl(PR_SET_MM, PR_SET_MM_AUXV, 0, 0, 1), EINVAL);
}

CASE(prctl_as_it_is)
{
	int tsc = 0;

	GIVES(prctl(PR_GET_TSC, &tsc), 0);
	GIVES(tsc, PR_TSC_ENABLE);
	GIVES(prctl(PR_SET_TSC, PR_TSC_ENABLE), 0);
	FAILS(prctl(PR_SET_TSC, 77), EINVAL);
	FAILS(prctl(PR_GET_TSC, 8), EFAULT);
	GIVES(prctl(PR_GET_TIMING), PR_TIMING_STATISTICAL);
	GIVES(prctl(PR_SET_TIMING, PR_TIMING_STATISTICAL), 0);
	FAILS(prctl(PR_SET_TIMING, PR_TIMING_TIMESTAMP), EINVAL);
	GIVES(prctl(PR_TASK_PERF_EVENTS_DISABLE), 0);
	GIVES(prctl(PR_TASK_PERF_EVENTS_ENABLE), 0);
	GIVES(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0), 0);
	GIVES(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0), 0);
	GIVES(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0), 1);
	FAILS(prctl(PR_GET_THP_DISABLE, 1, 0, 0, 0), EINVAL);
	FAILS(prctl(PR_GET_SPECULATION_CTRL, 0, 1, 0, 0), EINVAL);
	FAILS(prctl(PR_GET_SPECULATION_CTRL, 99, 0, 0, 0), ENODEV);
}

static long io_priority(int which, int who)
{
	return syscall(SYS_ioprio_get, which, who);
}

static long io_priority_set(int which, int who, long priority)
{
	return syscall(SYS_ioprio_set, which, who, priority);
}

CASE(io_priorities)
{
	const long best = IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 2);
	const long idle = IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0);
	pid_t pid;

	GIVES(io_priority_set(IOPRIO_WHO_PROCESS, 0, idle), 0);
	GIVES(io_priority(IOPRIO_WHO_PROCESS, 0), idle);
	GIVES(io_priority_set(IOPRIO_WHO_PROCESS, getpid(), best), 0);
	GIVES(io_priority(IOPRIO_WHO_PROCESS, getpid()), best);
	pid = child();
	if (pid == 0) {
		if (io_priority(IOPRIO_WHO_PROCESS, 0) != best)
			_exit(1);
		_exit(io_priority_set(IOPRIO_WHO_PROCESS, 0, idle) != 0 ||
		      io_priority(IOPRIO_WHO_PGRP, 0) != best);
	}
	EXITS(pid, 0);
	GIVES(io_priority_set(IOPRIO_WHO_PGRP, 0, idle), 0);
	GIVES(io_priority(IOPRIO_WHO_PROCESS, 0), idle);
	FAILS(io_priority_set(IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_NONE, 1)),
	      EINVAL);
	FAILS(io_priority_set(IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(5, 0)), EINVAL);
	FAILS(io_priority_set(9, 0, best), EINVAL);
	FAILS(io_priority(9, 0), EINVAL);
	FAILS(io_priority(IOPRIO_WHO_PROCESS, 4000000), ESRCH);
	FAILS(io_priority(IOPRIO_WHO_PGRP, 4000000), ESRCH);
}

/* musl has no header for it. */
struct user_ustat {
	int free_blocks;
	unsigned long free_files;
	char name[6], pack[6];
};

CASE(ustat_calls)
{
	struct user_ustat u;
	struct stat s;

	CHECK(stat(".", &s) == 0);
	memset(&u, 0x55, sizeof(u));
	GIVES(syscall(SYS_ustat, s.st_dev, &u), 0);
	CHECK(u.free_blocks >= 0 && u.name[0] == 0 && u.pack[0] == 0);
	FAILS(syscall(SYS_ustat, 0xabcdef, &u), EINVAL);
	FAILS(syscall(SYS_ustat, s.st_dev, (void *)8), EFAULT);
}

CASE(sysfs_calls)
{
	char name[64] = "";
	long count = syscall(SYS_sysfs, 3), index = syscall(SYS_sysfs, 1, "proc");

	CHECK(count > 1 && index >= 0 && index < count);
	GIVES(syscall(SYS_sysfs, 2, index, name), 0);
	GIVES(strcmp(name, "proc"), 0);
	FAILS(syscall(SYS_sysfs, 1, "nothing"), EINVAL);
	FAILS(syscall(SYS_sysfs, 2, 1000, name), EINVAL);
	FAILS(syscall(SYS_sysfs, 1, (void *)8), EFAULT);
	FAILS(syscall(SYS_sysfs, 4), EINVAL);
}

CASE(adjtimex_read)
{
	struct timex t = { 0 };

	CHECK(syscall(SYS_adjtimex, &t) >= 0);
	CHECK(t.tick >= 9000 && t.tick <= 11000 && t.time.tv_sec > 1000000000);
	CHECK(syscall(SYS_clock_adjtime, CLOCK_REALTIME, &t) >= 0);
	FAILS(syscall(SYS_clock_adjtime, CLOCK_MONOTONIC, &t), EOPNOTSUPP);
	FAILS(syscall(SYS_clock_adjtime, 77, &t), EINVAL);
	FAILS(syscall(SYS_adjtimex, (void *)8), EFAULT);
}

/* Kept all the same; not more than that is true of both kernels for most of them. */
CASE(personality_kept)
{
	struct utsname name;
	unsigned major = 0, minor = 0;
	char *text;

	GIVES(personality(0xffffffff), 0);
	GIVES(personality(0x12345), 0);
	GIVES(personality(0xffffffff), 0x12345);
	GIVES(personality(PER_LINUX32), 0x12345);
	CHECK(uname(&name) == 0);
	say("machine %s", name.machine);
	CHECK(sscanf(name.release, "%u.%u", &major, &minor) == 2);
	GIVES(personality(UNAME26), PER_LINUX32);
	CHECK(uname(&name) == 0);
	text = name.release;
	CHECK(strncmp(text, "2.6.", 4) == 0);
	GIVES(atoi(text + 4) - (int)minor, 60);
	say("machine %s", name.machine);
}

CASE(personality_read_implies_execute)
{
	char *page, maps[16384], range[32];

	GIVES(personality(READ_IMPLIES_EXEC), 0);
	page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(page != MAP_FAILED);
	snprintf(range, sizeof(range), "%lx-", (unsigned long)page);
	CHECK(file_get("/proc/self/maps", maps, sizeof(maps)) > 0 && strstr(maps, range));
	say("%.4s", strchr(strstr(maps, range), ' ') + 1);
	GIVES(mprotect(page, 4096, PROT_READ | PROT_WRITE), 0);
	CHECK(file_get("/proc/self/maps", maps, sizeof(maps)) > 0 && strstr(maps, range));
	say("%.4s", strchr(strstr(maps, range), ' ') + 1);
}

CASE(personality_sticky_timeouts)
{
	struct timeval t = { 0, 2000 };

	GIVES(personality(STICKY_TIMEOUTS), 0);
	GIVES(syscall(SYS_select, 0, NULL, NULL, NULL, &t), 0);
	GIVES(t.tv_usec, 2000);
	GIVES(personality(0), STICKY_TIMEOUTS);
	GIVES(syscall(SYS_select, 0, NULL, NULL, NULL, &t), 0);
	GIVES(t.tv_usec, 0);
}

CASE(prctl_machine_check)
{
	GIVES(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0), PR_MCE_KILL_DEFAULT);
	GIVES(prctl(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0), 0);
	GIVES(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0), PR_MCE_KILL_EARLY);
	FAILS(prctl(PR_MCE_KILL, PR_MCE_KILL_SET, 3, 0, 0), EINVAL);
	FAILS(prctl(PR_MCE_KILL, PR_MCE_KILL_CLEAR, 1, 0, 0), EINVAL);
	FAILS(prctl(PR_MCE_KILL, 2, 0, 0, 0), EINVAL);
	FAILS(prctl(PR_MCE_KILL, PR_MCE_KILL_CLEAR, 0, 1, 0), EINVAL);
	GIVES(prctl(PR_MCE_KILL, PR_MCE_KILL_CLEAR, 0, 0, 0), 0);
	GIVES(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0), PR_MCE_KILL_DEFAULT);
	FAILS(prctl(PR_MCE_KILL_GET, 1, 0, 0, 0), EINVAL);
}

CASE(arch_prctl_cpuid)
{
	GIVES(syscall(SYS_arch_prctl, 0x1011, 0), 1); /* ARCH_GET_CPUID */
	FAILS(syscall(SYS_arch_prctl, 0x7777, 0), EINVAL);
}
