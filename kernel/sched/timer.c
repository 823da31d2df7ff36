#include "kernel/sched/timer.h"

#include <linux/errno.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/sched/thread.h"
#include "kernel/sched/wait.h"

/* The timers of one CPU, soonest first. */
struct timer_list {
	struct spinlock lock;
	struct list timers;
	struct timer *running; /* its callback is under way */
};

static struct timer_list lists[CPU_MAX];

void timer_init_cpu(uint32_t cpu)
{
	spin_init(&lists[cpu].lock, RANK_TIMER, "timers");
	list_init(&lists[cpu].timers);
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

void timer_run(void)
{
	struct timer_list *l = &lists[this_cpu()->id];
	uint64_t now = clock_now();

	spin_lock(&l->lock);
	while (!list_empty(&l->timers)) {
		struct timer *t = list_first(&l->timers, struct timer, link);

		if (t->deadline > now)
			break;
		list_remove(&t->link);
		t->armed = false;
		l->running = t;
		spin_unlock(&l->lock);
		t->fire(t);
		spin_lock(&l->lock);
		l->running = NULL;
	}
	spin_unlock(&l->lock);
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
