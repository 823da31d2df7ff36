/* Making, ending and collecting processes; their numbers, groups and sessions. */
#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/wait.h>

#include "kernel/mm/user.h"
#include "kernel/proc/process_file.h"
#include "kernel/proc/tree.h"
#include "kernel/syscall/resource.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"
#include "kernel/trace/trace.h"

int64_t sys_fork(void)
{
	return process_clone(&(struct clone_request){ .exit_signal = SIGCHLD });
}

int64_t sys_vfork(void)
{
	return process_clone(
		&(struct clone_request){ .flags = CLONE_VFORK | CLONE_VM, .exit_signal = SIGCHLD });
}

int64_t sys_clone(uint64_t flags, uint64_t stack, uint64_t parent_tid, uint64_t child_tid,
		  uint64_t tls)
{
	struct clone_request r = {
		.flags = (uint32_t)flags & ~(uint64_t)CSIGNAL,
		.exit_signal = flags & CSIGNAL,
		.stack = stack,
		.parent_tid = parent_tid,
		.child_tid = child_tid,
		.tls = tls,
		.pidfd = parent_tid,
	};

	/* One address for two things. */
	if (r.exit_signal > SIGNAL_MAX || (flags & CLONE_PIDFD && flags & CLONE_PARENT_SETTID))
		return -EINVAL;
	return process_clone(&r);
}

/* struct clone_args of whatever version: what we do not know must be 0. */
static int clone_args_in(struct clone_args *a, uint64_t from, uint64_t size)
{
	uint8_t byte;

	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size < CLONE_ARGS_SIZE_VER0)
		return -EINVAL;
	memset(a, 0, sizeof(*a));
	if (user_copy_in(a, from, MIN(size, sizeof(*a))))
		return -EFAULT;
	for (uint64_t i = sizeof(*a); i < size; i++) {
		if (user_copy_in(&byte, from + i, 1))
			return -EFAULT;
		if (byte)
			return -E2BIG;
	}
	return 0;
}

/* set_tid: the number in each PID namespace, of which there is one. */
static int set_tid_in(const struct clone_args *a, uint32_t *tid)
{
	int32_t wanted;

	if (!a->set_tid != !a->set_tid_size || a->set_tid_size > 1)
		return -EINVAL;
	if (!a->set_tid)
		return 0;
	if (user_copy_in(&wanted, a->set_tid, sizeof(wanted)))
		return -EFAULT;
	if (wanted <= 0)
		return -EINVAL;
	if (!caller_can(CAP_SYS_ADMIN) && !caller_can(CAP_CHECKPOINT_RESTORE))
		return -EPERM;
	*tid = (uint32_t)wanted;
	return 0;
}

int64_t sys_clone3(uint64_t args, uint64_t size)
{
	struct clone_args a;
	struct clone_request r;
	int error = clone_args_in(&a, args, size);

	if (error)
		return error;
	/* There are no control groups; the stack comes as a pair. */
	if (a.flags & (CLONE_DETACHED | CSIGNAL) || a.exit_signal > SIGNAL_MAX || a.cgroup ||
	    !a.stack != !a.stack_size)
		return -EINVAL;
	if (a.flags & (CLONE_THREAD | CLONE_PARENT) && a.exit_signal)
		return -EINVAL;
	if (a.stack && !user_range(a.stack, a.stack_size))
		return -EINVAL;
	r = (struct clone_request){
		.flags = a.flags,
		.exit_signal = a.exit_signal,
		.stack = a.stack + a.stack_size,
		.parent_tid = a.parent_tid,
		.child_tid = a.child_tid,
		.tls = a.tls,
		.pidfd = a.pidfd,
	};
	error = set_tid_in(&a, &r.tid);
	if (error)
		return error;
	return process_clone(&r);
}

int64_t sys_exit(uint64_t status)
{
	process_exit_thread(status & 0xff);
}

int64_t sys_exit_group(uint64_t status)
{
	process_exit_group((status & 0xff) << 8);
}

int64_t sys_wait4(uint64_t pid, uint64_t status, uint64_t options, uint64_t rusage)
{
	int32_t who = pid;
	struct wait_request r = { .options = (int)options | WEXITED };
	struct wait_result found;
	struct rusage usage;
	int result;

	if (options & ~(uint64_t)(WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WCLONE |
				  __WALL) ||
	    who == INT32_MIN)
		return who == INT32_MIN ? -ESRCH : -EINVAL;
	if (who == -1) {
		r.type = P_ALL;
	} else if (who > 0) {
		r.type = P_PID;
		r.id = who;
	} else {
		r.type = P_PGID;
		r.id = who ? (uint32_t)-who : current_process()->group;
	}
	result = process_wait(&r, &found);
	if (result <= 0)
		return result;
	if (status) {
		trace_data(1, DATA_WAIT_STATUS, &found.status, sizeof(found.status));
		if (user_copy_out(status, &found.status, sizeof(found.status)))
			return -EFAULT;
	}
	if (rusage) {
		rusage_of_child(&found, &usage);
		if (user_copy_out(rusage, &usage, sizeof(usage)))
			return -EFAULT;
	}
	return found.pid;
}

