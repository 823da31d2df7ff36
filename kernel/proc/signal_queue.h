/* Pending signals and what a process does with each: the parts that need no
 * other layer.  Inside proc/ and the signal system calls only. */
#ifndef KERNEL_PROC_SIGNAL_QUEUE_H
#define KERNEL_PROC_SIGNAL_QUEUE_H

#include "kernel/proc/task.h"

/* Sets of signals: signal(7). */
#define SIGNALS_STOP                                                                               \
	(1ull << (SIGSTOP - 1) | 1ull << (SIGTSTP - 1) | 1ull << (SIGTTIN - 1) |                   \
	 1ull << (SIGTTOU - 1))
#define SIGNALS_UNBLOCKABLE (1ull << (SIGKILL - 1) | 1ull << (SIGSTOP - 1))
/* Of faults: delivered before others, so that their frame shows the fault. */
#define SIGNALS_FAULT                                                                              \
	(1ull << (SIGSEGV - 1) | 1ull << (SIGBUS - 1) | 1ull << (SIGILL - 1) |                     \
	 1ull << (SIGTRAP - 1) | 1ull << (SIGFPE - 1) | 1ull << (SIGSYS - 1))

enum signal_default { DEFAULT_TERM, DEFAULT_CORE, DEFAULT_IGN, DEFAULT_STOP, DEFAULT_CONT };
enum signal_default signal_default(int sig);

/* The signal of set to deliver first; 0: none. */
int signal_first(uint64_t set);

/* All below hold: signals lock. */

/* The action ignores sig, by SIG_IGN or by default. */
bool signal_ignored(const struct signals *s, int sig);
/* Add sig: true unless it is lost because a real-time signal found no room. */
bool signal_enqueue(struct signals *s, struct signal_queue *q, int sig, const siginfo_t *info,
		    uint64_t limit);
/* Take the first entry of sig out; *info is made up when there is none. */
void signal_dequeue(struct signals *s, struct signal_queue *q, int sig, siginfo_t *info);
/* Remove all signals of set. */
void signal_flush(struct signals *s, struct signal_queue *q, uint64_t set);
/* The next signal of `wanted` for the current thread, its own ones first; 0: none. */
int signal_take(uint64_t wanted, siginfo_t *info);
/* What waits for t, blocked or not. */
uint64_t signal_waiting(const struct thread *t);
/* Set or clear t->interrupted as pending signals and stops say; t is current. */
void signal_update(struct thread *t);

/* Change the current thread's mask (SIGKILL and SIGSTOP stay out).  Takes: lock. */
void signal_mask_set(uint64_t mask);
/* Send a timer's signal, which is in no queue, to p or one thread of it; false if nobody
 * would take it.  Holds: signals lock. */
bool signal_send_timer(struct process *p, struct thread *target, struct signal_entry *e);

#endif
