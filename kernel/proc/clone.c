/* New threads and processes. */
#include <linux/errno.h>
#include <linux/resource.h>
#include <linux/sched.h>

#include "kernel/arch/x86_64/fpu.h"
#include "kernel/lib/restart.h"
#include "kernel/mm/user.h"
#include "kernel/proc/exec.h"
#include "kernel/proc/process_file.h"
#include "kernel/proc/sequence.h"
#include "kernel/proc/signal_queue.h"
#include "kernel/proc/tree.h"
#include "kernel/trace/trace.h"

/* What is understood; of these PTRACE, UNTRACED, SYSVSEM, IO and DETACHED have
 * nothing to act on here. */
#define FLAGS_KNOWN                                                                                \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_PIDFD | CLONE_PTRACE |          \
	 CLONE_VFORK | CLONE_PARENT | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS |                \
	 CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | CLONE_DETACHED | CLONE_UNTRACED |            \
	 CLONE_CHILD_SETTID | CLONE_IO | CLONE_CLEAR_SIGHAND)
#define FLAGS_NAMESPACES                                                                           \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |             \
	 CLONE_NEWPID | CLONE_NEWNET)
/* Threads of one process share all of these.  Linux lets them differ in FS and FILES. */
#define FLAGS_THREAD (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND)

/* There are no namespaces: what a kernel without them says, and to whom first. */
static int namespaces_check(uint64_t f)
{
	if (!(f & FLAGS_NAMESPACES))
		return 0;
	if (f & ~(uint64_t)CLONE_NEWUSER & FLAGS_NAMESPACES && !caller_can(CAP_SYS_ADMIN) &&
	    !(f & CLONE_NEWUSER))
		return -EPERM;
	return -EINVAL;
}

static int flags_check(const struct clone_request *r)
{
	uint64_t f = r->flags;

	if (f & ~(uint64_t)(FLAGS_KNOWN | FLAGS_NAMESPACES))
		return -EINVAL;
	if ((f & CLONE_THREAD && (f & FLAGS_THREAD) != FLAGS_THREAD) ||
	    (f & CLONE_SIGHAND && !(f & CLONE_VM)) ||
	    (f & CLONE_SIGHAND && f & CLONE_CLEAR_SIGHAND))
		return -EINVAL;
	if (f & CLONE_PARENT && current_process() == init_process)
		return -EINVAL;
	if (f & CLONE_PIDFD && f & (CLONE_THREAD | CLONE_DETACHED))
		return -EINVAL;
	return namespaces_check(f);
}

/* Who may go beyond limits, or administers, has as many processes as there can be. */
static int limit_check(void)
{
	const struct process *p = current_process();
	uint32_t uid = p->credentials.uid;

	if (tree_threads() >= thread_limit())
		return -EAGAIN;
	if (uid && tree_count_user(uid) >= p->limits[RLIMIT_NPROC].soft &&
	    !caller_can(CAP_SYS_RESOURCE) && !caller_can(CAP_SYS_ADMIN))
		return -EAGAIN;
	return 0;
}

/* Handlers of the parent; ignored signals stay ignored in any case. */
static void actions_copy(struct signals *to, struct signals *from, bool clear)
{
	uint64_t flags = spin_lock_irq(&from->lock);

	memcpy(to->action, from->action, sizeof(to->action));
	spin_unlock_irq(&from->lock, flags);
	for (int i = 0; clear && i < SIGNAL_MAX; i++) {
		if (to->action[i].sa_handler != SIG_IGN)
			to->action[i] = (struct sigaction){ .sa_handler = SIG_DFL };
	}
}

static bool memory_copy(struct process *p, struct process *from, uint64_t flags)
{
	if (flags & CLONE_VM) {
		space_get(from->space);
		p->space = from->space;
		p->space_shared = from->space_shared = true;
	} else {
		p->space = space_clone(from->space);
	}
	return p->space;
}

static bool files_copy(struct process *p, struct process *from, uint64_t flags)
{
	if (flags & CLONE_FILES) {
		fd_table_get(from->files);
		p->files = from->files;
		p->files_shared = from->files_shared = true;
	} else {
		p->files = fd_table_copy(from->files);
	}
	if (flags & CLONE_FS) {
		fs_context_get(from->fs);
		p->fs = from->fs;
	} else {
		p->fs = fs_context_copy(from->fs);
	}
	return p->files && p->fs;
}

/* Give back a process that nobody has seen. */
static void process_discard(struct process *p)
{
	if (p->space)
		space_put(p->space);
	if (p->files)
		fd_table_put(p->files);
	if (p->fs)
		fs_context_put(p->fs);
	executable_put(&p->executable);
	process_put(p);
}

static struct process *process_copy(uint32_t pid, const struct clone_request *r)
{
	struct process *from = current_process();
	struct process *p = process_create(pid);

	if (!p)
		return NULL;
	p->exit_signal = r->flags & CLONE_PARENT ? from->exit_signal : r->exit_signal;
	p->credentials = from->credentials;
	memcpy(p->limits, from->limits, sizeof(p->limits));
	p->timed = p->limits[RLIMIT_CPU].soft != RLIM64_INFINITY;
	tree_lock();
	p->executable = from->executable;
	executable_get(&p->executable);
	tree_unlock();
	p->personality = from->personality;
	p->oom_adjust = from->oom_adjust;
	p->dumpable = from->dumpable;
	p->barriers = from->barriers;
	p->no_new_privileges = from->no_new_privileges;
	p->no_huge_pages = from->no_huge_pages;
	actions_copy(p->signals, from->signals, r->flags & CLONE_CLEAR_SIGHAND);
	if (!memory_copy(p, from, r->flags) || !files_copy(p, from, r->flags)) {
		process_discard(p);
		return NULL;
	}
	return p;
}

