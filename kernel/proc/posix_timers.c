/* POSIX timers.  A timer has one signal.  While that waits to be taken the timer does
 * not fire again: what it would have done meanwhile is reckoned when it is taken
 * (overruns), and then the timer is started for what comes next.  So no interval is
 * too short. */
#include <linux/errno.h>
#include <linux/resource.h>
#include <linux/time.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/mm/object.h"
#include "kernel/proc/timer_state.h"
#include "kernel/proc/tree.h"

static uint64_t timer_now(const struct posix_timer *t)
{
	return t->measured.process ? cpu_clock_now(&t->measured) : clock_now();
}

/* --- Expiry --------------------------------------------------------------------- */

bool posix_expire(struct posix_timer *t, uint64_t now)
{
	uint64_t passed;

	if (!list_empty(&t->entry->link)) { /* of a former setting, not taken yet */
		t->missed++;
		t->pending = true;
		return false;
	}
	if (signal_send_timer(t->process, t->thread, t->entry)) {
		t->pending = true;
		if (!t->interval)
			t->due = 0;
		return false;
	}
	/* Ignored, or nobody is left to take it. */
	t->due = t->interval ? due_after(t->due, t->interval, now + TICK_NS, &passed) : 0;
	return t->due;
}

static void posix_fire(struct timer *timer)
{
	struct posix_timer *t = container_of(timer, struct posix_timer, timer);
	struct signals *s = t->process->signals;
	uint64_t flags = spin_lock_irq(&s->lock), due;
	bool again = t->due && !t->pending && posix_expire(t, clock_now());

	due = t->due;
	spin_unlock_irq(&s->lock, flags);
	if (again)
		timer_start(&t->timer, due);
}

int posix_timer_taken(struct posix_timer *t)
{
	uint64_t passed = 0;

	t->pending = false;
	if (t->due && t->interval) {
		t->due = due_after(t->due, t->interval, t->measured.process ? t->due : clock_now(),
				   &passed);
		t->rearm = true;
		__atomic_store_n(&t->process->timers->rearm, true, __ATOMIC_RELEASE);
	}
	t->overrun = (uint32_t)MIN(t->missed + passed, (uint64_t)INT32_MAX);
	t->missed = 0;
	return (int)t->overrun;
}

/* Let the hardware or the tick know of t->due. */
static void posix_arm(struct posix_timer *t)
{
	if (t->measured.process)
		cpu_timer_start(t);
	else
		timer_start(&t->timer, t->due);
}

void posix_timers_rearm(void)
{
	struct process_timers *all = current_process()->timers;
	struct posix_timer *t;

	if (likely(!__atomic_load_n(&all->rearm, __ATOMIC_ACQUIRE)))
		return;
	mutex_lock(&all->lock);
	__atomic_store_n(&all->rearm, false, __ATOMIC_RELAXED);
	list_for_each_entry(t, &all->posix, link) {
		if (t->rearm && t->due && !t->pending)
			posix_arm(t);
		t->rearm = false;
	}
	mutex_unlock(&all->lock);
}

/* --- Life ------------------------------------------------------------------------- */

/* Stop it, and forget a signal that waits: its own call is what settles the rest. */
static void posix_stop(struct posix_timer *t)
{
	struct signals *s = t->process->signals;
	uint64_t flags = spin_lock_irq(&s->lock);

	t->due = 0;
	t->rearm = false;
	spin_unlock_irq(&s->lock, flags);
	timer_stop(&t->timer);
	if (t->measured.process)
		cpu_timer_stop(t);
}

/* Holds: [m], or there is nobody else. */
static void posix_free(struct posix_timer *t)
{
	struct signals *s = t->process->signals;
	uint64_t flags;

	posix_stop(t);
	list_remove(&t->link);
	flags = spin_lock_irq(&s->lock);
	if (list_empty(&t->entry->link)) {
		s->queued--;
		kfree(t->entry);
	} else {
		t->entry->timer = NULL; /* a signal like any other from now on */
	}
	spin_unlock_irq(&s->lock, flags);
	if (t->thread)
		thread_put(t->thread);
	cpu_clock_put(&t->measured);
	kfree(t);
}

void timers_exec(struct process *p)
{
	struct posix_timer *t, *next;

	mutex_lock(&p->timers->lock);
	list_for_each_entry_safe(t, next, &p->timers->posix, link)
		posix_free(t);
	mutex_unlock(&p->timers->lock);
}

static bool event_good(const struct sigevent *e, struct thread **thread)
{
	*thread = NULL;
	if (e->sigev_notify == SIGEV_NONE)
		return true;
	if (e->sigev_notify != SIGEV_SIGNAL && e->sigev_notify != (SIGEV_SIGNAL | SIGEV_THREAD_ID))
		return false;
	if (e->sigev_signo < 1 || e->sigev_signo > SIGNAL_MAX)
		return false;
	if (!(e->sigev_notify & SIGEV_THREAD_ID))
		return true;
	*thread = thread_find(e->sigev_notify_thread_id);
	if (*thread && (*thread)->process != current_process()) {
		thread_put(*thread);
		*thread = NULL;
	}
	return *thread;
}

