/* Waiting for signals. */
#include <linux/errno.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/mm/user.h"
#include "kernel/proc/signal_queue.h"
#include "kernel/proc/timers.h"
#include "kernel/sched/wait.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_time.h"
#include "kernel/trace/trace.h"

/* Sleep until a signal is pending (-EINTR) or the deadline (0: none; -ETIMEDOUT). */
static int signal_sleep(uint64_t deadline)
{
	struct wait_queue nobody;
	struct wait w;
	int error = 0;

	wait_queue_init(&nobody);
	wait_begin(&w, &nobody, WAIT_SIGNAL);
	while (!error)
		error = wait_sleep_until(&w, deadline);
	wait_end(&w);
	return error;
}

int64_t sys_pause(void)
{
	signal_sleep(0);
	return -ERESTARTNOHAND;
}

int64_t sys_rt_sigsuspend(uint64_t mask, uint64_t size)
{
	uint64_t set;

	if (size != sizeof(set))
		return -EINVAL;
	if (user_copy_in(&set, mask, sizeof(set)))
		return -EFAULT;
	trace_data(0, DATA_SIGSET, &set, sizeof(set));
	signal_mask_temporary(set);
	signal_sleep(0);
	return -ERESTARTNOHAND;
}

/* Take a signal of set if one waits; signals of set wake this thread, blocked or
 * not, while `waiting`. */
static int take(uint64_t set, bool waiting, siginfo_t *info)
{
	struct signals *s = current_process()->signals;
	uint64_t flags = spin_lock_irq(&s->lock);
	int sig = signal_take(set, info);

	current_task()->waiting_for = waiting && !sig ? set : 0;
	signal_update(current());
	spin_unlock_irq(&s->lock, flags);
	posix_timers_rearm();
	return sig;
}

int64_t sys_rt_sigtimedwait(uint64_t set_addr, uint64_t info_addr, uint64_t timeout, uint64_t size)
{
	uint64_t set, ns, deadline = 0;
	siginfo_t info;
	int sig, error = 0;

	if (size != sizeof(set))
		return -EINVAL;
	if (user_copy_in(&set, set_addr, sizeof(set)))
		return -EFAULT;
	trace_data(0, DATA_SIGSET, &set, sizeof(set));
	if (timeout) {
		error = user_timespec_in(timeout, 2, &ns);
		if (error)
			return error;
		deadline = deadline_after(ns);
	}
	set &= ~SIGNALS_UNBLOCKABLE;
	while (!(sig = take(set, true, &info)) && !error) {
		if (!current()->interrupted)
			error = signal_sleep(deadline);
		else
			error = -EINTR;
		/* Woken by what we wait for, perhaps: look once more. */
		if (error == -EINTR && (sig = take(set, true, &info)) != 0)
			break;
	}
	if (!sig)
		sig = take(set, false, &info);
	if (!sig)
		return error == -ETIMEDOUT ? -EAGAIN : -EINTR;
	if (info_addr && user_copy_out(info_addr, &info, sizeof(info)))
		return -EFAULT;
	return sig;
}
