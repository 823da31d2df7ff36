/* Who and where a process is: ids, limits, names, what the machine says. */
#include "tests/abi/case.h"

#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

CASE(user_ids)
{
	GIVES(getuid(), 0);
	GIVES(geteuid(), 0);
	GIVES(getgid(), 0);
	GIVES(getegid(), 0);
	CHECK(getgroups(0, NULL) >= 0);
	FAILS(getgroups(-1, NULL), EINVAL);
}

CASE(process_ids)
{
	CHECK(getpid() > 1 && getppid() > 0 && getpid() != getppid());
	CHECK(syscall(SYS_gettid) == getpid());
	CHECK(syscall(SYS_set_tid_address, NULL) == getpid());
	say("pid, tid and parent agree");
}

CASE(uname_fields)
{
	struct utsname name;

	GIVES(uname(&name), 0);
	say("sysname %s, machine %s", name.sysname, name.machine);
	CHECK(strcmp(name.sysname, "Linux") == 0 && strcmp(name.machine, "x86_64") == 0);
	CHECK(name.release[0] >= '3' && name.release[0] <= '9' && name.version[0]);
}

CASE(limits_read)
{
	struct rlimit limit;

	GIVES(getrlimit(RLIMIT_STACK, &limit), 0);
	CHECK(limit.rlim_cur >= 1 << 20);
	GIVES(getrlimit(RLIMIT_NOFILE, &limit), 0);
	CHECK(limit.rlim_cur >= 256 && limit.rlim_cur <= limit.rlim_max);
	FAILS(getrlimit(99, &limit), EINVAL);
	FAILS(syscall(SYS_prlimit64, 99999999, RLIMIT_STACK, NULL, &limit), ESRCH);
}

CASE(limits_set)
{
	struct rlimit limit = { 100, 200 }, bad = { 2, 1 }, got;
	pid_t pid;

	GIVES(setrlimit(RLIMIT_NOFILE, &limit), 0);
	GIVES(getrlimit(RLIMIT_NOFILE, &got), 0);
	GIVES(got.rlim_cur, 100);
	GIVES(got.rlim_max, 200);
	FAILS(setrlimit(RLIMIT_NOFILE, &bad), EINVAL);
	pid = child();
	if (pid == 0)
		_exit(getrlimit(RLIMIT_NOFILE, &got) == 0 ? (int)got.rlim_cur : 1);
	EXITS(pid, 100);
}

CASE(random_bytes)
{
	char one[64] = "", two[64] = "", none[64] = "";

	GIVES(getrandom(one, 64, 0), 64);
	GIVES(getrandom(two, 64, GRND_NONBLOCK), 64);
	CHECK(memcmp(one, two, 64) != 0 && memcmp(one, none, 64) != 0);
	GIVES(getrandom(one, 0, 0), 0);
	FAILS(getrandom(one, 1, 0x100), EINVAL);
}

CASE(sysinfo_plausible)
{
	struct sysinfo info;

	GIVES(sysinfo(&info), 0);
	CHECK(info.totalram > 0 && info.freeram > 0 && info.freeram <= info.totalram);
	CHECK(info.mem_unit > 0 && info.procs > 0);
}

CASE(affinity_plausible)
{
	unsigned long mask[16] = { 0 };
	int cpus = 0;
	long size = syscall(SYS_sched_getaffinity, 0, sizeof(mask), mask);

	CHECK(size > 0 && size <= (long)sizeof(mask) && size % 8 == 0);
	for (int i = 0; i < 16; i++)
		cpus += __builtin_popcountl(mask[i]);
	CHECK(cpus >= 1);
	FAILS(syscall(SYS_sched_getaffinity, 0, 4, mask), EINVAL);
	FAILS(syscall(SYS_sched_getaffinity, 99999999, sizeof(mask), mask), ESRCH);
}

CASE(thread_name)
{
	char name[16], stat[256], *inside;

	GIVES(prctl(PR_SET_NAME, "a rather long name"), 0);
	GIVES(prctl(PR_GET_NAME, name), 0);
	say("%s", name);
	CHECK(strcmp(name, "a rather long n") == 0);
	CHECK(file_get("/proc/self/stat", stat, sizeof(stat)) > 0);
	CHECK((inside = strchr(stat, '(')) && strncmp(inside, "(a rather long n)", 17) == 0);
	FAILS(prctl(9999, 0), EINVAL);
}

CASE(calls_that_do_not_exist)
{
	FAILS(syscall(1000), ENOSYS);
	FAILS(syscall(-1), ENOSYS);
	FAILS(syscall(0x7fffffff), ENOSYS);
	FAILS(syscall(180), ENOSYS); /* nfsservctl, gone since 3.1 */
}

CASE(sync_works)
{
	file_put("file", "text");
	GIVES(syscall(SYS_sync), 0);
}

CASE(scheduler_yields)
{
	GIVES(sched_yield(), 0);
}
