/* What a process does with signals: actions, masks, the alternate stack, and the
 * way out of a handler. */
#include <linux/errno.h>

#include "kernel/mm/user.h"
#include "kernel/proc/signal_frame.h"
#include "kernel/proc/signal_queue.h"
#include "kernel/proc/timers.h"
#include "kernel/syscall/table.h"
#include "kernel/trace/trace.h"

/* Set the action of sig.  A pending signal that is ignored from now on is gone. */
static void action_set(int sig, const struct sigaction *to, struct sigaction *was)
{
	struct process *p = current_process();
	struct signals *s = p->signals;
	uint64_t flags = spin_lock_irq(&s->lock);
	struct thread *t;

	*was = s->action[sig - 1];
	if (to) {
		s->action[sig - 1] = *to;
		s->action[sig - 1].sa_mask &= ~SIGNALS_UNBLOCKABLE;
		if (signal_ignored(s, sig)) {
			signal_flush(s, &s->pending, signal_bit(sig));
			list_for_each_entry(t, &p->threads, process_link)
				signal_flush(s, &thread_task(t)->pending, signal_bit(sig));
		}
	}
	spin_unlock_irq(&s->lock, flags);
	posix_timers_rearm();
}

int64_t sys_rt_sigaction(uint64_t sig, uint64_t act, uint64_t oldact, uint64_t size)
{
	struct sigaction to, was;

	if (size != sizeof(uint64_t))
		return -EINVAL;
	if (act) {
		if (user_copy_in(&to, act, sizeof(to)))
			return -EFAULT;
		trace_data(1, DATA_SIGACTION, &to, sizeof(to));
	}
	if ((int)sig < 1 || (int)sig > SIGNAL_MAX || (act && signal_bit(sig) & SIGNALS_UNBLOCKABLE))
		return -EINVAL;
	action_set(sig, act ? &to : NULL, &was);
	if (!oldact)
		return 0;
	trace_data(2, DATA_SIGACTION, &was, sizeof(was));
	return user_copy_out(oldact, &was, sizeof(was));
}

int64_t sys_rt_sigprocmask(uint64_t how, uint64_t set, uint64_t oldset, uint64_t size)
{
	uint64_t was = current_task()->blocked, change;

	if (size != sizeof(uint64_t))
		return -EINVAL;
	if (set) {
		if (user_copy_in(&change, set, sizeof(change)))
			return -EFAULT;
		trace_data(1, DATA_SIGSET, &change, sizeof(change));
		switch ((int)how) {
		case SIG_BLOCK:
			signal_mask_set(was | change);
			break;
		case SIG_UNBLOCK:
			signal_mask_set(was & ~change);
			break;
		case SIG_SETMASK:
			signal_mask_set(change);
			break;
		default:
			return -EINVAL;
		}
	}
	if (!oldset)
		return 0;
	trace_data(2, DATA_SIGSET, &was, sizeof(was));
	return user_copy_out(oldset, &was, sizeof(was));
}

int64_t sys_rt_sigpending(uint64_t set, uint64_t size)
{
	struct signals *s = current_process()->signals;
	uint64_t flags, pending;

	if (size > sizeof(pending))
		return -EINVAL;
	flags = spin_lock_irq(&s->lock);
	pending = signal_waiting(current()) & current_task()->blocked;
	spin_unlock_irq(&s->lock, flags);
	trace_data(0, DATA_SIGSET, &pending, sizeof(pending));
	return user_copy_out(set, &pending, size);
}

static int altstack_set(const stack_t *to)
{
	struct task *k = current_task();
	int mode = to->ss_flags & ~(int)SS_AUTODISARM;

	if (signal_on_altstack(&k->altstack, current()->frame->rsp))
		return -EPERM;
	if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0)
		return -EINVAL;
	if (mode == SS_DISABLE) {
		k->altstack = (stack_t){ .ss_flags = to->ss_flags };
		return 0;
	}
	if (to->ss_size < MINSIGSTKSZ)
		return -ENOMEM;
	k->altstack = *to;
	k->altstack.ss_flags &= ~SS_ONSTACK;
	return 0;
}

int64_t sys_sigaltstack(uint64_t ss, uint64_t old_ss)
{
	stack_t was = current_task()->altstack, to;
	int error;

	if (signal_on_altstack(&was, current()->frame->rsp))
		was.ss_flags |= SS_ONSTACK;
	if (ss) {
		if (user_copy_in(&to, ss, sizeof(to)))
			return -EFAULT;
		error = altstack_set(&to);
		if (error)
			return error;
	}
	return old_ss ? user_copy_out(old_ss, &was, sizeof(was)) : 0;
}

int64_t sys_rt_sigreturn(void)
{
	struct frame *f = current()->frame;

	if (!signal_frame_pop(f))
		signal_fault(SIGSEGV, SI_KERNEL, 0, VECTOR_PROTECTION, 0);
	else
		TRACE(signal_return, .rip = f->rip);
	return f->rax;
}