/* Which clocks have timers. */
static int clock_check(int clock, struct cpu_clock *measured)
{
	int error;

	*measured = (struct cpu_clock){ 0 };
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
	case CLOCK_TAI:
		return 0;
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_REALTIME_ALARM: /* there is no clock that wakes a machine up */
	case CLOCK_BOOTTIME_ALARM:
		return -EOPNOTSUPP;
	}
	error = cpu_clock_find(clock, measured);
	if (error || measured->process == current_process())
		return error;
	cpu_clock_put(measured);
	return -EINVAL;
}

/* A signal set aside, counted like a queued one. */
static struct signal_entry *entry_reserve(struct posix_timer *t)
{
	struct process *p = current_process();
	uint64_t flags = spin_lock_irq(&p->signals->lock);
	struct signal_entry *e = NULL;

	if (p->signals->queued < p->limits[RLIMIT_SIGPENDING].soft)
		e = kmalloc(sizeof(*e));
	if (e) {
		p->signals->queued++;
		list_init(&e->link);
		e->timer = t;
	}
	spin_unlock_irq(&p->signals->lock, flags);
	return e;
}

static void entry_fill(struct posix_timer *t)
{
	siginfo_t *info = &t->entry->info;

	*info = (siginfo_t){ .si_signo = t->event.sigev_signo, .si_code = SI_TIMER };
	info->si_tid = t->id;
	info->si_value = t->event.sigev_value;
}

int posix_timer_create(int clock, const struct sigevent *event)
{
	static const struct sigevent usual = { .sigev_signo = SIGALRM };
	struct process_timers *all = current_process()->timers;
	struct posix_timer *t = kmalloc(sizeof(*t));
	int id = -EAGAIN;

	if (!t)
		return id;
	id = clock_check(clock, &t->measured);
	t->event = event ? *event : usual;
	if (!id && !event_good(&t->event, &t->thread))
		id = -EINVAL;
	if (!id) {
		t->entry = entry_reserve(t);
		id = t->entry ? 0 : -EAGAIN;
	}
	if (id) {
		if (t->thread)
			thread_put(t->thread);
		cpu_clock_put(&t->measured);
		kfree(t);
		return id;
	}
	timer_init(&t->timer, posix_fire);
	list_init(&t->cpu);
	t->process = current_process();
	t->clock = clock;
	mutex_lock(&all->lock);
	id = t->id = all->next_id;
	all->next_id = (id + 1) & INT32_MAX;
	if (!event)
		t->event.sigev_value.sival_int = id;
	entry_fill(t);
	list_append(&all->posix, &t->link);
	mutex_unlock(&all->lock);
	return id;
}

/* --- Use -------------------------------------------------------------------------- */

/* Locked; NULL and not locked if there is no such timer. */
static struct posix_timer *posix_lock(int id)
{
	struct process_timers *all = current_process()->timers;
	struct posix_timer *t;

	mutex_lock(&all->lock);
	list_for_each_entry(t, &all->posix, link) {
		if (t->id == id)
			return t;
	}
	mutex_unlock(&all->lock);
	return NULL;
}

static void posix_unlock(void)
{
	mutex_unlock(&current_process()->timers->lock);
}

/* What is left, and the interval.  Holds: [m]. */
static void setting_of(struct posix_timer *t, struct timer_setting *out)
{
	uint64_t now = timer_now(t), due, passed;
	uint64_t flags = spin_lock_irq(&t->process->signals->lock);

	out->interval = t->interval;
	due = t->due;
	/* One that nobody runs for: reckon. */
	if (due && due <= now && t->interval && (t->pending || t->event.sigev_notify == SIGEV_NONE))
		due = due_after(due, t->interval, now, &passed);
	out->value = left_until(due, now);
	if (due && due <= now && t->event.sigev_notify == SIGEV_NONE)
		out->value = 0;
	spin_unlock_irq(&t->process->signals->lock, flags);
}

/* When a setting is due on t's clock. */
static uint64_t due_of(const struct posix_timer *t, bool absolute, uint64_t value)
{
	bool real = t->clock == CLOCK_REALTIME || t->clock == CLOCK_TAI;

	if (!absolute)
		return timer_now(t) + value;
	return real ? value - MIN(value - 1, clock_realtime_base()) : value;
}

int posix_timer_set(int id, bool absolute, const struct timer_setting *to,
		    struct timer_setting *was)
{
	struct posix_timer *t = posix_lock(id);
	uint64_t flags, due;

	if (!t)
		return -EINVAL;
	setting_of(t, was);
	posix_stop(t);
	due = to->value ? due_of(t, absolute, to->value) : 0;
	flags = spin_lock_irq(&t->process->signals->lock);
	t->interval = to->interval;
	t->overrun = 0;
	t->pending = false; /* one still queued is of the former setting */
	t->due = due;
	spin_unlock_irq(&t->process->signals->lock, flags);
	if (due && t->event.sigev_notify != SIGEV_NONE)
		posix_arm(t);
	posix_unlock();
	return 0;
}

int posix_timer_get(int id, struct timer_setting *out)
{
	struct posix_timer *t = posix_lock(id);

	if (!t)
		return -EINVAL;
	setting_of(t, out);
	posix_unlock();
	return 0;
}

int posix_timer_overrun(int id)
{
	struct posix_timer *t = posix_lock(id);
	int overrun;

	if (!t)
		return -EINVAL;
	overrun = t->overrun;
	posix_unlock();
	return overrun;
}

int posix_timer_delete(int id)
{
	struct posix_timer *t = posix_lock(id);

	if (!t)
		return -EINVAL;
	posix_free(t);
	posix_unlock();
	return 0;
}
