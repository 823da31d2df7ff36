#include "kernel/sched/timer.h"

#include <linux/errno.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/arch/x86_64/lapic.h"
#include "kernel/sched/thread.h"
#include "kernel/sched/wait.h"

/* The timers of one CPU, soonest first.  [o] only this CPU, interrupts off. */
struct timer_list {
	struct spinlock lock;
	struct list timers;
	struct timer *running; /* its callback is under way */
	uint64_t tick;         /* [o] when the tick is due */
	uint64_t set;          /* [o] what the hardware is set for */
};

static struct timer_list lists[CPU_MAX];

void timer_init_cpu(uint32_t cpu)
{
	spin_init(&lists[cpu].lock, RANK_TIMER, "timers");
	list_init(&lists[cpu].timers);
	lists[cpu].tick = lists[cpu].set = TIME_NEVER;
}

/* Have the interrupt come by deadline; it may be set for an earlier time. */
static void set_by(struct timer_list *l, uint64_t deadline)
{
	if (deadline >= l->set)
		return;
	l->set = deadline;
	lapic_timer_set(clock_tsc_at(deadline));
}

void timer_init(struct timer *t, void (*fire)(struct timer *))
{
	list_init(&t->link);
	t->fire = fire;
	t->armed = false;
	t->cpu = this_cpu()->id;
}

void timer_start(struct timer *t, uint64_t deadline)
{
	uint64_t flags;
	struct timer_list *l;
	struct list *at;

	timer_stop(t);
	flags = irq_save();
	t->cpu = this_cpu()->id;
	t->deadline = deadline;
	l = &lists[t->cpu];
	spin_lock(&l->lock);
	at = &l->timers;
	while (at->prev != &l->timers &&
	       list_entry(at->prev, struct timer, link)->deadline > deadline)
		at = at->prev;
	list_append(at, &t->link);
	t->armed = true;
	set_by(l, deadline);
	spin_unlock(&l->lock);
	irq_restore(flags);
}

bool timer_stop(struct timer *t)
{
	for (;;) {
		struct timer_list *l = &lists[t->cpu];
		uint64_t flags = spin_lock_irq(&l->lock);
		bool was_armed = t->armed, running = l->running == t;

		if (was_armed) {
			list_remove(&t->link);
			t->armed = false;
		}
		spin_unlock_irq(&l->lock, flags);
		/* A callback on this CPU is our own caller; on another, wait for it. */
		if (!running || t->cpu == this_cpu()->id)
			return was_armed;
		cpu_pause();
	}
}

/* Fire what is due by now.  When the next one is, or TIME_NEVER. */
static uint64_t run_due(struct timer_list *l, uint64_t now)
{
	uint64_t next = TIME_NEVER;

	spin_lock(&l->lock);
	while (!list_empty(&l->timers)) {
		struct timer *t = list_first(&l->timers, struct timer, link);

		if (t->deadline > now) {
			next = t->deadline;
			break;
		}
		list_remove(&t->link);
		t->armed = false;
		l->running = t;
		spin_unlock(&l->lock);
		t->fire(t);
		spin_lock(&l->lock);
		l->running = NULL;
	}
	spin_unlock(&l->lock);
	return next;
}

bool timer_interrupt(void)
{
	struct timer_list *l = &lists[this_cpu()->id];
	uint64_t now = clock_now(), next;
	bool tick = l->tick <= now;

	if (tick)
		l->tick = TIME_NEVER;
	/* Until it is known what comes next the callbacks set nothing. */
	l->set = 0;
	next = run_due(l, now);
	l->set = TIME_NEVER;
	set_by(l, MIN(next, l->tick));
	return tick;
}

void timer_tick(uint64_t deadline)
{
	struct timer_list *l = &lists[this_cpu()->id];

	if (l->tick > deadline) {
		l->tick = deadline;
		set_by(l, deadline);
	}
}

void timer_tick_relax(uint64_t deadline)
{
	struct timer_list *l = &lists[this_cpu()->id];

	l->tick = deadline;
	set_by(l, deadline);
}

int timer_sleep_until(uint64_t deadline)
{
	struct wait_queue nobody;
	struct wait w;
	int error = 0;

	wait_queue_init(&nobody);
	wait_begin(&w, &nobody, WAIT_SLEEP);
	while (!error && clock_now() < deadline)
		error = wait_sleep_until(&w, deadline);
	wait_end(&w);
	return error == -EINTR && clock_now() < deadline ? error : 0;
}