static int waitid_request(uint64_t idtype, uint32_t id, int options, struct wait_request *r)
{
	*r = (struct wait_request){ .type = (int)idtype, .id = id, .options = options };
	if (options & ~(int)(WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED | __WNOTHREAD |
			     __WCLONE | __WALL) ||
	    !(options & (WEXITED | WSTOPPED | WCONTINUED)))
		return -EINVAL;
	switch (r->type) {
	case P_ALL:
		return 0;
	case P_PID:
		return (int32_t)id > 0 ? 0 : -EINVAL;
	case P_PGID:
		if (!id)
			r->id = current_process()->group;
		return (int32_t)id >= 0 ? 0 : -EINVAL;
	case P_PIDFD: /* the file comes next */
		return (int32_t)id >= 0 ? 0 : -EINVAL;
	default:
		return -EINVAL;
	}
}

/* The same for the process behind a pidfd. */
static int wait_by_file(struct wait_request *r, struct wait_result *found)
{
	struct file *f = caller_file(r->id);
	bool patient;
	int result;

	r->process = f ? process_file_process(f) : NULL;
	if (!r->process) {
		file_put(f);
		return -EBADF;
	}
	patient = !(f->flags & O_NONBLOCK) || r->options & WNOHANG;
	if (!patient)
		r->options |= WNOHANG;
	result = process_wait(r, found);
	file_put(f);
	return result || patient ? result : -EAGAIN;
}

int64_t sys_waitid(uint64_t idtype, uint64_t id, uint64_t info_addr, uint64_t options,
		   uint64_t rusage)
{
	struct wait_request r;
	struct wait_result found;
	struct rusage usage;
	siginfo_t info = { 0 };
	int result = waitid_request(idtype, id, options, &r);

	if (!result)
		result = r.type == P_PIDFD ? wait_by_file(&r, &found) : process_wait(&r, &found);
	if (result < 0)
		return result;
	if (result && rusage) {
		rusage_of_child(&found, &usage);
		if (user_copy_out(rusage, &usage, sizeof(usage)))
			return -EFAULT;
	}
	if (result) {
		info.si_signo = SIGCHLD;
		info.si_code = found.code;
		info.si_pid = found.pid;
		info.si_uid = found.uid;
		info.si_status = found.value;
	}
	/* As Linux: these fields only, the rest of the structure stays as it was. */
	if (info_addr &&
	    user_copy_out(info_addr, &info, offsetof(siginfo_t, si_status) + sizeof(int)))
		return -EFAULT;
	return 0;
}

int64_t sys_getpid(void)
{
	return current_process()->pid;
}

int64_t sys_gettid(void)
{
	return current()->tid;
}

int64_t sys_getppid(void)
{
	const struct process *parent;
	uint32_t pid;

	tree_lock();
	parent = current_process()->parent;
	pid = parent ? parent->pid : 0;
	tree_unlock();
	return pid;
}

int64_t sys_set_tid_address(uint64_t tidptr)
{
	current_task()->clear_child_tid = tidptr;
	return current()->tid;
}

int64_t sys_getpgrp(void)
{
	return current_process()->group;
}

/* Group and session of a process, 0: the caller's. */
static int numbers_of(int32_t pid, uint32_t *group, uint32_t *session)
{
	struct process *p;

	tree_lock();
	p = pid ? tree_find(pid) : current_process();
	if (p) {
		*group = p->group;
		*session = p->session;
	}
	tree_unlock();
	return p ? 0 : -ESRCH;
}

int64_t sys_getpgid(uint64_t pid)
{
	uint32_t group, session;
	int error = numbers_of(pid, &group, &session);

	return error ? error : (int64_t)group;
}

int64_t sys_getsid(uint64_t pid)
{
	uint32_t group, session;
	int error = numbers_of(pid, &group, &session);

	return error ? error : (int64_t)session;
}

/* The rules of setpgid(2).  Holds: tree lock. */
static int group_change_check(const struct process *p, uint32_t group)
{
	const struct process *self = current_process();

	if (!p || (p != self && p->parent != self))
		return -ESRCH;
	if (p != self && p->session != self->session)
		return -EPERM;
	if (p != self && p->exec_done)
		return -EACCES;
	if (p->session == p->pid)
		return -EPERM;
	if (group != p->pid && !group_exists(group, self->session))
		return -EPERM;
	return 0;
}

int64_t sys_setpgid(uint64_t pid, uint64_t pgid)
{
	uint32_t who = (int32_t)pid ? (uint32_t)pid : current_process()->pid, old;
	uint32_t group = (int32_t)pgid ? (uint32_t)pgid : who;
	struct process *p;
	int error;

	if ((int32_t)pgid < 0)
		return -EINVAL;
	tree_lock();
	p = tree_find(who);
	error = group_change_check(p, group);
	if (!error && p->group != group) {
		old = p->group;
		p->group = group;
		tree_id_release(old);
	}
	tree_unlock();
	return error;
}

int64_t sys_setsid(void)
{
	struct process *p = current_process(), *other;
	uint32_t group = p->group, session = p->session;
	int64_t result = p->pid;

	tree_lock();
	tree_for_each(other)
	{
		if (other->group == p->pid)
			result = -EPERM;
	}
	if (result > 0) {
		p->group = p->session = p->pid;
		p->tty = NULL;
		tree_id_release(group);
		if (session != group)
			tree_id_release(session);
	}
	tree_unlock();
	return result;
}
