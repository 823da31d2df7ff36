/* One-shot timers on the 100 Hz tick, ordered by deadline; callbacks run in the
 * timer interrupt. */
#ifndef KERNEL_SCHED_TIMER_H
#define KERNEL_SCHED_TIMER_H

#include "kernel/lib/list.h"
#include "kernel/sync/spinlock.h"

#define TICK_HZ 100

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
/* Fire what is due on this CPU; called by the tick. */
void timer_run(void);
/* Sleep until deadline: 0 or -EINTR. */
int timer_sleep_until(uint64_t deadline);

#endif
