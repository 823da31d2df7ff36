/* Clocks and timers of CPU time, and its limit. */
#include <linux/errno.h>
#include <linux/resource.h>
#include <linux/time.h>

#include "kernel/proc/timer_state.h"
#include "kernel/proc/tree.h"

#define SECOND_NS    1000000000ull
#define LOOK_LEAST   50000ull /* the tick comes no earlier than this */
#define CLOCK_THREAD 4        /* bits of a negative clock id */
#define CLOCK_SHARE  3

/* --- Clocks --------------------------------------------------------------------- */

static int own_clock(int clock, struct cpu_clock *out)
{
	struct thread *t = current();

	if (clock == CLOCK_THREAD_CPUTIME_ID) {
		thread_get(t);
		out->thread = t;
	}
	process_get(t->process);
	out->process = t->process;
	return 0;
}

int cpu_clock_find(int clock, struct cpu_clock *out)
{
	uint32_t id = ~(clock >> 3);

	*out = (struct cpu_clock){ .share = CPU_SCHED };
	if (clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID)
		return own_clock(clock, out);
	if (clock >= 0 || (clock & CLOCK_SHARE) > CPU_SCHED)
		return -EINVAL;
	out->share = clock & CLOCK_SHARE;
	if (clock & CLOCK_THREAD) {
		out->thread = thread_find(id ? id : current()->tid);
		if (out->thread && out->thread->process == current_process()) {
			out->process = out->thread->process;
			process_get(out->process);
		}
	} else {
		out->process = process_find(id ? id : current_process()->pid);
	}
	if (out->process)
		return 0;
	cpu_clock_put(out);
	return -EINVAL;
}

uint64_t cpu_clock_now(const struct cpu_clock *c)
{
	uint64_t user, kernel;

	if (c->thread)
		thread_times(c->thread, &user, &kernel);
	else
		process_times(c->process, &user, &kernel);
	return c->share == CPU_VIRTUAL ? user : user + kernel;
}

void cpu_clock_put(struct cpu_clock *c)
{
	if (c->thread)
		thread_put(c->thread);
	if (c->process)
		process_put(c->process);
	*c = (struct cpu_clock){ 0 };
}

/* --- Timers --------------------------------------------------------------------- */

uint64_t cpu_interval_now(struct process *p, int which)
{
	uint64_t user, kernel;

	process_times(p, &user, &kernel);
	return which == ITIMER_PROF ? user + kernel : user;
}

static bool limited(const struct process *p)
{
	return p->limits[RLIMIT_CPU].soft != RLIM64_INFINITY ||
	       p->limits[RLIMIT_CPU].hard != RLIM64_INFINITY;
}

void cpu_timers_update(struct process *p)
{
	struct process_timers *all = p->timers;
	uint64_t flags = spin_lock_irq(&p->signals->lock);
	struct thread *t;

	p->timed = all->interval[ITIMER_VIRTUAL].due || all->interval[ITIMER_PROF].due ||
		   !list_empty(&all->cpu_timers) || limited(p);
	list_for_each_entry(t, &p->threads, process_link)
		t->timed = p->timed;
	spin_unlock_irq(&p->signals->lock, flags);
}

void timers_limit_changed(struct process *p)
{
	cpu_timers_update(p);
}

void cpu_timer_start(struct posix_timer *t)
{
	uint64_t flags = spin_lock_irq(&t->process->timers->cpu_lock);

	if (list_empty(&t->cpu))
		list_append(&t->process->timers->cpu_timers, &t->cpu);
	spin_unlock_irq(&t->process->timers->cpu_lock, flags);
	cpu_timers_update(t->process);
}

void cpu_timer_stop(struct posix_timer *t)
{
	uint64_t flags = spin_lock_irq(&t->process->timers->cpu_lock);

	list_remove(&t->cpu);
	spin_unlock_irq(&t->process->timers->cpu_lock, flags);
	cpu_timers_update(t->process);
}

/* All below: what is left until the next expiry.  Holds: cpu_lock. */

static uint64_t interval_look(struct interval_timer *t, int sig, uint64_t now)
{
	uint64_t passed;

	if (!t->due)
		return TIME_NEVER;
	if (now >= t->due) {
		signal_process(t->process, sig, NULL);
		t->due = t->interval ? due_after(t->due, t->interval, now, &passed) : 0;
	}
	return t->due ? t->due - now : TIME_NEVER;
}

static uint64_t posix_look(struct posix_timer *t)
{
	uint64_t now = cpu_clock_now(&t->measured);
	uint64_t flags = spin_lock_irq(&t->process->signals->lock), due;

	if (t->due && !t->pending && now >= t->due)
		posix_expire(t, now);
	due = t->pending ? 0 : t->due;
	spin_unlock_irq(&t->process->signals->lock, flags);
	return due ? left_until(due, now) : TIME_NEVER;
}

/* As Linux: a SIGXCPU a second beyond the soft limit, which is moved on. */
static uint64_t limit_look(struct process *p, uint64_t now)
{
	struct resource_limit *l = &p->limits[RLIMIT_CPU];
	uint64_t seconds = now / SECOND_NS;

	if (!limited(p))
		return TIME_NEVER;
	if (seconds >= l->hard) {
		signal_process(p, SIGKILL, NULL);
	} else if (seconds >= l->soft) {
		signal_process(p, SIGXCPU, NULL);
		l->soft = seconds + 1;
	}
	return SECOND_NS - now % SECOND_NS;
}

uint64_t thread_timed(struct thread *t)
{
	struct process *p = t->process;
	struct process_timers *all = p->timers;
	uint64_t left, user, kernel;
	struct posix_timer *timer;

	process_times(p, &user, &kernel);
	spin_lock(&all->cpu_lock);
	left = interval_look(&all->interval[ITIMER_VIRTUAL], SIGVTALRM, user);
	left = MIN(left, interval_look(&all->interval[ITIMER_PROF], SIGPROF, user + kernel));
	left = MIN(left, limit_look(p, user + kernel));
	list_for_each_entry(timer, &all->cpu_timers, cpu) {
		uint64_t its = posix_look(timer);

		left = MIN(left, its);
	}
	spin_unlock(&all->cpu_lock);
	/* All threads of the process may be using it up together. */
	return MAX(MIN(left / MAX(p->thread_count, 1u), TICK_NS), LOOK_LEAST);
}
