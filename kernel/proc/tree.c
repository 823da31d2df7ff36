#include "kernel/proc/tree.h"

#include <linux/errno.h>
#include <linux/prctl.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/fs/descriptors.h"
#include "kernel/ipc/futex.h"
#include "kernel/lib/assert.h"
#include "kernel/mm/object.h"
#include "kernel/proc/timers.h"

struct spinlock process_tree_lock = SPINLOCK_INIT(RANK_PROCESS_TREE, "process tree");
struct process *init_process;

static struct list processes = LIST_INIT(processes); /* [t] by rising pid */
static struct list thread_table[THREAD_CHAINS];      /* [t] NULL links: never used */
static uint64_t forks;                               /* [t] */
static uint32_t threads;                             /* [a] of programs */

struct list *thread_chain(uint32_t tid)
{
	struct list *chain = &thread_table[tid % THREAD_CHAINS];

	KASSERT_DEBUG(spin_held(&process_tree_lock));
	if (!chain->next)
		list_init(chain);
	return chain;
}

const struct list *tree_list(void)
{
	return &processes;
}

struct process *tree_first(void)
{
	return list_empty(&processes) ? NULL : list_first(&processes, struct process, all);
}

struct process *tree_next(struct process *p)
{
	return p->all.next == &processes ? NULL : list_entry(p->all.next, struct process, all);
}

struct process *tree_find(uint32_t pid)
{
	struct process *p;

	KASSERT_DEBUG(spin_held(&process_tree_lock));
	tree_for_each(p)
	{
		if (p->pid >= pid)
			return p->pid == pid ? p : NULL;
	}
	return NULL;
}

struct process *process_find(uint32_t pid)
{
	struct process *p;

	tree_lock();
	p = tree_find(pid);
	if (p)
		process_get(p);
	tree_unlock();
	return p;
}

struct fd_table *process_files(struct process *p)
{
	struct fd_table *files;

	tree_lock();
	files = p->files;
	if (files)
		fd_table_get(files);
	tree_unlock();
	return files;
}

struct process *process_next(uint32_t pid)
{
	struct process *p;

	tree_lock();
	tree_for_each(p)
	{
		if (p->pid > pid) {
			process_get(p);
			break;
		}
	}
	tree_unlock();
	return p;
}

struct thread *thread_find(uint32_t tid)
{
	struct thread *found = NULL;
	struct task *k;

	tree_lock();
	list_for_each_entry(k, thread_chain(tid), table_link) {
		if (k->thread->tid == tid) {
			found = k->thread;
			thread_get(found);
			break;
		}
	}
	tree_unlock();
	return found;
}

struct thread *futex_owner(uint32_t tid)
{
	return thread_find(tid);
}

void process_get(struct process *p)
{
	ref_get(&p->refs);
}

void process_put(struct process *p)
{
	if (!ref_put(&p->refs))
		return;
	timers_free(p->timers);
	kfree(p->signals);
	kfree(p);
}

struct process *process_create(uint32_t pid)
{
	struct process *p = kmalloc(sizeof(*p));

	if (!p)
		return NULL;
	ref_init(&p->refs, 1);
	p->pid = pid;
	p->signals = kmalloc(sizeof(*p->signals));
	p->timers = timers_create(p);
	if (!p->signals || !p->timers) {
		process_put(p);
		return NULL;
	}
	list_init(&p->children);
	list_init(&p->semaphore_undo);
	list_init(&p->sibling);
	list_init(&p->all);
	list_init(&p->threads);
	wait_queue_init(&p->child_wait);
	wait_queue_init(&p->vfork_wait);
	wait_queue_init(&p->end_wait);
	wait_queue_init(&p->signals->file_wait);
	spin_init(&p->signals->lock, RANK_SIGNAL, "signals");
	list_init(&p->signals->pending.entries);
	wait_queue_init(&p->signals->exec_wait);
	p->start_ns = clock_now();
	p->exit_signal = SIGCHLD;
	p->dumpable = true;
	return p;
}

