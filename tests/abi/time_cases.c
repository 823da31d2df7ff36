/* Clocks and sleeping. */
#include "tests/abi/case.h"

#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long long clock_ns(int clock)
{
	struct timespec now;

	CHECK(syscall(SYS_clock_gettime, clock, &now) == 0);
	CHECK(now.tv_nsec >= 0 && now.tv_nsec < 1000000000);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

CASE(clock_monotonic_grows)
{
	long long before = clock_ns(CLOCK_MONOTONIC), now, first = before;
	long backward = 0;

	for (int i = 0; i < 20000; i++) {
		now = clock_ns(CLOCK_MONOTONIC);
		backward += now < before;
		before = now;
	}
	GIVES(backward, 0);
	CHECK(before > first);
}

CASE(clock_realtime_plausible)
{
	struct timeval tv;
	time_t now = time(NULL);

	CHECK(now > 1600000000); /* after 2020 */
	GIVES(gettimeofday(&tv, NULL), 0);
	CHECK(tv.tv_sec - now >= 0 && tv.tv_sec - now <= 2);
}

CASE(clock_kinds)
{
	struct timespec now;
	long long cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID), thread;

	for (volatile int i = 0; i < 3000000; i++)
		;
	thread = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	CHECK(clock_ns(CLOCK_PROCESS_CPUTIME_ID) > cpu && thread > 0);
	CHECK(clock_ns(CLOCK_BOOTTIME) > 0 && clock_ns(CLOCK_MONOTONIC_RAW) > 0);
	CHECK(clock_ns(CLOCK_MONOTONIC_COARSE) > 0 && clock_ns(CLOCK_REALTIME_COARSE) > 0);
	FAILS(syscall(SYS_clock_gettime, 99, &now), EINVAL);
	say("seven clocks tell the time");
}

CASE(sleep_long_enough)
{
	struct timespec little = { 0, 30000000 };
	long long begin = clock_ns(CLOCK_MONOTONIC);

	GIVES(nanosleep(&little, NULL), 0);
	CHECK(clock_ns(CLOCK_MONOTONIC) - begin >= 30000000);
	begin = clock_ns(CLOCK_MONOTONIC);
	GIVES(syscall(SYS_clock_nanosleep, CLOCK_REALTIME, 0, &little, NULL), 0);
	CHECK(clock_ns(CLOCK_MONOTONIC) - begin >= 29000000);
}

CASE(sleep_until)
{
	long long goal = clock_ns(CLOCK_MONOTONIC) + 30000000;
	struct timespec until = { goal / 1000000000, goal % 1000000000 };

	GIVES(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL), 0);
	CHECK(clock_ns(CLOCK_MONOTONIC) >= goal);
	GIVES(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL), 0);
}

CASE(sleep_errors)
{
	struct timespec bad = { 0, 1000000000 }, negative = { -1, 0 }, zero = { 0, 0 };

	FAILS(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &bad, NULL), EINVAL);
	FAILS(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &negative, NULL), EINVAL);
	FAILS(syscall(SYS_clock_nanosleep, 99, 0, &zero, NULL), EINVAL);
	GIVES(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &zero, NULL), 0);
}

CASE(sleepers_wake_in_order)
{
	static const int turns[] = { 3, 1, 2 };
	const long long begin = clock_ns(CLOCK_MONOTONIC);
	char order[4] = "";
	int ends[2];

	CHECK(pipe(ends) == 0);
	for (int i = 0; i < 3; i++) {
		if (child() == 0) {
			/* Far apart: on a busy machine a write may be late. */
			const long long goal = begin + turns[i] * 250000000ll;
			struct timespec until = { goal / 1000000000, goal % 1000000000 };

			syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
			_exit(write(ends[1], &"abc"[i], 1) != 1);
		}
	}
	for (int i = 0; i < 3; i++)
		CHECK(read(ends[0], order + i, 1) == 1);
	say("%s", order);
	CHECK(order[0] == 'b' && order[1] == 'c' && order[2] == 'a');
}
