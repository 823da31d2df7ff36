/* What proc/ keeps for each thread (thread->task) and for signals of a process.
 *
 * Locks: [s] signals->lock   [t] process tree   [o] the thread itself
 * The task lives as long as its thread: thread_released frees it. */
#ifndef KERNEL_PROC_TASK_H
#define KERNEL_PROC_TASK_H

#include "kernel/proc/process.h"

#define TIMER_SLACK_NS 50000 /* of the first process */

struct posix_timer;

/* One pending signal with its information. */
struct signal_entry {
	struct list link;
	siginfo_t info;
	struct posix_timer *timer; /* that sent it, or NULL */
};

/* Pending signals: a bit each, and entries in the order they came.  A bit without
 * an entry: memory was short when it came. */
struct signal_queue {
	uint64_t set;
	struct list entries;
};

struct signals {
	struct spinlock lock;                /* RANK_SIGNAL, interrupts off */
	struct sigaction action[SIGNAL_MAX]; /* [s] of signal n: [n - 1] */
	struct signal_queue pending;         /* [s] for any thread */
	uint32_t queued;                     /* [s] entries of process and threads */
	bool stopping;                       /* [s] threads stop on their way out */
	bool stopped;                        /* [s] all have */
	bool stop_taken;             /* [s] a stop signal left the queue; SIGCONT clears it */
	int stop_signal;             /* [s] why */
	uint32_t stop_number;        /* [s] +1 a stop: tells stops apart */
	uint32_t stopped_count;      /* [s] */
	int stop_report;             /* [s] signal for wait(WUNTRACED), 0: collected */
	bool continue_report;        /* [s] for wait(WCONTINUED) */
	bool continue_notify;        /* [s] the parent is to be told */
	struct thread *exec_thread;  /* [s] all others end */
	struct wait_queue exec_wait; /* it waits here, and for a core dump all do */
	bool dumping;                /* [a] a thread makes a core: the others stay */
	uint32_t dump_waiting;       /* [a] of these, how many have stopped */
	struct wait_queue file_wait; /* readers of signalfds */
};

/* How restart_syscall goes on: nanosleep and futex with the deadline they had. */
struct restart {
	int64_t (*run)(const struct restart *r);
	uint64_t addr, deadline; /* of the call: where to write or what to wait on */
	uint32_t value, bitset, flags;
};

struct task {
	struct thread *thread;            /* [I] */
	struct list table_link;           /* [t] */
	uint64_t blocked;                 /* [s] to change, [o] to read */
	uint64_t saved_blocked;           /* [o] */
	bool restore_blocked;             /* [o] saved_blocked comes back on return */
	uint64_t waiting_for;             /* [s] sigtimedwait: wake although blocked */
	struct signal_queue pending;      /* [s] for this thread */
	bool ended;                       /* [s] takes no more signals */
	stack_t altstack;                 /* [o] */
	uint64_t clear_child_tid;         /* [o] */
	uint64_t robust_list;             /* [o] */
	struct restart restart;           /* [o] */
	uint16_t memory_policy;           /* [o] of set_mempolicy, as its file makes it */
	uint64_t timer_slack;             /* [o] ns; told, not used: timers are on time */
	uint64_t timer_slack_usual;       /* [I] what it was at birth */
	uint8_t machine_check;            /* [o] PR_MCE_KILL_* */
	uint64_t sequence_area;           /* [o] struct rseq of thread->sequences */
	uint32_t sequence_signature;      /* [o] */
	unsigned fault_trap;              /* [o] of the last fault, for the signal frame */
	uint64_t fault_error, fault_addr; /* [o] */
};

static inline struct task *thread_task(const struct thread *t)
{
	return t->task;
}

static inline struct task *current_task(void)
{
	return current()->task;
}

/* A task for t, copying what a new thread inherits from `from` (NULL: nothing). */
bool task_create(struct thread *t, const struct task *from);

#endif
