#include "kernel/proc/procfs.h"

#include <linux/errno.h>

#include "kernel/fs/procfs.h"
#include "kernel/ipc/sysv.h"
#include "kernel/proc/access.h"
#include "kernel/proc/tree.h"
#include "kernel/trace/trace.h"

/* A thread of a process, both with references; thread NULL: it is gone. */
struct subject {
	struct process *process;
	struct thread *thread;
};

static void subject_put(struct subject *s)
{
	if (s->thread)
		thread_put(s->thread);
	if (s->process)
		process_put(s->process);
}

static int subject_find(uint32_t pid, uint32_t tid, struct subject *out)
{
	*out = (struct subject){ .process = process_find(pid) };
	if (!out->process)
		return -ESRCH;
	out->thread = thread_find(tid);
	if (out->thread && out->thread->process != out->process) {
		thread_put(out->thread);
		out->thread = NULL;
	}
	if (!out->thread && tid != pid) {
		subject_put(out);
		return -ESRCH;
	}
	return 0;
}

struct space *process_space(struct process *p)
{
	struct space *s;

	tree_lock();
	s = p->space;
	if (s)
		space_get(s);
	tree_unlock();
	return s;
}

char thread_state_letter(const struct process *p, const struct thread *t)
{
	if (!t)
		return 'Z';
	switch (t->state) {
	case THREAD_NEW:
	case THREAD_READY:
	case THREAD_RUNNING:
		return 'R';
	case THREAD_SLEEPING:
		return 'S';
	case THREAD_BLOCKED:
		return 'D';
	case THREAD_STOPPED:
		return 'T';
	default:
		return p->zombie ? 'Z' : 'X';
	}
}

static uint32_t hook_self(void)
{
	return current_process() ? current_process()->pid : 0;
}

static uint32_t hook_self_thread(void)
{
	return current_process() ? current()->tid : 0;
}

static uint32_t hook_next_process(uint32_t pid)
{
	struct process *p = process_next(pid);
	uint32_t next = p ? p->pid : 0;

	if (p)
		process_put(p);
	return next;
}

static uint32_t hook_next_thread(uint32_t pid, uint32_t tid)
{
	struct process *p = process_find(pid);
	uint32_t next = 0;
	struct thread *t;
	uint64_t flags;

	if (!p)
		return 0;
	flags = spin_lock_irq(&p->signals->lock);
	list_for_each_entry(t, &p->threads, process_link) {
		if (t->tid > tid && (!next || t->tid < next))
			next = t->tid;
	}
	/* A process whose first thread has ended still shows it, as a zombie. */
	if (tid < pid)
		next = pid;
	spin_unlock_irq(&p->signals->lock, flags);
	process_put(p);
	return next;
}

static uint32_t hook_process_of(uint32_t id)
{
	struct process *p = process_find(id);
	struct thread *t = p ? NULL : thread_find(id);
	uint32_t pid = p ? p->pid : t && t->process ? t->process->pid : 0;

	if (t)
		thread_put(t);
	if (p)
		process_put(p);
	return pid;
}

static int hook_owner(uint32_t pid, uint32_t tid, uint32_t *uid, uint32_t *gid)
{
	struct subject s;
	int error = subject_find(pid, tid, &s);

	if (error)
		return error;
	*uid = s.process->dumpable ? s.process->credentials.euid : 0;
	*gid = s.process->dumpable ? s.process->credentials.egid : 0;
	subject_put(&s);
	return 0;
}

static int wchan_text(const struct thread *t, struct text *out)
{
	static const char *const names[] = {
#define VALUE(group, name, number, label) GROUP_##group(name, number)
#define GROUP_WAIT(name, number)          [number] = #name,
#define GROUP_WAY(name, number)
#define GROUP_FAULT(name, number)
#define GROUP_STACK(name, number)
#define GROUP_SWITCH(name, number)
#define GROUP_LOSS(name, number)
#define GROUP_DATA(name, number)
#define GROUP_MODE(name, number)
#define GROUP_IPI(name, number)
#define GROUP_VECTOR(name, number)
#include "schemas/enums.def"
	};
	bool waits = t && (t->state == THREAD_SLEEPING || t->state == THREAD_BLOCKED);

	if (waits && t->wait_reason < ARRAY_SIZE(names) && names[t->wait_reason])
		text_add(out, "%s", names[t->wait_reason]);
	else
		text_add(out, "0");
	return 0;
}

