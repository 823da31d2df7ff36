/* Interval timers and POSIX timers of a process: expiries are signals.
 *
 * Calls are serialized by a mutex of the process; expiries run in the timer
 * interrupt.  Times in ns; clocks are CLOCK_*. */
#ifndef KERNEL_PROC_TIMERS_H
#define KERNEL_PROC_TIMERS_H

#include "kernel/proc/process.h"
#include "kernel/sched/timer.h"

struct posix_timer;
struct process_timers;

struct timer_setting {
	uint64_t interval, value; /* value 0: not running */
};

/* Freed with kfree once timers_end has run. */
struct process_timers *timers_create(struct process *p);
/* execve keeps interval timers and removes POSIX timers; exit removes all. */
void timers_exec(struct process *p);
void timers_end(struct process *p);

/* which: ITIMER_*.  0 or -EINVAL. */
int interval_timer_get(struct process *p, int which, struct timer_setting *out);
int interval_timer_set(struct process *p, int which, const struct timer_setting *to,
		       struct timer_setting *was);

/* A timer of clock (REALTIME, MONOTONIC, BOOTTIME) that sends event; its id, or
 * -EINVAL, -EAGAIN. */
int posix_timer_create(int clock, const struct sigevent *event);
int posix_timer_set(int id, bool absolute, const struct timer_setting *to,
		    struct timer_setting *was);
int posix_timer_get(int id, struct timer_setting *out);
int posix_timer_overrun(int id);
int posix_timer_delete(int id);

/* signal.c, when the timer's signal is taken from the queue: how many expiries it
 * stands for beyond the first.  Holds: signals lock. */
int posix_timer_taken(struct posix_timer *t);

#endif
