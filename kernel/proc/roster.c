/* Telling the trace of all threads that live: a recording whose beginning is lost
 * can still be read.
 *
 * A thread is made (child_show, thread_create_kernel) and its record written under the lock
 * that its list is walked with here: one that the walk does not find has its record behind
 * the walk's beginning. */
#include "kernel/proc/tree.h"
#include "kernel/trace/trace.h"

/* Who names a thread anew changes it first and makes the record then.  Where that is older
 * than the one made here it must say the same: looked at again behind it. */
static void thread_tell(const struct thread *t, uint32_t pid, uint32_t parent)
{
	char name[THREAD_NAME_SIZE];

	do {
		string_copy(name, sizeof(name), t->name);
		TRACE_TAIL(thread_alive, name, strlen(name), .tid = t->tid, .pid = pid,
			   .parent = parent, .kernel = t->kernel_only);
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
	} while (strcmp(name, t->name) != 0);
}

static void kernel_thread_tell(const struct thread *t)
{
	thread_tell(t, t->tid, 0);
}

/* In portions, with room made between them: there may be more threads than the ring holds. */
static void roster_tell(void)
{
	const struct task *k;

	thread_each_kernel(kernel_thread_tell);
	for (unsigned i = 0; i < THREAD_CHAINS; i++) {
		trace_room();
		tree_lock();
		list_for_each_entry(k, thread_chain(i), table_link) {
			const struct process *p = k->thread->process;

			thread_tell(k->thread, p->pid, p->parent ? p->parent->pid : 0);
		}
		tree_unlock();
	}
}

void roster_init(void)
{
	trace_roster_hook = roster_tell;
}
