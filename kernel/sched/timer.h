/* One-shot timers, each on the CPU that started it, to the nanosecond of clock_now;
 * callbacks run in the timer interrupt.
 *
 * A CPU's interrupt is set for what comes first: a timer, or the tick, which a CPU
 * has only while it runs a thread (preemption, balance, service of the trace). */
#ifndef KERNEL_SCHED_TIMER_H
#define KERNEL_SCHED_TIMER_H

#include "kernel/lib/list.h"
#include "kernel/sync/spinlock.h"

#define TICK_NS    10000000ull
#define TIME_NEVER UINT64_MAX

struct timer {
	struct list link;
	uint64_t deadline; /* clock_now ns */
	void (*fire)(struct timer *t);
	uint32_t cpu;
	bool armed;
};

void timer_init_cpu(uint32_t cpu); /* before cpu runs */
void timer_init(struct timer *t, void (*fire)(struct timer *));
void timer_start(struct timer *t, uint64_t deadline);
/* True if it had not fired.  On return it is not running on any CPU. */
bool timer_stop(struct timer *t);
/* Sleep until deadline: 0 or -EINTR. */
int timer_sleep_until(uint64_t deadline);

/* --- for the scheduler; interrupts off ---------------------------------------- */

/* VECTOR_TIMER arrived: fire what is due on this CPU.  True: its tick was due, too;
 * the next one is then as timer_tick says, never if it says nothing. */
bool timer_interrupt(void);
/* See that this CPU has its tick at deadline or before. */
void timer_tick(uint64_t deadline);
/* It needs none before deadline (TIME_NEVER: none at all).  One that is set already
 * may still come: setting the hardware anew costs more. */
void timer_tick_relax(uint64_t deadline);

#endif
