/* Sending signals: to whom, with what effect on stops, and who is woken. */
#include "kernel/proc/signal.h"

#include <linux/errno.h>
#include <linux/resource.h>

#include "kernel/arch/x86_64/fpu.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"
#include "kernel/proc/signal_queue.h"
#include "kernel/proc/tree.h"
#include "kernel/trace/trace.h"

/* Let stopped threads go on.  Holds: signals lock. */
static void stop_end(struct process *p)
{
	struct signals *s = p->signals;
	struct thread *t;

	s->stopping = false;
	s->stopped = false;
	s->stopped_count = 0;
	s->stop_report = 0;
	list_for_each_entry(t, &p->threads, process_link)
		thread_resume(t);
}

/* Stop signals and SIGCONT cancel each other as soon as they are sent, whatever
 * is blocked or handled.  Holds: signals lock. */
static void stops_update(struct process *p, int sig)
{
	struct signals *s = p->signals;
	uint64_t cancel = 0;
	struct thread *t;

	if (sig == SIGCONT)
		cancel = SIGNALS_STOP;
	else if (signal_bit(sig) & SIGNALS_STOP)
		cancel = signal_bit(SIGCONT);
	if (cancel) {
		signal_flush(s, &s->pending, cancel);
		list_for_each_entry(t, &p->threads, process_link)
			signal_flush(s, &thread_task(t)->pending, cancel);
	}
	if (sig == SIGCONT || sig == SIGKILL)
		s->stop_taken = false;
	if (sig == SIGCONT && s->stopping) {
		s->continue_report = s->continue_notify = s->stopped;
		stop_end(p);
	} else if (sig == SIGKILL && s->stopping) {
		stop_end(p);
	}
}

static bool thread_wants(const struct thread *t, int sig)
{
	const struct task *k = thread_task(t);

	return !k->ended && (!(k->blocked & signal_bit(sig)) || k->waiting_for & signal_bit(sig));
}

/* Have t look at sig, which it wants; what will end the process also ends waits that
 * nothing else does.  Holds: signals lock. */
static void signal_tell(struct process *p, struct thread *t, int sig)
{
	enum signal_default usual = signal_default(sig);

	if (p->signals->action[sig - 1].sa_handler == SIG_DFL &&
	    (usual == DEFAULT_TERM || usual == DEFAULT_CORE) &&
	    !(thread_task(t)->blocked & signal_bit(sig)))
		thread_kill(t);
	else
		thread_interrupt(t);
}

/* Wake a thread that can take sig: the target, or any, the leader first.
 * Holds: signals lock. */
static void signal_wake(struct process *p, struct thread *target, int sig)
{
	struct thread *t;

	wait_wake_all(&p->signals->file_wait);
	if (target) {
		if (thread_wants(target, sig))
			signal_tell(p, target, sig);
		return;
	}
	list_for_each_entry(t, &p->threads, process_link) {
		if (thread_wants(t, sig)) {
			signal_tell(p, t, sig);
			return;
		}
	}
}

/* Would sig do nothing?  A blocked one is kept: the action may change.  Init takes
 * no signal that it has no handler for.  Holds: signals lock. */
static bool signal_useless(struct process *p, struct thread *target, int sig)
{
	struct signals *s = p->signals;
	struct thread *t = target;

	if (!t && !list_empty(&p->threads))
		t = list_first(&p->threads, struct thread, process_link);
	if (!t || thread_task(t)->ended)
		return true;
	if ((thread_task(t)->blocked | thread_task(t)->waiting_for) & signal_bit(sig))
		return false;
	if (p == init_process && s->action[sig - 1].sa_handler == SIG_DFL)
		return true;
	return signal_ignored(s, sig);
}

static void record_send(struct process *p, struct thread *target, const siginfo_t *info)
{
	TRACE(signal_send, .target = target ? target->tid : p->pid, .sig = info->si_signo,
	      .code = (uint16_t)info->si_code);
	trace_signal(info->si_signo);
}

