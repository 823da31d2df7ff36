#include "kernel/sched/wait.h"

#include <linux/errno.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/lib/assert.h"
#include "kernel/sched/timer.h"

/* A timer that ends a sleep. */
struct sleep_timer {
	struct timer timer;
	struct thread *thread;
};

void wait_queue_init(struct wait_queue *q)
{
	spin_init(&q->lock, RANK_WAIT, "wait queue");
	list_init(&q->waiters);
}

static void begin(struct wait *w, struct wait_queue *q, unsigned why, bool uninterruptible)
{
	uint64_t flags;

	w->queue = q;
	w->thread = current();
	w->why = why;
	w->uninterruptible = uninterruptible;
	w->killable = false;
	sched_prepare(uninterruptible ? THREAD_BLOCKED : THREAD_SLEEPING, why);
	flags = spin_lock_irq(&q->lock);
	list_append(&q->waiters, &w->link);
	spin_unlock_irq(&q->lock, flags);
	/* On the list before the condition is looked at: wake() pairs with this. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void wait_begin(struct wait *w, struct wait_queue *q, unsigned why)
{
	begin(w, q, why, false);
}

void wait_begin_uninterruptible(struct wait *w, struct wait_queue *q, unsigned why)
{
	begin(w, q, why, true);
}

void wait_begin_killable(struct wait *w, struct wait_queue *q, unsigned why)
{
	begin(w, q, why, true);
	w->killable = true;
	__atomic_store_n(&current()->killable, true, __ATOMIC_SEQ_CST);
}

int wait_sleep(struct wait *w)
{
	return wait_sleep_until(w, 0);
}

static void sleep_over(struct timer *timer)
{
	thread_wake(container_of(timer, struct sleep_timer, timer)->thread);
}

/* Block until woken or until the deadline; the state is marked already. */
static int block_until(uint64_t deadline)
{
	struct sleep_timer s = { .thread = current() };
	bool fired;

	if (!deadline) {
		sched_block();
		return 0;
	}
	timer_init(&s.timer, sleep_over);
	timer_start(&s.timer, deadline);
	sched_block();
	fired = !timer_stop(&s.timer);
	return fired ? -ETIMEDOUT : 0;
}

int wait_sleep_until(struct wait *w, uint64_t deadline)
{
	int error;

	if ((!w->uninterruptible && current()->interrupted) ||
	    (w->killable && __atomic_load_n(&current()->killed, __ATOMIC_SEQ_CST))) {
		sched_ready();
		return -EINTR;
	}
	error = block_until(deadline);
	/* Marked again before the caller checks its condition again, so that a
	 * wake-up in between is kept. */
	sched_prepare(w->uninterruptible ? THREAD_BLOCKED : THREAD_SLEEPING, w->why);
	return error;
}

void wait_end(struct wait *w)
{
	uint64_t flags = spin_lock_irq(&w->queue->lock);

	list_remove(&w->link);
	spin_unlock_irq(&w->queue->lock, flags);
	if (w->killable)
		current()->killable = false;
	sched_ready();
}

void wait_watch(struct wait *w, struct wait_queue *q, void (*woken)(void *owner), void *owner)
{
	uint64_t flags;

	*w = (struct wait){ .queue = q, .woken = woken, .owner = owner };
	flags = spin_lock_irq(&q->lock);
	list_append(&q->waiters, &w->link);
	spin_unlock_irq(&q->lock, flags);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void wait_watch_end(struct wait *w)
{
	uint64_t flags = spin_lock_irq(&w->queue->lock);

	list_remove(&w->link);
	spin_unlock_irq(&w->queue->lock, flags);
}

static __attribute__((noinline)) void wake(struct wait_queue *q, bool all)
{
	uint64_t flags;
	struct wait *w;

	flags = spin_lock_irq(&q->lock);
	list_for_each_entry(w, &q->waiters, link) {
		if (!w->thread)
			w->woken(w->owner);
		else if (thread_wake(w->thread) && !all)
			break;
	}
	spin_unlock_irq(&q->lock, flags);
}

void wait_wake_one(struct wait_queue *q)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (unlikely(!list_empty(&q->waiters))) /* a waiter is on the list before it checks */
		wake(q, false);
}

void wait_wake_all(struct wait_queue *q)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (unlikely(!list_empty(&q->waiters)))
		wake(q, true);
}

void mutex_init(struct mutex *m)
{
	m->held = 0;
	m->owner = NULL;
	wait_queue_init(&m->waiters);
}

bool mutex_try(struct mutex *m)
{
	if (__atomic_exchange_n(&m->held, 1, __ATOMIC_ACQUIRE))
		return false;
	m->owner = current();
	return true;
}

void mutex_lock(struct mutex *m)
{
	struct wait w;

	KASSERT(m->owner != current());
	if (mutex_try(m))
		return;
	wait_begin_uninterruptible(&w, &m->waiters, WAIT_MUTEX);
	while (!mutex_try(m))
		wait_sleep(&w);
	wait_end(&w);
}

void mutex_unlock(struct mutex *m)
{
	KASSERT(m->owner == current());
	m->owner = NULL;
	__atomic_store_n(&m->held, 0, __ATOMIC_RELEASE);
	wait_wake_one(&m->waiters);
}
