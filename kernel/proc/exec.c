#include "kernel/proc/exec.h"

#include <linux/errno.h>
#include <linux/personality.h>
#include <linux/resource.h>

#include "kernel/arch/x86_64/fpu.h"
#include "kernel/mm/object.h"
#include "kernel/proc/sequence.h"
#include "kernel/proc/signal_queue.h"
#include "kernel/proc/timers.h"
#include "kernel/proc/tree.h"
#include "kernel/trace/trace.h"

#define PATH_TEXT 4096 /* PATH_MAX */

/* The name shown by ps: the last part of the path. */
static void name_set(struct thread *t, const char *path)
{
	const char *last = strrchr(path, '/');

	string_copy(t->name, sizeof(t->name), last ? last + 1 : path);
	rules_forget(&t->trace);
	TRACE_TAIL(thread_name, t->name, strlen(t->name), .tid = t->tid);
}

static void exec_record(const struct program *g)
{
	char *text = kmalloc(PATH_TEXT);

	if (text && path_name(&g->executable, NULL, text, PATH_TEXT) > 0)
		TRACE_TAIL(exec, text, strlen(text), .entry = g->entry);
	kfree(text);
}

/* Handlers are gone with their code; ignored signals stay ignored. */
static void actions_reset(struct signals *s)
{
	uint64_t flags = spin_lock_irq(&s->lock);

	for (int i = 0; i < SIGNAL_MAX; i++) {
		if (s->action[i].sa_handler != SIG_IGN)
			s->action[i].sa_handler = SIG_DFL;
		s->action[i].sa_flags = 0;
		s->action[i].sa_restorer = NULL;
		s->action[i].sa_mask = 0;
	}
	spin_unlock_irq(&s->lock, flags);
}

/* execve by another thread than the leader: it goes on under the process's number. */
static void leader_become(struct thread *t)
{
	uint32_t old = t->tid;

	if (old == t->process->pid)
		return;
	TRACE(thread_exit, .tid = old, .status = 0);
	irq_disable();
	thread_become_leader(t);
	ring_set_thread(this_cpu()->ring, t->tid);
	t->trace.tid = t->tid;
	rules_forget(&t->trace);
	TRACE(context_switch, .prev = old, .next = t->tid, .reason = SWITCH_EXIT);
	irq_enable();
}

/* The registers' worth of the thread that a new program must not see. */
static void thread_reset(struct thread *t)
{
	struct task *k = thread_task(t);

	irq_disable();
	fpu_area_init(t->fpu);
	fpu_restore(t->fpu);
	t->fs_base = t->gs_base = 0;
	msr_write(MSR_FS_BASE, 0);
	msr_write(MSR_KERNEL_GS_BASE, 0);
	irq_enable();
	k->altstack = (stack_t){ .ss_flags = SS_DISABLE };
	sequence_forget(t);
	t->process->barriers = 0;
	k->restart = (struct restart){ 0 };
	k->fault_trap = 0;
	k->fault_error = k->fault_addr = 0;
}

int process_unshare_files(struct process *p)
{
	struct fd_table *copy, *old;

	if (!p->files_shared)
		return 0;
	copy = fd_table_copy(p->files);
	if (!copy)
		return -ENOMEM;
	tree_lock();
	old = p->files;
	p->files = copy;
	p->files_shared = false;
	tree_unlock();
	fd_table_put(old);
	return 0;
}

/* The new space becomes the process's; what g held is the old one's. */
static void space_switch(struct process *p, struct program *g)
{
	struct thread *t = current();
	struct space *old = p->space;
	struct path executable = p->executable;

	memory_release();
	tree_lock();
	p->space = g->space;
	p->executable = g->executable;
	p->exec_done = true;
	p->space_shared = false;
	tree_unlock();
	irq_disable();
	t->space = p->space;
	space_activate(t->space);
	irq_enable();
	process_limits_apply(p);
	g->space = old;
	g->executable = executable;
}

/* The point of no return: nothing in here fails. */
static void program_commit(struct program *g, const char *name)
{
	struct thread *t = current();
	struct process *p = t->process;

	exec_record(g);
	leader_become(t);
	space_switch(p, g);
	vfork_release(p);
	fd_table_close_exec(p->files);
	actions_reset(p->signals);
	timers_exec(p);
	p->credentials = g->credentials;
	p->dumpable = !g->secure;
	p->personality &=
		~(uint32_t)(g->secure ? READ_IMPLIES_EXEC | PER_CLEAR_ON_SETID : READ_IMPLIES_EXEC);
	p->parent_death_signal = g->secure ? 0 : p->parent_death_signal;
	name_set(t, name);
	thread_reset(t);
	program_frame(g, t->frame);
}

int process_exec(struct path *program, const char *name, uint64_t argv, uint64_t envp, unsigned arg)
{
	struct process *p = current_process();
	struct arguments a;
	struct program g;
	int error = arguments_from_user(&a, argv, envp, arg, p->limits[RLIMIT_STACK].soft);

	if (error)
		return error;
	error = program_load(program, name, &a, p, &g);
	arguments_free(&a);
	if (error)
		return error;
	error = process_unshare_files(p);
	if (!error && !process_single())
		error = -EINTR;
	if (!error)
		program_commit(&g, name);
	program_release(&g);
	return error;
}
