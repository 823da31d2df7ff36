#include "kernel/proc/signal_queue.h"

#include <linux/errno.h>

#include "kernel/lib/assert.h"
#include "kernel/mm/object.h"
#include "kernel/proc/timers.h"

enum signal_default signal_default(int sig)
{
	static const uint8_t of[SIGNAL_MAX + 1] = {
#define SIGNAL(number, name, action, text) [number] = DEFAULT_##action,
#include "schemas/signals.def"
	};

	return of[sig];
}

int signal_first(uint64_t set)
{
	if (set & SIGNALS_FAULT)
		set &= SIGNALS_FAULT;
	return set ? __builtin_ctzll(set) + 1 : 0;
}

bool signal_ignored(const struct signals *s, int sig)
{
	__sighandler_t handler = s->action[sig - 1].sa_handler;
	enum signal_default usual = signal_default(sig);

	return handler == SIG_IGN ||
	       (handler == SIG_DFL && (usual == DEFAULT_IGN || usual == DEFAULT_CONT));
}

bool signal_enqueue(struct signals *s, struct signal_queue *q, int sig, const siginfo_t *info,
		    uint64_t limit)
{
	bool realtime = sig >= SIGRTMIN;
	struct signal_entry *e = NULL;

	if (!realtime && q->set & signal_bit(sig))
		return true;
	if (!realtime || s->queued < limit)
		e = kmalloc(sizeof(*e));
	/* A queued value must not get lost silently; a plain kill may lose its info. */
	if (!e && realtime && info->si_code < 0)
		return false;
	if (e) {
		e->info = *info;
		e->timer = NULL;
		list_append(&q->entries, &e->link);
		s->queued++;
	}
	q->set |= signal_bit(sig);
	return true;
}

/* Out of its queue.  A timer's entry stays the timer's. */
static void entry_take(struct signals *s, struct signal_entry *e)
{
	list_remove(&e->link);
	if (e->timer)
		e->info.si_overrun = posix_timer_taken(e->timer);
	else
		s->queued--;
}

void signal_dequeue(struct signals *s, struct signal_queue *q, int sig, siginfo_t *info)
{
	struct signal_entry *e, *found = NULL;
	bool more = false;

	list_for_each_entry(e, &q->entries, link) {
		if (e->info.si_signo != sig)
			continue;
		if (found)
			more = true;
		else
			found = e;
	}
	if (!more)
		q->set &= ~signal_bit(sig);
	if (!found) {
		*info = (siginfo_t){ .si_signo = sig, .si_code = SI_USER };
		return;
	}
	entry_take(s, found);
	*info = found->info;
	if (!found->timer)
		kfree(found);
}

void signal_flush(struct signals *s, struct signal_queue *q, uint64_t set)
{
	struct signal_entry *e, *next;

	if (!(q->set & set))
		return;
	list_for_each_entry_safe(e, next, &q->entries, link) {
		if (!(set & signal_bit(e->info.si_signo)))
			continue;
		entry_take(s, e);
		if (!e->timer)
			kfree(e);
	}
	q->set &= ~set;
}

uint64_t signal_waiting(const struct thread *t)
{
	return thread_task(t)->pending.set | t->process->signals->pending.set;
}

int signal_take(uint64_t wanted, siginfo_t *info)
{
	struct task *k = current_task();
	struct signals *s = current_process()->signals;
	struct signal_queue *q = &k->pending;
	int sig = signal_first(q->set & wanted);

	KASSERT_DEBUG(spin_held(&s->lock));
	if (!sig) {
		q = &s->pending;
		sig = signal_first(q->set & wanted);
	}
	if (sig)
		signal_dequeue(s, q, sig, info);
	return sig;
}

void signal_update(struct thread *t)
{
	struct process *p = t->process;
	struct signals *s = p->signals;

	t->interrupted = (signal_waiting(t) & ~thread_task(t)->blocked) != 0 || s->stopping ||
			 s->continue_notify || p->exiting ||
			 (s->exec_thread && s->exec_thread != t);
}

void signal_mask_set(uint64_t mask)
{
	struct signals *s = current_process()->signals;
	uint64_t flags = spin_lock_irq(&s->lock);

	current_task()->blocked = mask & ~SIGNALS_UNBLOCKABLE;
	signal_update(current());
	spin_unlock_irq(&s->lock, flags);
}

void signal_mask_temporary(uint64_t mask)
{
	struct task *k = current_task();

	k->saved_blocked = k->blocked;
	k->restore_blocked = true;
	signal_mask_set(mask);
}

void signal_mask_restore_unless(bool interrupted)
{
	struct task *k = current_task();

	if (!k->restore_blocked || interrupted)
		return;
	k->restore_blocked = false;
	signal_mask_set(k->saved_blocked);
}

bool signal_pending(void)
{
	return current()->interrupted;
}

bool signal_blocked_or_ignored(int sig)
{
	return current_task()->blocked & signal_bit(sig) ||
	       signal_ignored(current_process()->signals, sig);
}
