/* Signals: sending, masks, handlers, frames. */
#ifndef KERNEL_PROC_SIGNAL_H
#define KERNEL_PROC_SIGNAL_H

#include <linux/types.h>
#include <linux/signal.h>

#include "kernel/lib/restart.h"
#include "kernel/sched/thread.h"

#define SIGNAL_MAX 64 /* _NSIG of Linux x86-64 */

/* A set of signals: bit n-1 is signal n. */
static inline uint64_t signal_bit(int sig)
{
	return 1ull << (sig - 1);
}

struct process;
struct signals; /* handlers and pending signals of a process */

/* Send to a process, a thread, a process group; 0 or -errno (EAGAIN: the queue of
 * real-time signals is full).  Who may send is checked by the system calls.  info
 * NULL: from the kernel.  The first two are safe in interrupts; the group is in
 * thread context and -ESRCH when it is empty. */
int signal_process(struct process *p, int sig, const siginfo_t *info);
int signal_thread(struct thread *t, int sig, const siginfo_t *info);
int signal_group(uint32_t pgrp, int sig);
/* What the caller did wrong (SIGPIPE, SIGXFSZ): to its thread, and as from itself. */
void signal_self(int sig);
/* A fault of the running program: cannot be blocked or ignored.  trap and error are
 * the exception's vector and error code (for the signal frame). */
void signal_fault(int sig, int code, uint64_t addr, unsigned trap, uint64_t error);
/* A signal that is not blocked waits for this thread. */
bool signal_pending(void);
/* The caller blocks or ignores sig (terminals: SIGTTIN, SIGTTOU). */
bool signal_blocked_or_ignored(int sig);

/* A mask for the time of one call (ppoll, pselect, sigsuspend): the old one comes
 * back when the call returns; interrupted true keeps the new one until the signal
 * that interrupted is delivered. */
void signal_mask_temporary(uint64_t mask);
void signal_mask_restore_unless(bool interrupted);

#endif