static int hook_text(uint32_t pid, uint32_t tid, enum proc_text what, struct text *out)
{
	struct subject s;
	int error = subject_find(pid, tid, &s);

	if (error)
		return error;
	switch (what) {
	case PROC_STAT:
		error = proc_stat_text(s.process, s.thread, tid, out);
		break;
	case PROC_STATUS:
		error = proc_status_text(s.process, s.thread, tid, out);
		break;
	case PROC_STATM:
		error = proc_statm_text(s.process, out);
		break;
	case PROC_CMDLINE:
		error = proc_memory_text(s.process, false, out);
		break;
	case PROC_ENVIRON:
		error = proc_memory_text(s.process, true, out);
		break;
	case PROC_COMM:
		text_add(out, "%s\n", s.thread ? s.thread->name : "");
		break;
	case PROC_MAPS:
		error = proc_maps_text(s.process, out);
		break;
	case PROC_LIMITS:
		error = proc_limits_text(s.process, out);
		break;
	case PROC_WCHAN:
		error = wchan_text(s.thread, out);
		break;
	case PROC_AUXV:
		error = proc_auxv_text(s.process, out);
		break;
	case PROC_SMAPS:
	case PROC_SMAPS_ROLLUP:
		error = proc_smaps_text(s.process, what == PROC_SMAPS_ROLLUP, out);
		break;
	case PROC_IO:
		error = proc_io_text(s.process, out);
		break;
	case PROC_OOM_SCORE:
		error = proc_oom_score_text(s.process, out);
		break;
	case PROC_OOM_ADJUST:
		text_add(out, "%d\n", s.process->oom_adjust);
		break;
	case PROC_PERSONALITY:
		text_add(out, "%08x\n", s.process->personality);
		break;
	case PROC_CHILDREN:
		error = proc_children_text(s.process, out);
		break;
	}
	subject_put(&s);
	return error;
}

static bool hook_may_look(uint32_t pid)
{
	struct process *p = process_find(pid);
	bool allowed;

	if (!p)
		return false;
	allowed = process_may_access(p, ACCESS_FILE);
	process_put(p);
	return allowed;
}

static struct space *hook_memory(uint32_t pid)
{
	struct process *p = process_find(pid);
	struct space *s;

	if (!p)
		return NULL;
	s = process_space(p);
	process_put(p);
	return s;
}

static int hook_link(uint32_t pid, uint32_t tid, enum proc_link what, struct path *out)
{
	struct fs_context *fs = NULL;
	struct subject s;
	int error = subject_find(pid, tid, &s);

	if (error)
		return error;
	*out = (struct path){ 0 };
	tree_lock();
	if (what == PROC_EXE) {
		*out = s.process->executable;
		path_get(out);
	} else {
		fs = s.process->fs;
		if (fs)
			fs_context_get(fs);
	}
	tree_unlock();
	subject_put(&s);
	if (fs) {
		if (what == PROC_CWD)
			fs_context_cwd(fs, out);
		else
			fs_context_root(fs, out);
		fs_context_put(fs);
	}
	return out->dentry ? 0 : -ENOENT;
}

static struct fd_table *hook_files(uint32_t pid, uint32_t tid)
{
	struct fd_table *files = NULL;
	struct subject s;

	if (subject_find(pid, tid, &s))
		return NULL;
	tree_lock();
	files = s.process->files;
	if (files)
		fd_table_get(files);
	tree_unlock();
	subject_put(&s);
	return files;
}

static int hook_set_comm(uint32_t pid, uint32_t tid, const char *name)
{
	struct subject s;
	int error = subject_find(pid, tid, &s);

	if (error)
		return error;
	if (s.process != current_process() || !s.thread) {
		error = -EINVAL;
	} else {
		string_copy(s.thread->name, sizeof(s.thread->name), name);
		rules_forget(&s.thread->trace);
		TRACE_TAIL(thread_name, s.thread->name, strlen(s.thread->name), .tid = tid);
	}
	subject_put(&s);
	return error;
}

static int hook_set_oom_adjust(uint32_t pid, const char *text)
{
	struct process *p = process_find(pid);
	int error = p ? proc_oom_adjust_set(p, text) : -ESRCH;

	if (p)
		process_put(p);
	return error;
}

static void hook_counts(struct proc_counts *out)
{
	struct process *p;
	struct thread *t;

	*out = (struct proc_counts){ .forks = tree_forks(), .running = sched_running() };
	tree_lock();
	tree_for_each(p)
	{
		uint64_t flags = spin_lock_irq(&p->signals->lock);

		out->last_pid = p->pid;
		out->switches += p->dead_voluntary + p->dead_forced;
		list_for_each_entry(t, &p->threads, process_link) {
			out->threads++;
			out->blocked += t->state == THREAD_BLOCKED;
			out->switches += t->switches_voluntary + t->switches_forced;
		}
		spin_unlock_irq(&p->signals->lock, flags);
	}
	tree_unlock();
}

void procfs_init(void)
{
	proc_hooks = (struct proc_hooks){
		.self = hook_self,
		.self_thread = hook_self_thread,
		.next_process = hook_next_process,
		.next_thread = hook_next_thread,
		.process_of = hook_process_of,
		.owner = hook_owner,
		.text = hook_text,
		.may_look = hook_may_look,
		.memory = hook_memory,
		.link = hook_link,
		.files = hook_files,
		.set_comm = hook_set_comm,
		.set_oom_adjust = hook_set_oom_adjust,
		.counts = hook_counts,
		.sysv = {
			[SYSV_MESSAGES] = sysv_msg_text,
			[SYSV_SEMAPHORES] = sysv_sem_text,
			[SYSV_SEGMENTS] = sysv_shm_text,
		},
	};
}
