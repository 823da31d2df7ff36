/* Telling the trace of all threads that live: a recording whose beginning is lost
 * can still be read. */
#include "kernel/proc/tree.h"
#include "kernel/trace/trace.h"

static void process_tell(struct process *p)
{
	struct signals *s = p->signals;
	uint64_t flags = spin_lock_irq(&s->lock);
	struct thread *t;

	list_for_each_entry(t, &p->threads, process_link)
		TRACE_TAIL(thread_alive, t->name, strlen(t->name), .tid = t->tid, .pid = p->pid,
			   .parent = p->parent ? p->parent->pid : 0);
	spin_unlock_irq(&s->lock, flags);
}

static void roster_tell(void)
{
	struct process *p;

	tree_lock();
	tree_for_each(p) process_tell(p);
	tree_unlock();
}

void roster_init(void)
{
	trace_roster_hook = roster_tell;
}
