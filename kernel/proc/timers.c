#include "kernel/proc/timers.h"

#include <linux/errno.h>
#include <linux/time.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/mm/object.h"
#include "kernel/proc/signal_queue.h"
#include "kernel/proc/tree.h"

#define INTERVAL_TIMERS 3 /* ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF */
#define POSIX_TIMERS    64

/* CPU-time timers look once a tick, as long as they run. */
struct interval_timer {
	struct timer timer;
	struct process *process;
	int which;
	uint64_t interval; /* [a] ns, 0: once */
	uint64_t due;      /* clock_now, or CPU time of the process; 0: not running [a] */
};

struct posix_timer {
	struct timer timer;
	struct process *process;
	struct thread *thread; /* SIGEV_THREAD_ID: reference, else NULL */
	struct sigevent event;
	int clock, id;
	uint64_t interval; /* [a] */
	uint64_t due;      /* [a] 0: not running */
	bool pending;      /* [s] its signal is in a queue */
	uint32_t missed;   /* [s] expiries since then */
	uint32_t overrun;  /* [s] of the signal taken last */
};

struct process_timers {
	struct mutex lock;
	struct interval_timer interval[INTERVAL_TIMERS];
	struct posix_timer *posix[POSIX_TIMERS]; /* [lock] by id */
};

/* What ITIMER_VIRTUAL and ITIMER_PROF count. */
static uint64_t cpu_time(struct interval_timer *t)
{
	uint64_t user, kernel;

	process_times(t->process, &user, &kernel);
	return t->which == ITIMER_PROF ? user + kernel : user;
}

/* The clock an interval timer is due by. */
static uint64_t interval_now(struct interval_timer *t)
{
	return t->which == ITIMER_REAL ? clock_now() : cpu_time(t);
}

static void interval_arm(struct interval_timer *t)
{
	timer_start(&t->timer, t->which == ITIMER_REAL ? t->due : clock_now() + TICK_NS);
}

static void interval_fire(struct timer *timer)
{
	static const int signals[INTERVAL_TIMERS] = { SIGALRM, SIGVTALRM, SIGPROF };
	struct interval_timer *t = container_of(timer, struct interval_timer, timer);
	uint64_t now = interval_now(t), due = t->due;

	if (!due)
		return;
	if (now >= due) {
		signal_process(t->process, signals[t->which], NULL);
		if (!t->interval) {
			t->due = 0;
			return;
		}
		t->due = due + t->interval * ((now - due) / t->interval + 1);
	}
	interval_arm(t);
}

static void posix_fire(struct timer *timer)
{
	struct posix_timer *t = container_of(timer, struct posix_timer, timer);
	uint64_t now = clock_now(), due = t->due, passed = 0, flags;
	siginfo_t info = { .si_signo = t->event.sigev_signo, .si_code = SI_TIMER };
	bool pending;

	if (!due)
		return;
	if (t->interval)
		passed = (now - due) / t->interval;
	flags = spin_lock_irq(&t->process->signals->lock);
	pending = t->pending;
	t->missed += pending ? passed + 1 : passed;
	t->pending = t->event.sigev_notify != SIGEV_NONE;
	spin_unlock_irq(&t->process->signals->lock, flags);
	if (!pending && t->event.sigev_notify != SIGEV_NONE) {
		info.si_tid = t->id;
		info.si_value = t->event.sigev_value;
		if (!signal_from_timer(t->process, t->thread, info.si_signo, &info, t))
			t->pending = false;
	}
	t->due = t->interval ? due + t->interval * (passed + 1) : 0;
	if (t->due)
		timer_start(&t->timer, t->due);
}

int posix_timer_taken(struct posix_timer *t)
{
	t->overrun = t->missed;
	t->missed = 0;
	t->pending = false;
	return t->overrun;
}

struct process_timers *timers_create(struct process *p)
{
	struct process_timers *all = kmalloc(sizeof(*all));

	if (!all)
		return NULL;
	mutex_init(&all->lock);
	for (int i = 0; i < INTERVAL_TIMERS; i++) {
		timer_init(&all->interval[i].timer, interval_fire);
		all->interval[i].process = p;
		all->interval[i].which = i;
	}
	return all;
}

/* Stop for good; the callback arms again only while it is due. */
static void posix_free(struct posix_timer *t)
{
	t->due = 0;
	timer_stop(&t->timer);
	signal_forget_timer(t->process, t);
	if (t->thread)
		thread_put(t->thread);
	kfree(t);
}

