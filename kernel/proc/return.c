/* The way back to ring 3: signals are delivered, threads stop and end, calls are
 * restarted, others get the CPU; until nothing is left to do.
 *
 * Reading order: process_return_work at the end, then upwards. */
#include <linux/errno.h>
#include <asm/unistd.h>

#include "kernel/mm/user.h"
#include "kernel/proc/core.h"
#include "kernel/proc/sequence.h"
#include "kernel/proc/signal_frame.h"
#include "kernel/proc/signal_queue.h"
#include "kernel/proc/timers.h"
#include "kernel/proc/tree.h"
#include "kernel/trace/trace.h"
#include "schemas/trace.h"

#define SYSCALL_BYTES 2 /* length of the SYSCALL instruction */

/* Go back to the SYSCALL instruction with number nr. */
static void call_again(struct frame *f, uint64_t nr)
{
	f->rax = nr;
	f->rip -= SYSCALL_BYTES;
}

/* A call was interrupted: what becomes of it now that the signal's action is
 * known (NULL: there is no handler to run). */
static void call_settle(struct frame *f, const struct sigaction *a)
{
	if (f->vector != FRAME_SYSCALL || (int64_t)f->error < 0)
		return;
	switch (-(int64_t)f->rax) {
	case ERESTARTSYS:
		if (a && !(a->sa_flags & SA_RESTART))
			f->rax = -EINTR;
		else
			call_again(f, f->error);
		break;
	case ERESTARTNOINTR:
		call_again(f, f->error);
		break;
	case ERESTARTNOHAND:
		if (a)
			f->rax = -EINTR;
		else
			call_again(f, f->error);
		break;
	case ERESTART_RESTARTBLOCK:
		if (a)
			f->rax = -EINTR;
		else
			call_again(f, __NR_restart_syscall);
		break;
	default:
		break;
	}
	f->error = UINT64_MAX;
}

static void handler_start(struct frame *f, int sig, const struct sigaction *a,
			  const siginfo_t *info)
{
	struct task *k = current_task();
	struct signals *s = current_process()->signals;
	uint64_t mask = k->restore_blocked ? k->saved_blocked : k->blocked;
	uint64_t more = a->sa_mask, flags;

	call_settle(f, a);
	sequence_interrupt(f);
	if (!signal_frame_push(f, sig, a, info, mask)) {
		if (sig == SIGSEGV) {
			flags = spin_lock_irq(&s->lock);
			s->action[SIGSEGV - 1].sa_handler = SIG_DFL;
			spin_unlock_irq(&s->lock, flags);
		}
		signal_fault(SIGSEGV, SI_KERNEL, 0, VECTOR_PROTECTION, 0);
		return;
	}
	k->restore_blocked = false;
	if (!(a->sa_flags & SA_NODEFER))
		more |= signal_bit(sig);
	signal_mask_set(k->blocked | more);
}

/* The last thread of p has stopped: tell the parent. */
static void stop_announce(struct process *p, int sig)
{
	tree_lock();
	tree_notify(p, CLD_STOPPED, sig);
	tree_unlock();
}

/* Stop until SIGCONT, SIGKILL or the end of the process. */
static void thread_stop(void)
{
	struct thread *t = current();
	struct process *p = t->process;
	struct signals *s = p->signals;
	bool last = false, more;
	uint32_t number;
	uint64_t flags;

	/* Before anybody is told: who waits for the stop finds it stopped. */
	sched_prepare(THREAD_STOPPED, WAIT_SIGNAL);
	flags = spin_lock_irq(&s->lock);
	number = s->stop_number;
	more = s->stopping;
	if (more && ++s->stopped_count >= p->thread_count) {
		last = s->stopped = true;
		s->stop_report = s->stop_signal;
	}
	spin_unlock_irq(&s->lock, flags);
	if (last)
		stop_announce(p, s->stop_signal);
	while (more) {
		sched_prepare(THREAD_STOPPED, WAIT_SIGNAL);
		flags = spin_lock_irq(&s->lock);
		more = s->stopping && s->stop_number == number && !p->exiting &&
		       (!s->exec_thread || s->exec_thread == t);
		spin_unlock_irq(&s->lock, flags);
		if (more)
			sched_block();
	}
	sched_ready();
}

/* Is a SIGKILL about to be taken?  It may wait behind the stop signal.
 * Holds: signals lock. */
static bool kill_waits(const struct process *p)
{
	uint64_t waiting = p->signals->pending.set;
	struct thread *t;

	list_for_each_entry(t, &p->threads, process_link)
		waiting |= thread_task(t)->pending.set;
	return waiting & signal_bit(SIGKILL);
}

