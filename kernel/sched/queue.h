/* Run queues: one a CPU, threads ordered by virtual time.  Inside sched/ only.
 *
 * A queue's lock is held across a context switch: who takes the lock of the queue
 * a thread is on knows that the thread's stack is not in use elsewhere. */
#ifndef KERNEL_SCHED_QUEUE_H
#define KERNEL_SCHED_QUEUE_H

#include "kernel/sched/thread.h"

struct run_queue {
	struct spinlock lock;
	struct list ready;       /* [q] by virtual_time */
	uint32_t ready_count;    /* [q], read without it by balancers */
	uint64_t least;          /* [q] virtual time that newcomers start from */
	struct thread *idle;     /* [I] */
	struct thread *leaving;  /* [q] switched away from a moment ago */
	struct thread *homeless; /* [q] of these: ready, but not allowed here any more */
	uint32_t cpu;            /* [I] */
};

extern struct run_queue run_queues[CPU_MAX];

/* The queue t belongs to, locked (interrupts off; flags for queue_unlock). */
struct run_queue *queue_lock_of(struct thread *t, uint64_t *flags);
static inline void queue_unlock(struct run_queue *q, uint64_t flags)
{
	spin_unlock_irq(&q->lock, flags);
}
/* Holds: q->lock. */
void queue_insert(struct run_queue *q, struct thread *t);
void queue_remove(struct run_queue *q, struct thread *t);
struct thread *queue_take_first(struct run_queue *q);
/* A CPU for t to wake up on: where it ran if that is idle, else one that is. */
uint32_t queue_choose(const struct thread *t);
/* Move a ready thread from the busiest queue to q when it has at least `least`
 * waiting; true if one came.  Holds: nothing; interrupts off. */
bool queue_pull(struct run_queue *q, uint32_t least);
/* The running t has had its slice: is it somebody else's turn?  Interrupts off. */
bool queue_turn(struct run_queue *q, const struct thread *t);
/* Have an idle CPU, which has no tick, look for a thread that waits here.  Holds:
 * nothing; interrupts off. */
void queue_offer(struct run_queue *q);
/* Put a READY thread, in no queue, on its t->cpu and see that it gets to run. */
void queue_place(struct thread *t);

/* Switch away for ever: the current thread is DEAD. */
void sched_leave(void);
/* The end of every switch, on the stack of the thread switched to. */
void sched_switched(void);

/* entry.S */
void context_switch(uint64_t *save, uint64_t load);
void thread_begin(void);

#endif
