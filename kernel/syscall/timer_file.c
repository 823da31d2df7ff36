/* timerfd_create, timerfd_settime, timerfd_gettime. */
#include "kernel/fs/timer_file.h"

#include <linux/errno.h>
#include <linux/timerfd.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/mm/user.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"
#include "kernel/syscall/user_time.h"

int64_t sys_timerfd_create(uint64_t clock, uint64_t flags)
{
	struct file *f;
	int error;

	if (flags & ~(uint64_t)(TFD_CLOEXEC | TFD_NONBLOCK))
		return -EINVAL;
	if ((int)clock != CLOCK_REALTIME && (int)clock != CLOCK_MONOTONIC &&
	    (int)clock != CLOCK_BOOTTIME)
		return -EINVAL;
	error = timer_file_create((int)clock, (uint32_t)flags & O_NONBLOCK, &f);
	return error ? error : caller_install(f, (unsigned)flags);
}

static int timer_file(uint64_t fd, struct file **f)
{
	*f = caller_file(fd);
	if (!*f)
		return -EBADF;
	if (timer_file_is(*f))
		return 0;
	file_put(*f);
	return -EINVAL;
}

static int setting_out(uint64_t addr, const struct timer_file_setting *t)
{
	struct itimerspec v = { timespec_from(t->interval), timespec_from(t->value) };

	return user_copy_out(addr, &v, sizeof(v));
}

int64_t sys_timerfd_settime(uint64_t fd, uint64_t flags, uint64_t value, uint64_t ovalue)
{
	uint64_t first, interval, deadline = 0;
	struct timer_file_setting was;
	struct itimerspec v;
	struct file *f;
	int error;

	if (user_copy_in(&v, value, sizeof(v)))
		return -EFAULT;
	/* A clock that is set is not announced: TFD_TIMER_CANCEL_ON_SET has no effect. */
	if ((int)flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET) ||
	    !timespec_ns(&v.it_value, &first) || !timespec_ns(&v.it_interval, &interval))
		return -EINVAL;
	error = timer_file(fd, &f);
	if (error)
		return error;
	if (first)
		deadline = flags & TFD_TIMER_ABSTIME ? deadline_absolute(timer_file_clock(f), first)
						     : deadline_after(first);
	timer_file_set(f, deadline, interval, &was);
	file_put(f);
	return ovalue ? setting_out(ovalue, &was) : 0;
}

int64_t sys_timerfd_gettime(uint64_t fd, uint64_t value)
{
	struct timer_file_setting now;
	struct file *f;
	int error = timer_file(fd, &f);

	if (error)
		return error;
	timer_file_get(f, &now);
	file_put(f);
	return setting_out(value, &now);
}
