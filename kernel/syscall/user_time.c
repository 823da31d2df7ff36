#include "kernel/syscall/user_time.h"

#include <linux/errno.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/mm/user.h"
#include "kernel/trace/trace.h"

#define SECONDS_MAX (INT64_MAX / (int64_t)SECOND_NS) /* more is for ever: 292 years */

static uint64_t saturate(int64_t seconds, uint64_t ns)
{
	return seconds >= SECONDS_MAX ? INT64_MAX : (uint64_t)seconds * SECOND_NS + ns;
}

bool timespec_ns(const struct timespec *t, uint64_t *ns)
{
	if (t->tv_sec < 0 || (uint64_t)t->tv_nsec >= SECOND_NS)
		return false;
	*ns = saturate(t->tv_sec, t->tv_nsec);
	return true;
}

bool timeval_ns(const struct timeval *t, uint64_t *ns)
{
	if (t->tv_sec < 0 || (uint64_t)t->tv_usec >= SECOND_NS / MICROSECOND_NS)
		return false;
	*ns = saturate(t->tv_sec, t->tv_usec * MICROSECOND_NS);
	return true;
}

int user_timespec_in(uint64_t addr, unsigned arg, uint64_t *ns)
{
	struct timespec t;

	if (user_copy_in(&t, addr, sizeof(t)))
		return -EFAULT;
	trace_data(arg, DATA_TIMESPEC, &t, sizeof(t));
	return timespec_ns(&t, ns) ? 0 : -EINVAL;
}

int user_timespec_out(uint64_t addr, unsigned arg, uint64_t ns)
{
	struct timespec t = timespec_from(ns);

	trace_data(arg, DATA_TIMESPEC, &t, sizeof(t));
	return user_copy_out(addr, &t, sizeof(t));
}

int user_timeval_in(uint64_t addr, uint64_t *ns)
{
	struct timeval t;

	if (user_copy_in(&t, addr, sizeof(t)))
		return -EFAULT;
	return timeval_ns(&t, ns) ? 0 : -EINVAL;
}

int user_timeval_out(uint64_t addr, uint64_t ns)
{
	struct timeval t = timeval_from(ns);

	return user_copy_out(addr, &t, sizeof(t));
}

uint64_t deadline_after(uint64_t ns)
{
	return clock_now() + MIN(ns, (uint64_t)INT64_MAX);
}

uint64_t deadline_absolute(int clock, uint64_t ns)
{
	uint64_t base = clock == CLOCK_REALTIME ? clock_realtime_base() : 0;

	return ns > base ? ns - base : 1;
}
