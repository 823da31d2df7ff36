/* Timers of a process whose expiries are signals: interval timers (setitimer), POSIX
 * timers, and the limit of CPU time.
 *
 * Calls are serialized by a mutex of the process.  Timers of real time expire in the
 * timer interrupt.  Timers of CPU time are looked at by the tick of the CPUs that run
 * the process's threads, which then comes as early as the next of them may be due.
 * Times in ns; clocks are CLOCK_*. */
#ifndef KERNEL_PROC_TIMERS_H
#define KERNEL_PROC_TIMERS_H

#include "kernel/proc/process.h"
#include "kernel/sched/timer.h"

struct posix_timer;
struct process_timers;

struct timer_setting {
	uint64_t interval, value; /* value 0: not running */
};

/* Freed with timers_free once timers_end has run. */
struct process_timers *timers_create(struct process *p);
void timers_free(struct process_timers *timers);
/* execve keeps interval timers and removes POSIX timers; exit removes all. */
void timers_exec(struct process *p);
void timers_end(struct process *p);

/* which: ITIMER_*.  0 or -EINVAL. */
int interval_timer_get(struct process *p, int which, struct timer_setting *out);
int interval_timer_set(struct process *p, int which, const struct timer_setting *to,
		       struct timer_setting *was);

/* A timer of the caller's process that sends event (NULL: SIGALRM with the timer's id):
 * its id, or -EINVAL, -EAGAIN, -EOPNOTSUPP (a clock that has none).  clock may be one of the
 * process's own CPU times, also by number (syscall/clock.c). */
int posix_timer_create(int clock, const struct sigevent *event);
int posix_timer_set(int id, bool absolute, const struct timer_setting *to,
		    struct timer_setting *was);
int posix_timer_get(int id, struct timer_setting *out);
int posix_timer_overrun(int id);
int posix_timer_delete(int id);
/* Start again those whose signal was taken from a queue; after the signals lock is
 * given back.  May sleep. */
void posix_timers_rearm(void);

/* signal_queue.c, when the timer's signal is taken from the queue: how many expiries
 * it stands for beyond the first.  Holds: signals lock. */
int posix_timer_taken(struct posix_timer *t);

/* The CPU-time clocks of clock_getcpuclockid(3): a negative clock is the complement of
 * a number, times eight, with three bits that say what. */
struct cpu_clock {
	struct process *process; /* reference; the clock is its, if thread is NULL */
	struct thread *thread;   /* reference */
	enum cpu_share { CPU_PROF, CPU_VIRTUAL, CPU_SCHED } share;
};
/* 0, or -EINVAL: no such clock, or of a thread of another process. */
int cpu_clock_find(int clock, struct cpu_clock *out);
uint64_t cpu_clock_now(const struct cpu_clock *c);
void cpu_clock_put(struct cpu_clock *c);

/* RLIMIT_CPU was changed. */
void timers_limit_changed(struct process *p);

#endif
