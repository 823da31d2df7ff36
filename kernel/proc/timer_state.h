/* Inside proc/: what the files that make up timers.h share.
 *
 * Locks: [m] process_timers.lock   [c] process_timers.cpu_lock, interrupts off
 *        [s] signals lock          [I] before it is visible */
#ifndef KERNEL_PROC_TIMER_STATE_H
#define KERNEL_PROC_TIMER_STATE_H

#include "kernel/proc/signal_queue.h"
#include "kernel/proc/timers.h"

#define INTERVAL_TIMERS 3 /* ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF */
/* A timer whose signals nobody takes does not fire more often than this. */
#define REPEAT_NS 100000ull

struct interval_timer {
	struct timer timer; /* of ITIMER_REAL */
	struct process *process;
	int which;
	uint64_t interval; /* [m] ns, 0: once; CPU time: [c] */
	uint64_t due;      /* [m] clock_now, or CPU time [c]; 0: not running */
};

struct posix_timer {
	struct list link;   /* [m] process_timers.posix */
	struct list cpu;    /* [c] process_timers.cpu_timers, while it runs on CPU time */
	struct timer timer; /* of real time */
	struct process *process;
	struct thread *thread;      /* SIGEV_THREAD_ID: reference, else NULL */
	struct cpu_clock measured;  /* process NULL: a clock of real time */
	struct signal_entry *entry; /* [s] its signal, in no queue or in one */
	struct sigevent event;      /* [I] */
	int clock, id;              /* [I] */
	uint64_t interval;          /* [s] */
	uint64_t due;               /* [s] on its clock; 0: not running */
	bool pending;               /* [s] its signal is in a queue; it runs on when taken */
	bool rearm;                 /* [s] the signal was taken */
	uint32_t missed;            /* [s] expiries while it was pending */
	uint32_t overrun;           /* [s] of the signal taken last */
};

struct process_timers {
	struct mutex lock;
	struct interval_timer interval[INTERVAL_TIMERS];
	struct list posix; /* [m] by rising id */
	int next_id;       /* [m] */
	bool rearm;        /* [a] some timer has rearm set */
	struct spinlock cpu_lock;
	struct list cpu_timers; /* [c] */
};

/* What is due on a clock whose time is now: the next expiry after it, and how many
 * (beyond the first) have passed. */
static inline uint64_t due_after(uint64_t due, uint64_t interval, uint64_t now, uint64_t *passed)
{
	uint64_t times = now >= due ? (now - due) / interval : 0;

	*passed = times;
	return due + (times + 1) * interval;
}

/* Time left until due; a timer that is about to fire has some left. */
static inline uint64_t left_until(uint64_t due, uint64_t now)
{
	if (!due)
		return 0;
	return due > now ? due - now : 1;
}

/* The expiry of t at now, on its clock; true: it is to be started again for t->due.
 * Holds: signals lock. */
bool posix_expire(struct posix_timer *t, uint64_t now);

/* --- cpu_timers.c --------------------------------------------------------------- */

/* Whether the tick has to look at p's timers; after one was started or stopped. */
void cpu_timers_update(struct process *p);
/* Put t on the list or take it off.  Takes: cpu_lock. */
void cpu_timer_start(struct posix_timer *t);
void cpu_timer_stop(struct posix_timer *t);
/* What ITIMER_VIRTUAL and ITIMER_PROF count. */
uint64_t cpu_interval_now(struct process *p, int which);

#endif
