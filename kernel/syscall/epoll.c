/* epoll: watching many files. */
#include "kernel/fs/epoll.h"

#include <linux/errno.h>

#include "kernel/mm/object.h"
#include "kernel/mm/user.h"
#include "kernel/proc/signal.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"
#include "kernel/syscall/user_time.h"
#include "kernel/trace/trace.h"

#define MILLISECOND_NS 1000000ull
#define FOREVER        0ull /* deadlines, as epoll_wait_events takes them */
#define AT_ONCE        1ull
#define EVENTS_MOST    (INT32_MAX / (int)sizeof(struct epoll_event)) /* as Linux */
#define EVENTS_A_CALL  340u /* given at most: what fits in a page */

int64_t sys_epoll_create1(uint64_t flags)
{
	struct file *f;
	int error;

	if (flags & ~(uint64_t)EPOLL_CLOEXEC)
		return -EINVAL;
	error = epoll_create_file(&f);
	return error ? error : caller_install(f, (unsigned)flags);
}

int64_t sys_epoll_create(uint64_t length)
{
	return (int)length <= 0 ? -EINVAL : sys_epoll_create1(0);
}

static int control(struct file *epoll, int operation, struct file *f, int fd,
		   const struct epoll_event *event)
{
	if (!f || !epoll || (f->flags | epoll->flags) & O_PATH)
		return -EBADF;
	if (!f->ops->poll)
		return -EPERM;
	if (f == epoll || !epoll_is(epoll))
		return -EINVAL;
	if (operation != EPOLL_CTL_ADD && operation != EPOLL_CTL_MOD && operation != EPOLL_CTL_DEL)
		return -EINVAL;
	return epoll_control(epoll, operation, f, fd, event);
}

int64_t sys_epoll_ctl(uint64_t epfd, uint64_t op, uint64_t fd, uint64_t event)
{
	struct epoll_event e = { 0 };
	struct file *epoll, *f;
	int error;

	if ((int)op != EPOLL_CTL_DEL && user_copy_in(&e, event, sizeof(e)))
		return -EFAULT;
	epoll = caller_file(epfd);
	f = caller_file(fd);
	error = control(epoll, (int)op, f, (int)fd, &e);
	file_put(f);
	file_put(epoll);
	return error;
}

static int64_t events_out(struct file *f, uint64_t addr, unsigned most, uint64_t deadline)
{
	struct epoll_event *events = kmalloc(most * sizeof(events[0]));
	int64_t count;

	if (!events)
		return -ENOMEM;
	count = epoll_wait_events(f, events, most, deadline);
	if (count > 0 && user_copy_out(addr, events, (size_t)count * sizeof(events[0])))
		count = -EFAULT;
	kfree(events);
	return count;
}

static int64_t wait_for(uint64_t epfd, uint64_t addr, uint64_t count, uint64_t deadline)
{
	struct file *f;
	int64_t found;

	if ((int)count <= 0 || (int)count > EVENTS_MOST)
		return -EINVAL;
	if (!user_range(addr, (uint64_t)(int)count * sizeof(struct epoll_event)))
		return -EFAULT;
	f = caller_file(epfd);
	if (!f)
		return -EBADF;
	if (epoll_is(f))
		found = events_out(f, addr, MIN((unsigned)count, EVENTS_A_CALL), deadline);
	else
		found = -EINVAL;
	file_put(f);
	return found;
}

static uint64_t deadline_ms(uint64_t timeout_ms)
{
	int timeout = (int)timeout_ms;

	if (timeout <= 0)
		return timeout ? FOREVER : AT_ONCE;
	return deadline_after((uint64_t)timeout * MILLISECOND_NS);
}

int64_t sys_epoll_wait(uint64_t epfd, uint64_t events, uint64_t maxevents, uint64_t timeout_ms)
{
	return wait_for(epfd, events, maxevents, deadline_ms(timeout_ms));
}

static int64_t wait_masked(uint64_t epfd, uint64_t events, uint64_t count, uint64_t deadline,
			   uint64_t mask_at, uint64_t mask_size)
{
	uint64_t mask;
	int64_t found;

	if (!mask_at)
		return wait_for(epfd, events, count, deadline);
	if (mask_size != sizeof(mask))
		return -EINVAL;
	if (user_copy_in(&mask, mask_at, sizeof(mask)))
		return -EFAULT;
	trace_data(4, DATA_SIGSET, &mask, sizeof(mask));
	signal_mask_temporary(mask);
	found = wait_for(epfd, events, count, deadline);
	signal_mask_restore_unless(found == -EINTR);
	return found;
}

int64_t sys_epoll_pwait(uint64_t epfd, uint64_t events, uint64_t maxevents, uint64_t timeout_ms,
			uint64_t sigmask, uint64_t sigsetsize)
{
	return wait_masked(epfd, events, maxevents, deadline_ms(timeout_ms), sigmask, sigsetsize);
}

int64_t sys_epoll_pwait2(uint64_t epfd, uint64_t events, uint64_t maxevents, uint64_t timeout,
			 uint64_t sigmask, uint64_t sigsetsize)
{
	uint64_t deadline = FOREVER, ns;
	int error;

	if (timeout) {
		error = user_timespec_in(timeout, 3, &ns);
		if (error)
			return error;
		deadline = ns ? deadline_after(ns) : AT_ONCE;
	}
	return wait_masked(epfd, events, maxevents, deadline, sigmask, sigsetsize);
}
