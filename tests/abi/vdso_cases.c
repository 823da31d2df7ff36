/* The vDSO: calls that are answered in ring 3, with the kernel's own time. */
#include "tests/abi/case.h"

#include <elf.h>
#include <sched.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const clockid_t clocks[] = { CLOCK_REALTIME, CLOCK_MONOTONIC,       CLOCK_MONOTONIC_RAW,
				    CLOCK_BOOTTIME, CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE,
				    CLOCK_TAI };

static long long ns_of(const struct timespec *t)
{
	return t->tv_sec * 1000000000ll + t->tv_nsec;
}

static long long ns_library(clockid_t clock)
{
	struct timespec t;

	CHECK(clock_gettime(clock, &t) == 0);
	return ns_of(&t);
}

static long long ns_kernel(clockid_t clock)
{
	struct timespec t;

	CHECK(syscall(SYS_clock_gettime, clock, &t) == 0);
	return ns_of(&t);
}

CASE(vdso_agrees_with_kernel)
{
	for (unsigned i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		for (int round = 0; round < 200; round++) {
			long long before = ns_library(clocks[i]);
			long long kernel = ns_kernel(clocks[i]);
			long long after = ns_library(clocks[i]);

			CHECK(before <= kernel && kernel <= after);
		}
	}
	say("seven clocks, each read in turn by library and kernel, never went back");
}

CASE(vdso_resolutions)
{
	struct timespec library, kernel;

	for (unsigned i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		GIVES(clock_getres(clocks[i], &library), 0);
		CHECK(syscall(SYS_clock_getres, clocks[i], &kernel) == 0);
		CHECK(ns_of(&library) == ns_of(&kernel));
	}
	GIVES(clock_getres(CLOCK_MONOTONIC, NULL), 0);
	GIVES(ns_of(&kernel), 1);
}

CASE(vdso_leaves_others_to_kernel)
{
	struct timespec t;

	GIVES(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t), 0);
	FAILS(clock_gettime(1000, &t), EINVAL);
	FAILS(clock_getres(1000, &t), EINVAL);
}

CASE(vdso_time_of_day)
{
	struct timezone zone = { 1, 1 };
	struct timeval t;
	time_t seconds;
	long long first = ns_kernel(CLOCK_REALTIME) / 1000;

	GIVES(gettimeofday(&t, &zone), 0);
	CHECK(t.tv_sec * 1000000ll + t.tv_usec >= first);
	CHECK(time(&seconds) == seconds && seconds >= t.tv_sec - 1);
	GIVES(gettimeofday(NULL, NULL), 0);
}

CASE(vdso_cpu_number)
{
	cpu_set_t all, one;
	unsigned cpu, node;

	CHECK(sched_getaffinity(0, sizeof(all), &all) == 0);
	for (int i = 0; i < CPU_SETSIZE; i++) {
		if (!CPU_ISSET(i, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(i, &one);
		CHECK(sched_setaffinity(0, sizeof(one), &one) == 0);
		CHECK(sched_getcpu() == i);
		CHECK(syscall(SYS_getcpu, &cpu, &node, NULL) == 0 && cpu == (unsigned)i);
	}
	GIVES(sched_setaffinity(0, sizeof(all), &all), 0);
}

CASE(vdso_is_mapped)
{
	const unsigned char *header = (const unsigned char *)getauxval(AT_SYSINFO_EHDR);
	static char maps[16384];

	CHECK(header);
	GIVES(memcmp(header, ELFMAG, SELFMAG), 0);
	CHECK(file_get("/proc/self/maps", maps, sizeof(maps)) > 0);
	GIVES(strstr(maps, " [vvar]\n") != NULL, 1);
	GIVES(strstr(maps, " [vdso]\n") != NULL, 1);
}

CASE(vdso_survives_fork)
{
	pid_t pid = child();

	if (pid == 0) {
		long long before = ns_library(CLOCK_MONOTONIC);

		_exit(ns_kernel(CLOCK_MONOTONIC) >= before ? 7 : 1);
	}
	EXITS(pid, 7);
}