/* All threads are to stop.  A SIGCONT that came since sig was taken wins, and so does
 * SIGKILL. */
static void stop_begin(struct process *p, int sig)
{
	struct signals *s = p->signals;
	bool orphaned = false;
	struct thread *t;
	uint64_t flags;

	if (sig != SIGSTOP) {
		tree_lock();
		orphaned = group_orphaned(p->group, NULL);
		tree_unlock();
	}
	flags = spin_lock_irq(&s->lock);
	if (s->stop_taken && !s->stopping && !p->exiting && !orphaned && !kill_waits(p)) {
		s->stopping = true;
		s->stop_signal = sig;
		s->stop_number++;
		s->stopped_count = 0;
		s->continue_report = false;
		list_for_each_entry(t, &p->threads, process_link)
			thread_interrupt(t);
	}
	s->stop_taken = false;
	spin_unlock_irq(&s->lock, flags);
}

/* What a post-mortem wants of the thread that takes sig and ends its process. */
static void fatal_state_record(const struct frame *f, int sig)
{
	struct {
		uint64_t registers[FATAL_STATE_REGISTERS];
		uint64_t stack[FATAL_STATE_STACK];
	} tail = {
		.registers = { f->rax, f->rbx, f->rcx, f->rdx, f->rsi, f->rdi, f->rbp, f->r8, f->r9,
			       f->r10, f->r11, f->r12, f->r13, f->r14, f->r15 },
	};
	const size_t got = user_copy_in_some(tail.stack, f->rsp, sizeof(tail.stack)) / 8;

	trace_gate();
	TRACE_TAIL(fatal_state, &tail, sizeof(tail.registers) + got * 8, .rip = f->rip,
		   .rsp = f->rsp, .rflags = (uint32_t)f->rflags, .sig = (unsigned)sig,
		   .stack = (unsigned)got);
}

static void default_action(const struct frame *f, int sig, const siginfo_t *info)
{
	TRACE(signal_deliver, .handler = 0, .sig = sig);
	switch (signal_default(sig)) {
	case DEFAULT_IGN:
	case DEFAULT_CONT:
		break;
	case DEFAULT_STOP:
		stop_begin(current_process(), sig);
		break;
	case DEFAULT_CORE:
		fatal_state_record(f, sig);
		process_exit_group(core_dump(f, sig, info));
	case DEFAULT_TERM:
		fatal_state_record(f, sig);
		process_exit_group(sig);
	}
}

/* One step: the most urgent thing that `interrupted` stood for. */
static void attend(struct frame *f)
{
	struct thread *t = current();
	struct process *p = t->process;
	struct signals *s = p->signals;
	uint64_t flags = spin_lock_irq(&s->lock);
	bool ends = p->exiting || (s->exec_thread && s->exec_thread != t);
	bool notify = s->continue_notify, stops = s->stopping;
	struct sigaction action;
	siginfo_t info;
	int sig = 0;

	s->continue_notify = false;
	if (!ends && !notify && !stops) {
		sig = signal_take(~thread_task(t)->blocked, &info);
		if (sig) {
			action = s->action[sig - 1];
			s->stop_taken =
				action.sa_handler == SIG_DFL && signal_default(sig) == DEFAULT_STOP;
			if (action.sa_flags & SA_RESETHAND && action.sa_handler != SIG_IGN)
				s->action[sig - 1].sa_handler = SIG_DFL;
		}
	}
	signal_update(t);
	spin_unlock_irq(&s->lock, flags);
	posix_timers_rearm();
	if (ends)
		core_wait();
	if (ends)
		process_exit_thread(p->exit_status >> 8);
	if (notify) {
		tree_lock();
		tree_notify(p, CLD_CONTINUED, SIGCONT);
		tree_unlock();
	} else if (stops) {
		thread_stop();
	}
	if (!sig || action.sa_handler == SIG_IGN)
		return;
	if (action.sa_handler == SIG_DFL) {
		default_action(f, sig, &info);
	} else {
		TRACE(signal_deliver, .handler = (uint64_t)action.sa_handler, .sig = sig);
		handler_start(f, sig, &action, &info);
	}
}

void process_return_work(struct frame *f, bool in_syscall)
{
	struct thread *t = current();

	for (;;) {
		irq_disable();
		if (this_cpu()->reschedule) {
			sched_preempt();
			irq_enable(); /* let what came in meanwhile be seen */
		} else if (t->interrupted) {
			irq_enable();
			attend(f);
		} else if (t->resumed) {
			irq_enable();
			sequence_resume(f);
		} else if (thread_task(t)->restore_blocked) {
			irq_enable();
			signal_mask_restore_unless(false);
		} else {
			break;
		}
	}
	if (in_syscall)
		call_settle(f, NULL);
}
