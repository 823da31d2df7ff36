/* The end of threads and processes.
 *
 * A thread first does what needs the program's memory, then leaves the space,
 * then its process; the last one ends the process: everything is given back, the
 * children go to a new parent, a zombie is left for the old one. */
#include <linux/errno.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/ipc/futex.h"
#include "kernel/ipc/semaphore.h"
#include "kernel/lib/assert.h"
#include "kernel/mm/user.h"
#include "kernel/net/socket.h"
#include "kernel/proc/exec.h"
#include "kernel/proc/signal_queue.h"
#include "kernel/proc/timers.h"
#include "kernel/proc/tree.h"
#include "kernel/trace/trace.h"

void memory_release(void)
{
	struct thread *t = current();
	struct process *p = t->process;
	struct task *k = current_task();
	uint32_t zero = 0;

	robust_list_exit(k->robust_list, t->tid);
	k->robust_list = 0;
	futex_locks_exit();
	/* Nobody can wait on the word when nobody else has this memory. */
	if (k->clear_child_tid && (p->thread_count > 1 || p->space_shared)) {
		if (!user_copy_out(k->clear_child_tid, &zero, sizeof(zero)))
			futex_wake(k->clear_child_tid, 1, FUTEX_BITSET_ALL, false);
	}
	k->clear_child_tid = 0;
}

void vfork_release(struct process *p)
{
	__atomic_store_n(&p->vfork_done, true, __ATOMIC_RELEASE);
	wait_wake_all(&p->vfork_wait);
}

/* Run on the kernel's tables from here on. */
static void space_leave(void)
{
	irq_disable();
	current()->space = NULL;
	space_activate(NULL);
	irq_enable();
}

/* Give back what a process holds.  Readers in /proc take references under the
 * tree lock, so the pointers go first. */
static void resources_release(struct process *p)
{
	struct space *space;
	struct fd_table *files;
	struct fs_context *fs;
	struct path executable;

	timers_end(p);
	semaphore_exit(&p->semaphore_undo);
	tree_lock();
	space = p->space;
	files = p->files;
	fs = p->fs;
	executable = p->executable;
	p->space = NULL;
	p->files = NULL;
	p->fs = NULL;
	p->executable = (struct path){ 0 };
	tree_unlock();
	fd_table_put(files);
	fs_context_put(fs);
	executable_put(&executable);
	space_put(space);
}

/* The caller is the last thread of p. */
static void process_end(struct process *p)
{
	int status = p->exit_status, sig = status & 0x7f;

	TRACE(process_exit, .pid = p->pid, .status = status);
	trace_process_end((uint32_t)status);
	if (p == init_process && sig)
		panic("init was ended by signal %d", sig);
	if (p == init_process)
		machine_end(status >> 8 & 0xff);
	resources_release(p);
	socket_flight_collect();
	vfork_release(p);
	if (p->session == p->pid)
		session_end(p);
	tree_lock();
	tree_reparent(p);
	if (p->parent && p->parent->group != p->group && p->parent->session == p->session)
		group_check_orphaned(p->group, p);
	p->wait_status = status;
	__atomic_store_n(&p->zombie, true, __ATOMIC_RELEASE);
	wait_wake_all(&p->end_wait);
	if (tree_notify(p, process_end_code(status), sig ? sig : status >> 8 & 0xff))
		tree_remove(p);
	tree_unlock();
}

/* Take the thread out of its process; true if it was the last one. */
static bool thread_leave(struct thread *t)
{
	struct process *p = t->process;
	struct signals *s = p->signals;
	struct task *k = thread_task(t);
	bool last, stopped = false;
	uint64_t flags, user, kernel;

	flags = spin_lock_irq(&s->lock);
	thread_times(t, &user, &kernel);
	k->ended = true;
	signal_flush(s, &k->pending, UINT64_MAX);
	list_remove(&t->process_link);
	p->dead_user_ns += user;
	p->dead_kernel_ns += kernel;
	p->dead_voluntary += t->switches_voluntary;
	p->dead_forced += t->switches_forced;
	last = --p->thread_count == 0;
	if (last) {
		signal_flush(s, &s->pending, UINT64_MAX);
	} else if (s->stopping && !s->stopped && s->stopped_count >= p->thread_count) {
		stopped = s->stopped = true;
		s->stop_report = s->stop_signal;
	}
	wait_wake_all(&s->exec_wait);
	spin_unlock_irq(&s->lock, flags);
	if (stopped) {
		tree_lock();
		tree_notify(p, CLD_STOPPED, s->stop_signal);
		tree_unlock();
	}
	return last;
}

void process_exit_thread(int status)
{
	struct thread *t = current();
	struct process *p = t->process;
	uint64_t flags = spin_lock_irq(&p->signals->lock);

	if (!p->exiting && t == p->leader)
		p->exit_status = (status & 0xff) << 8;
	spin_unlock_irq(&p->signals->lock, flags);
	memory_release();
	space_leave();
	TRACE(thread_exit, .tid = t->tid, .status = status);
	/* Out of the table first: once the process is collected its number may be
	 * somebody else's. */
	thread_delist(t);
	if (thread_leave(t))
		process_end(p);
	thread_exit();
}

void process_exit_group(int wait_status)
{
	struct process *p = current_process();
	struct signals *s = p->signals;
	uint64_t flags = spin_lock_irq(&s->lock);
	struct thread *t;

	if (!p->exiting) {
		p->exiting = true;
		p->exit_status = wait_status;
		list_for_each_entry(t, &p->threads, process_link) {
			if (t == current())
				continue;
			thread_kill(t);
			thread_resume(t);
		}
	}
	wait_status = p->exit_status;
	spin_unlock_irq(&s->lock, flags);
	process_exit_thread(wait_status & 0x7f ? wait_status : wait_status >> 8);
}

bool process_single(void)
{
	struct thread *self = current(), *t;
	struct process *p = self->process;
	struct signals *s = p->signals;
	struct wait w;
	uint64_t flags = spin_lock_irq(&s->lock);

	if (p->exiting || s->exec_thread) {
		spin_unlock_irq(&s->lock, flags);
		return false;
	}
	s->exec_thread = self;
	list_for_each_entry(t, &p->threads, process_link) {
		if (t == self)
			continue;
		thread_kill(t);
		thread_resume(t);
	}
	spin_unlock_irq(&s->lock, flags);
	wait_begin_uninterruptible(&w, &s->exec_wait, WAIT_SIGNAL);
	while (__atomic_load_n(&p->thread_count, __ATOMIC_ACQUIRE) > 1)
		wait_sleep(&w);
	wait_end(&w);
	flags = spin_lock_irq(&s->lock);
	s->exec_thread = NULL;
	spin_unlock_irq(&s->lock, flags);
	return true;
}
