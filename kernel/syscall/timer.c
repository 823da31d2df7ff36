/* Timers that send signals. */
#include <linux/errno.h>

#include "kernel/mm/user.h"
#include "kernel/proc/timers.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_time.h"

int64_t sys_alarm(uint64_t seconds)
{
	struct timer_setting to = { .value = (uint32_t)seconds * SECOND_NS }, was;

	interval_timer_set(current_process(), ITIMER_REAL, &to, &was);
	/* Rounded to the nearest second, but a running timer never gives 0. */
	if (was.value && was.value < SECOND_NS / 2)
		return 1;
	return (was.value + SECOND_NS / 2) / SECOND_NS;
}

static int itimerval_out(uint64_t addr, const struct timer_setting *t)
{
	struct itimerval v = { timeval_from(t->interval), timeval_from(t->value) };

	/* Less than a microsecond left is not "not running". */
	if (t->value && !v.it_value.tv_sec && !v.it_value.tv_usec)
		v.it_value.tv_usec = 1;
	return user_copy_out(addr, &v, sizeof(v));
}

int64_t sys_getitimer(uint64_t which, uint64_t value)
{
	struct timer_setting t;
	int error = interval_timer_get(current_process(), (int)which, &t);

	return error ? error : itimerval_out(value, &t);
}

int64_t sys_setitimer(uint64_t which, uint64_t value, uint64_t ovalue)
{
	struct timer_setting to = { 0 }, was;
	struct itimerval v;
	int error;

	if (value) {
		if (user_copy_in(&v, value, sizeof(v)))
			return -EFAULT;
		if (!timeval_ns(&v.it_interval, &to.interval) ||
		    !timeval_ns(&v.it_value, &to.value))
			return -EINVAL;
	}
	error = interval_timer_set(current_process(), (int)which, &to, &was);
	if (error || !ovalue)
		return error;
	return itimerval_out(ovalue, &was);
}

int64_t sys_timer_create(uint64_t clock, uint64_t event, uint64_t timer)
{
	struct sigevent e;
	int id;

	if (event && user_copy_in(&e, event, sizeof(e)))
		return -EFAULT;
	id = posix_timer_create((int)clock, event ? &e : NULL);
	if (id < 0)
		return id;
	if (user_copy_out(timer, &id, sizeof(id))) {
		posix_timer_delete(id);
		return -EFAULT;
	}
	return 0;
}

static int itimerspec_out(uint64_t addr, const struct timer_setting *t)
{
	struct itimerspec v = { timespec_from(t->interval), timespec_from(t->value) };

	return user_copy_out(addr, &v, sizeof(v));
}

int64_t sys_timer_settime(uint64_t timer, uint64_t flags, uint64_t value, uint64_t ovalue)
{
	struct timer_setting to, was;
	struct itimerspec v;
	int error;

	if (!value)
		return -EINVAL;
	if (user_copy_in(&v, value, sizeof(v)))
		return -EFAULT;
	if (!timespec_ns(&v.it_interval, &to.interval) || !timespec_ns(&v.it_value, &to.value))
		return -EINVAL;
	error = posix_timer_set((int)timer, flags & TIMER_ABSTIME, &to, &was);
	if (error || !ovalue)
		return error;
	return itimerspec_out(ovalue, &was);
}

int64_t sys_timer_gettime(uint64_t timer, uint64_t value)
{
	struct timer_setting t;
	int error = posix_timer_get((int)timer, &t);

	return error ? error : itimerspec_out(value, &t);
}

int64_t sys_timer_getoverrun(uint64_t timer)
{
	return posix_timer_overrun((int)timer);
}

int64_t sys_timer_delete(uint64_t timer)
{
	return posix_timer_delete((int)timer);
}
