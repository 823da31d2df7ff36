/* The tree of processes, the table of threads, groups and sessions.
 *
 * One spin lock (RANK_PROCESS_TREE, thread context only) guards the shape; the
 * lock of a process's signals is taken inside of it. */
#ifndef KERNEL_PROC_TREE_H
#define KERNEL_PROC_TREE_H

#include "kernel/proc/task.h"

extern struct spinlock process_tree_lock;

static inline void tree_lock(void)
{
	spin_lock(&process_tree_lock);
}

static inline void tree_unlock(void)
{
	spin_unlock(&process_tree_lock);
}

/* All processes by rising pid.  Holds: tree lock. */
struct process *tree_first(void);
struct process *tree_next(struct process *p);
/* Their list: struct process.all.  For who reads this memory from outside. */
const struct list *tree_list(void);
#define tree_for_each(p) for ((p) = tree_first(); (p); (p) = tree_next(p))

/* A process with one reference (the tree's), in no list; NULL without memory. */
struct process *process_create(uint32_t pid);
/* Put a complete process below parent (NULL: init).  Holds: tree lock. */
void tree_insert(struct process *p, struct process *parent);
/* Take a zombie out; drops the tree's reference and its numbers.  Holds: tree lock. */
void tree_remove(struct process *p);
/* By pid without a reference.  Holds: tree lock. */
struct process *tree_find(uint32_t pid);
#define THREAD_CHAINS 256 /* of the thread table, a power of two */
/* The threads of programs whose numbers leave that remainder: struct task.table_link.
 * Holds: tree lock. */
struct list *thread_chain(uint32_t tid);
/* Put t in the thread table and in its process's list.  Holds: tree lock. */
void thread_enlist(struct thread *t);
/* Take it out of the table; its number is free unless it is the process's. */
void thread_delist(struct thread *t);
/* t takes over the number of its process (execve by another thread than the leader). */
void thread_become_leader(struct thread *t);
/* A number is a process group, session or process no more.  Holds: tree lock. */
void tree_id_release(uint32_t id);
/* Processes of a user, for RLIMIT_NPROC. */
uint32_t tree_count_user(uint32_t uid);
/* New processes since boot, for /proc/stat. */
uint64_t tree_forks(void);
/* Threads of programs. */
uint32_t tree_threads(void);

/* group.c: job control.  Holds: tree lock. */
bool group_exists(uint32_t group, uint32_t session);
/* No member has a parent in another group of the same session, `without` aside. */
bool group_orphaned(uint32_t group, const struct process *without);
/* SIGHUP and SIGCONT if the group just became orphaned and has stopped members. */
void group_check_orphaned(uint32_t group, const struct process *without);
/* The session leader p ends: its terminal is lost.  Takes: tree lock. */
void session_end(struct process *p);
/* Make the terminals' hooks known. */
void group_init(void);

/* roster.c: tell the trace of all threads when it asks. */
void roster_init(void);

/* Reparent the children of p, which ends.  Holds: tree lock. */
void tree_reparent(struct process *p);
/* CLD_EXITED, CLD_KILLED or CLD_DUMPED of a wait status. */
static inline int process_end_code(int status)
{
	if (!(status & 0x7f))
		return CLD_EXITED;
	return status & 0x80 ? CLD_DUMPED : CLD_KILLED;
}
/* Tell p's parent with exit_signal or SIGCHLD; code is CLD_*.  True if the parent
 * does not want to collect it.  Holds: tree lock. */
bool tree_notify(struct process *p, int code, int status);

/* CPU times of all threads, ended ones too, in ns.  Takes: signals lock. */
void process_times(struct process *p, uint64_t *user, uint64_t *kernel);

/* wait4, waitid: what to wait for, what was found. */
struct wait_request {
	int type; /* P_ALL, P_PID, P_PGID, P_PIDFD */
	uint32_t id;
	const struct process *process; /* P_PIDFD: this one, which the caller keeps */
	int options;                   /* W*, __W* */
};
struct wait_result {
	uint32_t pid, uid;
	int status;      /* as wait4 */
	int code, value; /* CLD_*, and exit status or signal */
	uint64_t user_ns, kernel_ns;
	uint64_t min_faults, max_faults, voluntary, forced;
};
/* 1 and *out filled, 0 (WNOHANG), or -errno. */
int process_wait(const struct wait_request *r, struct wait_result *out);

#endif
