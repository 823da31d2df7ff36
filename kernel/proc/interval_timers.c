/* setitimer's timers, and what all timers of a process have in common. */
#include <linux/errno.h>
#include <linux/time.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/mm/object.h"
#include "kernel/proc/timer_state.h"

/* ITIMER_REAL.  The interval is kept, but what came while the program could take no
 * signal is one expiry. */
static void real_fire(struct timer *timer)
{
	struct interval_timer *t = container_of(timer, struct interval_timer, timer);
	uint64_t now = clock_now(), passed;

	if (!t->due)
		return;
	signal_process(t->process, SIGALRM, NULL);
	t->due = t->interval ? due_after(t->due, t->interval, now + REPEAT_NS, &passed) : 0;
	if (t->due)
		timer_start(&t->timer, t->due);
}

struct process_timers *timers_create(struct process *p)
{
	struct process_timers *all = kmalloc(sizeof(*all));

	if (!all)
		return NULL;
	mutex_init(&all->lock);
	spin_init(&all->cpu_lock, RANK_CPU_TIMERS, "CPU timers");
	list_init(&all->posix);
	list_init(&all->cpu_timers);
	for (int i = 0; i < INTERVAL_TIMERS; i++) {
		timer_init(&all->interval[i].timer, real_fire);
		all->interval[i].process = p;
		all->interval[i].which = i;
	}
	return all;
}

void timers_free(struct process_timers *timers)
{
	kfree(timers);
}

void timers_end(struct process *p)
{
	struct interval_timer *real = &p->timers->interval[ITIMER_REAL];

	timers_exec(p);
	real->due = 0;
	timer_stop(&real->timer);
}

/* The clock an interval timer is due by. */
static uint64_t interval_now(const struct interval_timer *t)
{
	return t->which == ITIMER_REAL ? clock_now() : cpu_interval_now(t->process, t->which);
}

int interval_timer_get(struct process *p, int which, struct timer_setting *out)
{
	struct interval_timer *t;

	if (which < 0 || which >= INTERVAL_TIMERS)
		return -EINVAL;
	t = &p->timers->interval[which];
	mutex_lock(&p->timers->lock);
	out->interval = t->interval;
	out->value = left_until(t->due, interval_now(t));
	mutex_unlock(&p->timers->lock);
	return 0;
}

static void real_set(struct interval_timer *t, const struct timer_setting *to)
{
	t->due = 0;
	timer_stop(&t->timer);
	t->interval = to->interval;
	if (to->value) {
		t->due = clock_now() + to->value;
		timer_start(&t->timer, t->due);
	}
}

static void cpu_set(struct interval_timer *t, const struct timer_setting *to)
{
	uint64_t due = to->value ? interval_now(t) + to->value : 0, flags;

	flags = spin_lock_irq(&t->process->timers->cpu_lock);
	t->interval = to->interval;
	t->due = due;
	spin_unlock_irq(&t->process->timers->cpu_lock, flags);
	cpu_timers_update(t->process);
}

int interval_timer_set(struct process *p, int which, const struct timer_setting *to,
		       struct timer_setting *was)
{
	int error = interval_timer_get(p, which, was);

	if (error)
		return error;
	mutex_lock(&p->timers->lock);
	if (which == ITIMER_REAL)
		real_set(&p->timers->interval[which], to);
	else
		cpu_set(&p->timers->interval[which], to);
	mutex_unlock(&p->timers->lock);
	return 0;
}