void tree_insert(struct process *p, struct process *parent)
{
	struct list *at = &processes;

	KASSERT_DEBUG(spin_held(&process_tree_lock));
	while (at->prev != &processes && list_entry(at->prev, struct process, all)->pid > p->pid)
		at = at->prev;
	list_append(at, &p->all);
	p->parent = parent;
	if (parent) {
		list_append(&parent->children, &p->sibling);
		p->tty = parent->tty; /* not before: who gives a terminal up looks here */
	}
	forks++;
}

void tree_remove(struct process *p)
{
	uint32_t pid = p->pid, group = p->group, session = p->session;

	KASSERT_DEBUG(spin_held(&process_tree_lock));
	list_remove(&p->all);
	list_remove(&p->sibling);
	tree_id_release(pid);
	if (group != pid)
		tree_id_release(group);
	if (session != pid && session != group)
		tree_id_release(session);
	process_put(p);
}

void tree_id_release(uint32_t id)
{
	struct process *p;

	tree_for_each(p)
	{
		if (p->pid == id || p->group == id || p->session == id)
			return;
	}
	thread_id_free(id);
}

uint32_t tree_count_user(uint32_t uid)
{
	struct process *p;
	uint32_t count = 0;

	tree_lock();
	tree_for_each(p) count += p->credentials.uid == uid;
	tree_unlock();
	return count;
}

uint32_t tree_threads(void)
{
	return __atomic_load_n(&threads, __ATOMIC_RELAXED);
}

uint64_t tree_forks(void)
{
	return forks;
}

bool task_create(struct thread *t, const struct task *from)
{
	struct task *k = kmalloc(sizeof(*k));

	if (!k)
		return false;
	k->thread = t;
	list_init(&k->table_link);
	list_init(&k->pending.entries);
	k->altstack.ss_flags = SS_DISABLE;
	k->timer_slack = k->timer_slack_usual = TIMER_SLACK_NS;
	k->machine_check = from ? from->machine_check : PR_MCE_KILL_DEFAULT;
	if (from) {
		k->blocked = from->blocked;
		k->altstack = from->altstack;
		k->memory_policy = from->memory_policy;
		k->timer_slack = k->timer_slack_usual = from->timer_slack;
	}
	t->task = k;
	return true;
}

void thread_released(struct thread *t)
{
	kfree(t->task);
	t->task = NULL;
	if (t->process)
		process_put(t->process);
}

void thread_enlist(struct thread *t)
{
	struct process *p = t->process;
	uint64_t flags;

	KASSERT_DEBUG(spin_held(&process_tree_lock));
	thread_get(t);
	list_append(thread_chain(t->tid), &thread_task(t)->table_link);
	__atomic_fetch_add(&threads, 1, __ATOMIC_RELAXED);
	flags = spin_lock_irq(&p->signals->lock);
	list_append(&p->threads, &t->process_link);
	p->thread_count++;
	/* Made by a thread that has yet to notice that all are to end or stop. */
	t->timed = p->timed;
	t->interrupted = p->exiting || p->signals->exec_thread || p->signals->stopping;
	spin_unlock_irq(&p->signals->lock, flags);
}

void thread_delist(struct thread *t)
{
	tree_lock();
	list_remove(&thread_task(t)->table_link);
	__atomic_fetch_sub(&threads, 1, __ATOMIC_RELAXED);
	if (t->tid != t->process->pid)
		thread_id_free(t->tid);
	tree_unlock();
	thread_put(t);
}

void thread_become_leader(struct thread *t)
{
	struct process *p = t->process;
	uint64_t flags;

	tree_lock();
	list_remove(&thread_task(t)->table_link);
	thread_id_free(t->tid);
	t->tid = p->pid;
	list_append(thread_chain(t->tid), &thread_task(t)->table_link);
	flags = spin_lock_irq(&p->signals->lock);
	p->leader = t;
	spin_unlock_irq(&p->signals->lock, flags);
	tree_unlock();
}

void process_times(struct process *p, uint64_t *user, uint64_t *kernel)
{
	uint64_t flags = spin_lock_irq(&p->signals->lock), its_user, its_kernel;
	struct thread *t;

	*user = p->dead_user_ns;
	*kernel = p->dead_kernel_ns;
	list_for_each_entry(t, &p->threads, process_link) {
		thread_times(t, &its_user, &its_kernel);
		*user += its_user;
		*kernel += its_kernel;
	}
	spin_unlock_irq(&p->signals->lock, flags);
}
