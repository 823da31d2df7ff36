/* Times that programs pass: checked, in nanoseconds.  arg is the argument's number,
 * for the trace.  0, -EFAULT, or -EINVAL for fields out of range. */
#ifndef KERNEL_SYSCALL_USER_TIME_H
#define KERNEL_SYSCALL_USER_TIME_H

#include <linux/time.h>

#include "kernel/lib/types.h"

#define SECOND_NS      1000000000ull
#define MICROSECOND_NS 1000ull

int user_timespec_in(uint64_t addr, unsigned arg, uint64_t *ns);
int user_timespec_out(uint64_t addr, unsigned arg, uint64_t ns);
int user_timeval_in(uint64_t addr, uint64_t *ns);
int user_timeval_out(uint64_t addr, uint64_t ns);

/* From now (clock_now) on, without overflow. */
uint64_t deadline_after(uint64_t ns);
/* A deadline in clock_now ns of an absolute time on clock; 0 is never given. */
uint64_t deadline_absolute(int clock, uint64_t ns);

static inline struct timespec timespec_from(uint64_t ns)
{
	return (struct timespec){ .tv_sec = ns / SECOND_NS, .tv_nsec = ns % SECOND_NS };
}

static inline struct timeval timeval_from(uint64_t ns)
{
	return (struct timeval){ .tv_sec = ns / SECOND_NS,
				 .tv_usec = ns % SECOND_NS / MICROSECOND_NS };
}

/* Saturates instead of overflowing; false if fields are out of range. */
bool timespec_ns(const struct timespec *t, uint64_t *ns);
bool timeval_ns(const struct timeval *t, uint64_t *ns);

#endif