/* target NULL: any thread of p. */
static int signal_send(struct process *p, struct thread *target, int sig, const siginfo_t *info)
{
	siginfo_t kernel_info = { .si_signo = sig, .si_code = SI_KERNEL };
	struct signals *s = p->signals;
	struct signal_queue *q;
	uint64_t flags;
	int error = 0;

	if (!info)
		info = &kernel_info;
	record_send(p, target, info);
	flags = spin_lock_irq(&s->lock);
	stops_update(p, sig);
	if (!signal_useless(p, target, sig)) {
		q = target ? &thread_task(target)->pending : &s->pending;
		if (signal_enqueue(s, q, sig, info, p->limits[RLIMIT_SIGPENDING].soft))
			signal_wake(p, target, sig);
		else
			error = -EAGAIN;
	}
	spin_unlock_irq(&s->lock, flags);
	return error;
}

int signal_process(struct process *p, int sig, const siginfo_t *info)
{
	return signal_send(p, NULL, sig, info);
}

int signal_thread(struct thread *t, int sig, const siginfo_t *info)
{
	return signal_send(t->process, t, sig, info);
}

void signal_self(int sig)
{
	const struct process *p = current_process();
	siginfo_t info = { .si_signo = sig, .si_code = SI_USER };

	info.si_pid = (int)p->pid;
	info.si_uid = p->credentials.uid;
	signal_thread(current(), sig, &info);
}

bool signal_send_timer(struct process *p, struct thread *target, struct signal_entry *e)
{
	struct signals *s = p->signals;
	struct signal_queue *q = target ? &thread_task(target)->pending : &s->pending;
	int sig = e->info.si_signo;

	KASSERT_DEBUG(spin_held(&s->lock) && list_empty(&e->link));
	record_send(p, target, &e->info);
	stops_update(p, sig);
	if (signal_useless(p, target, sig))
		return false;
	list_append(&q->entries, &e->link);
	q->set |= signal_bit(sig);
	signal_wake(p, target, sig);
	return true;
}

int signal_group(uint32_t pgrp, int sig)
{
	struct process *p;
	int error = -ESRCH;

	tree_lock();
	tree_for_each(p)
	{
		if (p->group != pgrp || p->zombie)
			continue;
		signal_process(p, sig, NULL);
		error = 0;
	}
	tree_unlock();
	return error;
}

/* Which floating-point exception it was: SDM vol. 1, 8.1.3 and 10.2.3.  Bits that are
 * set and not masked, the first in Linux's order. */
static int float_code(unsigned trap)
{
	const char *area = current()->fpu;
	unsigned raised;
	uint16_t control, status;
	uint32_t mxcsr;

	fpu_save(current()->fpu);
	memcpy(&control, area, sizeof(control));
	memcpy(&status, area + 2, sizeof(status));
	memcpy(&mxcsr, area + 24, sizeof(mxcsr));
	raised = trap == VECTOR_FPU ? status & ~control : mxcsr & ~(mxcsr >> 7);
	if (raised & 0x01)
		return FPE_FLTINV;
	if (raised & 0x04)
		return FPE_FLTDIV;
	if (raised & 0x08)
		return FPE_FLTOVF;
	return raised & 0x12 ? FPE_FLTUND : FPE_FLTRES;
}

void signal_fault(int sig, int code, uint64_t addr, unsigned trap, uint64_t error)
{
	bool is_float = trap == VECTOR_FPU || trap == VECTOR_SIMD;
	siginfo_t info = { .si_signo = sig, .si_code = is_float ? float_code(trap) : code };
	struct thread *t = current();
	struct task *k = current_task();
	struct signals *s = t->process->signals;
	struct sigaction *a = &s->action[sig - 1];
	uint64_t flags;

	info.si_addr = (void *)addr;
	k->fault_trap = trap;
	k->fault_error = error;
	if (trap == VECTOR_PAGE_FAULT)
		k->fault_addr = addr;
	TRACE(signal_send, .target = t->tid, .sig = sig, .code = (uint16_t)info.si_code);
	trace_signal(sig);
	flags = spin_lock_irq(&s->lock);
	if (a->sa_handler == SIG_IGN || k->blocked & signal_bit(sig)) {
		a->sa_handler = SIG_DFL;
		k->blocked &= ~signal_bit(sig);
	}
	signal_enqueue(s, &k->pending, sig, &info, UINT64_MAX);
	t->interrupted = true;
	spin_unlock_irq(&s->lock, flags);
}
