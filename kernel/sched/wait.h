/* Wait queues: sleep until a condition holds.
 *
 *   struct wait w;
 *   wait_begin(&w, &pipe->readers, WAIT_PIPE_READ);
 *   while (!pipe_has_data(p)) {          check without holding spin locks across
 *           error = wait_sleep(&w);      the sleep
 *           if (error) break;            -EINTR: a signal is pending
 *   }
 *   wait_end(&w);
 *
 * wait_begin puts the thread on the queue and marks it sleeping; each wait_sleep
 * marks it again after waking, so a wake-up between check and sleep is kept.  A
 * thread may be on several queues (poll): one wait for each, wait_sleep on any. */
#ifndef KERNEL_SCHED_WAIT_H
#define KERNEL_SCHED_WAIT_H

#include "kernel/sched/thread.h"

struct wait_queue {
	struct spinlock lock;
	struct list waiters;
};

struct wait {
	struct list link;
	struct wait_queue *queue;
	struct thread *thread;
	uint8_t why;
	bool uninterruptible;
	bool killable;              /* uninterruptible but for what ends the process */
	void (*woken)(void *owner); /* of a watch, whose thread is NULL */
	void *owner;
};

void wait_queue_init(struct wait_queue *q);
void wait_begin(struct wait *w, struct wait_queue *q, unsigned why);
void wait_begin_uninterruptible(struct wait *w, struct wait_queue *q, unsigned why);
void wait_begin_killable(struct wait *w, struct wait_queue *q, unsigned why);
int wait_sleep(struct wait *w); /* 0 or -EINTR */
/* At most until deadline (clock_now ns; 0: no limit): also -ETIMEDOUT. */
int wait_sleep_until(struct wait *w, uint64_t deadline);
void wait_end(struct wait *w);
/* A watch does not sleep: woken(owner) is called at each wake-up of q, with q's lock
 * held and interrupts off; it may wake other queues, but never in a circle.  After
 * wait_watch_end it is not running any more. */
void wait_watch(struct wait *w, struct wait_queue *q, void (*woken)(void *owner), void *owner);
void wait_watch_end(struct wait *w);
/* Wake one or all waiters; safe in interrupts. */
void wait_wake_one(struct wait_queue *q);
void wait_wake_all(struct wait_queue *q);

/* A lock that sleeps.  Not in interrupts, not under spin locks. */
struct mutex {
	uint32_t held;
	struct thread *owner;
	struct wait_queue waiters;
};
void mutex_init(struct mutex *m);
void mutex_lock(struct mutex *m);
bool mutex_try(struct mutex *m);
void mutex_unlock(struct mutex *m);

#endif