void timers_exec(struct process *p)
{
	struct process_timers *all = p->timers;

	mutex_lock(&all->lock);
	for (int i = 0; i < POSIX_TIMERS; i++) {
		if (all->posix[i])
			posix_free(all->posix[i]);
		all->posix[i] = NULL;
	}
	mutex_unlock(&all->lock);
}

void timers_end(struct process *p)
{
	timers_exec(p);
	for (int i = 0; i < INTERVAL_TIMERS; i++) {
		p->timers->interval[i].due = 0;
		timer_stop(&p->timers->interval[i].timer);
	}
}

/* Time left until due; a timer that is about to fire has some left. */
static uint64_t left_until(uint64_t due, uint64_t now)
{
	if (!due)
		return 0;
	return due > now ? due - now : 1;
}

int interval_timer_get(struct process *p, int which, struct timer_setting *out)
{
	struct interval_timer *t;

	if (which < 0 || which >= INTERVAL_TIMERS)
		return -EINVAL;
	t = &p->timers->interval[which];
	mutex_lock(&p->timers->lock);
	sched_account();
	out->interval = t->interval;
	out->value = left_until(t->due, interval_now(t));
	mutex_unlock(&p->timers->lock);
	return 0;
}

int interval_timer_set(struct process *p, int which, const struct timer_setting *to,
		       struct timer_setting *was)
{
	struct interval_timer *t;
	int error = interval_timer_get(p, which, was);

	if (error)
		return error;
	t = &p->timers->interval[which];
	mutex_lock(&p->timers->lock);
	t->due = 0;
	timer_stop(&t->timer);
	t->interval = to->interval;
	if (to->value) {
		t->due = interval_now(t) + to->value;
		interval_arm(t);
	}
	mutex_unlock(&p->timers->lock);
	return 0;
}

/* Locked; NULL and not locked if there is no such timer. */
static struct posix_timer *posix_lock(int id)
{
	struct process_timers *all = current_process()->timers;

	if (id < 0 || id >= POSIX_TIMERS)
		return NULL;
	mutex_lock(&all->lock);
	if (!all->posix[id])
		mutex_unlock(&all->lock);
	return all->posix[id];
}

static void posix_unlock(void)
{
	mutex_unlock(&current_process()->timers->lock);
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

int posix_timer_create(int clock, const struct sigevent *event)
{
	struct process *p = current_process();
	struct posix_timer *t;
	struct thread *thread;
	int id = 0;

	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME)
		return -EINVAL;
	if (!event_good(event, &thread))
		return -EINVAL;
	t = kmalloc(sizeof(*t));
	mutex_lock(&p->timers->lock);
	while (id < POSIX_TIMERS && p->timers->posix[id])
		id++;
	if (!t || id == POSIX_TIMERS) {
		mutex_unlock(&p->timers->lock);
		if (thread)
			thread_put(thread);
		kfree(t);
		return -EAGAIN;
	}
	timer_init(&t->timer, posix_fire);
	t->process = p;
	t->thread = thread;
	t->event = *event;
	t->clock = clock;
	t->id = id;
	p->timers->posix[id] = t;
	mutex_unlock(&p->timers->lock);
	return id;
}

int posix_timer_set(int id, bool absolute, const struct timer_setting *to,
		    struct timer_setting *was)
{
	struct posix_timer *t = posix_lock(id);
	uint64_t now = clock_now(), due = to->value;

	if (!t)
		return -EINVAL;
	was->interval = t->interval;
	was->value = left_until(t->due, now);
	t->due = 0;
	timer_stop(&t->timer);
	t->interval = to->interval;
	if (due) {
		if (absolute && t->clock == CLOCK_REALTIME)
			due -= MIN(due - 1, clock_realtime_base());
		t->due = absolute ? due : now + due;
		timer_start(&t->timer, t->due);
	}
	posix_unlock();
	return 0;
}

int posix_timer_get(int id, struct timer_setting *out)
{
	struct posix_timer *t = posix_lock(id);

	if (!t)
		return -EINVAL;
	out->interval = t->interval;
	out->value = left_until(t->due, clock_now());
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
	current_process()->timers->posix[id] = NULL;
	posix_free(t);
	posix_unlock();
	return 0;
}