/* A thread that will return from the same call with result 0. */
static struct thread *thread_copy(uint32_t tid, const struct clone_request *r)
{
	struct thread *from = current(), *t;
	struct frame f = *from->frame;
	struct task *k;

	f.rax = 0;
	f.error = UINT64_MAX;
	if (r->stack)
		f.rsp = r->stack;
	t = thread_create_user(tid, from->name, &f);
	if (!t)
		return NULL;
	if (!task_create(t, current_task())) {
		thread_put(t);
		return NULL;
	}
	k = thread_task(t);
	if (r->flags & CLONE_VM && !(r->flags & CLONE_VFORK))
		k->altstack = (stack_t){ .ss_flags = SS_DISABLE };
	if (!(r->flags & CLONE_VM))
		sequence_inherit(t, from);
	if (r->flags & CLONE_CHILD_CLEARTID)
		k->clear_child_tid = r->child_tid;
	fpu_save(from->fpu);
	memcpy(t->fpu, from->fpu, fpu_size());
	t->fs_base = r->flags & CLONE_SETTLS ? r->tls : from->fs_base;
	t->gs_base = from->gs_base;
	t->nice = from->nice;
	t->io_priority = from->io_priority;
	if (!from->policy_not_forked) {
		t->policy = from->policy;
		t->urgency = from->urgency;
	}
	t->affinity = from->affinity;
	return t;
}

static void tids_store(const struct clone_request *r, uint32_t tid, struct process *p)
{
	/* As Linux: a bad pointer is not an error here. */
	if (r->flags & CLONE_PARENT_SETTID)
		(void)user_copy_out(r->parent_tid, &tid, sizeof(tid));
	if (r->flags & CLONE_CHILD_SETTID)
		space_write(p->space, r->child_tid, &tid, sizeof(tid), false);
}

/* Only what ends the parent ends its wait, too. */
static void vfork_wait(struct process *p)
{
	struct wait w;
	int error = 0;

	wait_begin_killable(&w, &p->vfork_wait, WAIT_VFORK);
	while (!__atomic_load_n(&p->vfork_done, __ATOMIC_ACQUIRE) && !error)
		error = wait_sleep(&w);
	wait_end(&w);
}

/* CLONE_PIDFD: a descriptor for p, stored where the caller said.  It, or -errno. */
static int pidfd_make(struct process *p, uint64_t to)
{
	struct process *self = current_process();
	struct file *f;
	int fd = process_file_create(p, 0, &f);

	if (!fd)
		fd = fd_install(self->files, f, 0, true, self->limits[RLIMIT_NOFILE].soft);
	if (fd >= 0 && user_copy_out(to, &fd, sizeof(fd))) {
		fd_close(self->files, fd);
		fd = -EFAULT;
	}
	if (fd >= 0)
		trace_data(0, DATA_STRUCT_OUT, &fd, sizeof(fd));
	return fd;
}

/* The child's number: the one asked for, or any. */
static int number_choose(const struct clone_request *r)
{
	int error;

	if (!r->tid)
		return (int)thread_id_alloc();
	error = thread_id_take(r->tid);
	return error ? error : (int)r->tid;
}

/* Give back what was made of a child that nobody has seen. */
static int64_t clone_undo(uint32_t tid, struct thread *t, struct process *p, int64_t error)
{
	if (t)
		thread_put(t);
	if (p && p != current_process())
		process_discard(p);
	thread_id_free(tid);
	return error;
}

/* Show the child to everybody.  False: a signal came first.  One to the whole group must
 * find the child in it, or the parent not yet here: else a child gets away from it. */
static bool child_show(struct thread *t, struct process *p, const struct clone_request *r)
{
	struct process *self = current_process();

	tree_lock();
	if (signal_pending()) {
		tree_unlock();
		return false;
	}
	TRACE_TAIL(thread_create, t->name, strlen(t->name), .tid = t->tid, .pid = p->pid,
		   .parent = current()->tid, .flags = r->flags | (unsigned)r->exit_signal);
	thread_enlist(t);
	if (p != self) {
		p->group = self->group;
		p->session = self->session;
		tree_insert(p, r->flags & CLONE_PARENT ? self->parent : self);
	}
	tree_unlock();
	return true;
}

int64_t process_clone(const struct clone_request *r)
{
	bool is_thread = r->flags & CLONE_THREAD, is_vfork = r->flags & CLONE_VFORK;
	struct process *self = current_process(), *p = self;
	struct thread *t;
	int tid, pidfd = 0, error = flags_check(r);

	if (!error)
		error = limit_check();
	if (error)
		return error;
	tid = number_choose(r);
	if (tid <= 0)
		return tid ? tid : -EAGAIN;
	t = thread_copy((uint32_t)tid, r);
	if (t && !is_thread)
		p = process_copy((uint32_t)tid, r);
	if (!t || !p)
		return clone_undo((uint32_t)tid, t, p, -ENOMEM);
	if (r->flags & CLONE_PIDFD)
		pidfd = pidfd_make(p, r->pidfd);
	if (pidfd < 0)
		return clone_undo((uint32_t)tid, t, p, pidfd);
	process_get(p);
	t->process = p;
	t->space = p->space;
	if (!is_thread)
		p->leader = t;
	tids_store(r, (uint32_t)tid, p);
	if (!child_show(t, p, r)) {
		if (r->flags & CLONE_PIDFD)
			fd_close(self->files, pidfd);
		return clone_undo((uint32_t)tid, t, p, -ERESTARTNOINTR);
	}
	if (is_vfork)
		process_get(p);
	thread_start(t);
	if (is_vfork) {
		vfork_wait(p);
		process_put(p);
	}
	return tid;
}
