/* Processes: what threads of one thread group share, and the tree of them.
 *
 * Threads of one process share memory, files, file-tree context and signal
 * handlers always; processes may share any of the first three (clone).
 *
 * Locks: [I] before visible  [t] process_tree lock  [s] signals->lock
 *        [a] atomic          [o] only its own threads */
#ifndef KERNEL_PROC_PROCESS_H
#define KERNEL_PROC_PROCESS_H

#include "kernel/fs/file.h"
#include "kernel/fs/tty.h"
#include "kernel/proc/signal.h"
#include "kernel/sched/thread.h"

#define RESOURCE_LIMITS 16 /* RLIM_NLIMITS */

struct resource_limit {
	uint64_t soft, hard;
};

struct process_timers;

struct process {
	struct ref refs;               /* the tree's, each thread's, finders' */
	uint32_t pid;                  /* [I] */
	struct process *parent;        /* [t] */
	struct list children, sibling; /* [t] */
	struct list all;               /* [t] list of all processes, by pid */
	struct list threads;           /* [s] struct thread.process_link */
	uint32_t thread_count;         /* [s] not yet exited */
	struct thread *leader;         /* [s] may be dead; never dereferenced then */
	uint32_t group, session;       /* [t] */
	struct tty *tty;               /* [t] controlling terminal: the session's reference */
	uint32_t hung_up_group;        /* [t] of a leader: in front when its terminal hung up */
	bool zombie, exec_done;        /* [t] exec_done: setpgid by the parent is over */
	int wait_status;               /* [t] as wait4 gives it */
	int exit_signal;               /* [t] to the parent; SIGCHLD for fork */
	int parent_death_signal;       /* [o] */
	struct wait_queue child_wait;  /* the process's threads in wait4 */
	struct wait_queue vfork_wait;  /* vfork's parent */
	struct wait_queue end_wait;    /* who waits for its end by a pidfd */
	bool vfork_done;               /* [a] */
	bool timed;                    /* [s] CPU time is limited or has timers */
	bool exiting;                  /* [s] group exit under way */
	int exit_status;               /* [s] wait status of the group exit or leader */

	struct space *space;             /* [t] to change, [o] to read; threads run on it */
	struct fd_table *files;          /* likewise */
	struct fs_context *fs;           /* likewise */
	bool files_shared, space_shared; /* [a] another process may use them, too */
	struct credentials credentials;  /* [o] */
	struct signals *signals;         /* [I] */
	struct process_timers *timers;   /* [I] */
	struct list semaphore_undo;      /* ipc/semaphore.h's */
	struct resource_limit limits[RESOURCE_LIMITS];     /* [o] */
	struct path executable;                            /* [t] /proc/PID/exe */
	uint64_t start_ns;                                 /* [I] */
	uint64_t dead_user_ns, dead_kernel_ns;             /* [s] of threads gone */
	uint64_t dead_voluntary, dead_forced;              /* [s] their context switches */
	uint64_t children_user_ns, children_kernel_ns;     /* [t] of waited-for children */
	uint64_t min_faults, max_faults;                   /* [a] */
	uint64_t read_bytes, written_bytes, reads, writes; /* [a] by calls; about right */
	int oom_adjust;                                    /* [a] oom_score_adj */
	uint32_t personality;                              /* [o] */
	uint32_t barriers; /* [a] MEMBARRIER_CMD_REGISTER_* that were given */
	bool dumpable, no_new_privileges, child_subreaper; /* [o] */
	bool no_huge_pages; /* [o] of PR_SET_THP_DISABLE: there are none */
};

extern struct process *init_process;

static inline struct process *current_process(void)
{
	return current()->process;
}

/* The caller has the capability CAP_*. */
static inline bool caller_can(int capability)
{
	return credentials_have(&current_process()->credentials, capability);
}

/* Let p's memory and files know p's limits: after they or its credentials may have changed. */
void process_limits_apply(struct process *p);

/* By number with a reference, or NULL. */
struct process *process_find(uint32_t pid);
struct thread *thread_find(uint32_t tid);
void process_get(struct process *p);
void process_put(struct process *p);
/* Its descriptors with a reference, or NULL if it has ended. */
struct fd_table *process_files(struct process *p);
/* The process with the smallest pid > pid (for /proc), with a reference. */
struct process *process_next(uint32_t pid);

/* clone(2) family, already decoded.  The child's tid, or -errno. */
struct clone_request {
	uint64_t flags; /* CLONE_* without the signal */
	int exit_signal;
	uint64_t stack; /* 0: the parent's */
	uint64_t parent_tid, child_tid, tls;
	uint64_t pidfd; /* CLONE_PIDFD: where to store the descriptor */
	uint32_t tid;   /* the number the child shall have, 0: any */
};
int64_t process_clone(const struct clone_request *r);
/* execve: on success does not return to the old program: the frame is the new one's.
 * argv and envp are user pointers, name is what the caller called the program. */
int process_exec(struct path *program, const char *name, uint64_t argv, uint64_t envp,
		 unsigned arg);
/* Descriptors that another process shares are p's own from here on; p is the caller's
 * and has one thread.  0 or -ENOMEM. */
int process_unshare_files(struct process *p);
/* pid 1: load path with console_open's descriptors 0, 1, 2; only called once, by
 * main/, in a kernel thread.  Panics with the reason if it cannot. */
void process_start_init(const char *path);
/* As prctl(PR_SET_MM_EXE_FILE): f is the caller's program from here on.  -EACCES: it can
 * be none; -EBUSY: the one before is still mapped.  May sleep. */
int process_executable_set(struct file *f);
/* exit(2) of this thread; exit_group(2) with a wait status. */
noreturn void process_exit_thread(int status);
noreturn void process_exit_group(int wait_status);
/* Init ended or the power goes off: finish the recording and stop the machine with
 * an exit status of 0..255.  Defined in main/. */
noreturn void machine_end(int status);

/* The trap handler and the system-call exit: deliver signals, stop, preempt; until
 * nothing is left to do.  Interrupts on at entry, off at return.  Called whenever
 * current()->interrupted or cpu->reschedule is set, and also when a call's result
 * is one of lib/restart.h.  f->error of a SYSCALL frame is the call's number; it
 * is set to -1 when no restart is wanted (rt_sigreturn, execve). */
void process_return_work(struct frame *f, bool in_syscall);

#endif
