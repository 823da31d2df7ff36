#include "kernel/sched/queue.h"

#include <linux/sched.h>

#include "kernel/lib/assert.h"
#include "kernel/sched/turns.h"
#include "kernel/sync/ipi.h"
#include "kernel/trace/trace.h"

/* A sleeper comes back at most this far (weighted ns) before the others. */
#define WAKE_BONUS 5000000ull
/* Nobody is preempted by somebody who is less than this far behind. */
#define WAKE_MARGIN 1000000ull

struct run_queue run_queues[CPU_MAX];

struct run_queue *queue_lock_of(struct thread *t, uint64_t *flags)
{
	for (;;) {
		uint32_t cpu = __atomic_load_n(&t->cpu, __ATOMIC_RELAXED);
		struct run_queue *q = &run_queues[cpu];

		*flags = spin_lock_irq(&q->lock);
		if (t->cpu == cpu)
			return q;
		spin_unlock_irq(&q->lock, *flags);
	}
}

/* a goes before b: the more urgent, then who had less. */
static bool before(const struct thread *a, const struct thread *b)
{
	if (a->urgency != b->urgency)
		return a->urgency > b->urgency;
	return a->virtual_time < b->virtual_time;
}

void queue_insert(struct run_queue *q, struct thread *t)
{
	struct list *at = &q->ready;

	KASSERT(spin_held(&q->lock) && t->cpu == q->cpu);
	t->state = THREAD_READY;
	while (at->prev != &q->ready && before(t, list_entry(at->prev, struct thread, queue_link)))
		at = at->prev;
	list_append(at, &t->queue_link);
	q->ready_count++;
}

void queue_remove(struct run_queue *q, struct thread *t)
{
	KASSERT(spin_held(&q->lock) && t->state == THREAD_READY);
	list_remove(&t->queue_link);
	q->ready_count--;
}

/* Any of those that are as urgent as the first one. */
static struct thread *any_first(struct run_queue *q)
{
	struct thread *first = list_first(&q->ready, struct thread, queue_link), *t;
	uint32_t count = 0, choice;

	list_for_each_entry(t, &q->ready, queue_link)
		count += t->urgency == first->urgency;
	choice = turns_choose(count);
	list_for_each_entry(t, &q->ready, queue_link) {
		if (!choice--)
			return t;
	}
	return first;
}

struct thread *queue_take_first(struct run_queue *q)
{
	struct thread *t;

	if (list_empty(&q->ready))
		return NULL;
	t = turns_on ? any_first(q) : list_first(&q->ready, struct thread, queue_link);
	queue_remove(q, t);
	return t;
}

static bool cpu_is_idle(uint32_t cpu)
{
	return cpus[cpu]->online && cpus[cpu]->thread == run_queues[cpu].idle &&
	       !run_queues[cpu].ready_count;
}

static bool allowed(const struct thread *t, uint32_t cpu)
{
	return t->affinity >> cpu & 1;
}

uint32_t queue_choose(const struct thread *t)
{
	uint32_t here = this_cpu()->id, best = CPU_MAX;

	if (allowed(t, t->cpu) && cpu_is_idle(t->cpu))
		return t->cpu;
	if (allowed(t, here) && cpu_is_idle(here))
		return here;
	for (uint32_t i = 0; i < cpu_count; i++) {
		if (!cpus[i]->online || !allowed(t, i))
			continue;
		if (cpu_is_idle(i))
			return i;
		if (best == CPU_MAX || run_queues[i].ready_count < run_queues[best].ready_count)
			best = i;
	}
	/* All are busy: stay where the cache and the FPU state are, unless the
	 * difference is worth it. */
	if (allowed(t, t->cpu) &&
	    (best == CPU_MAX || run_queues[t->cpu].ready_count <= run_queues[best].ready_count + 1))
		return t->cpu;
	return best == CPU_MAX ? t->cpu : best;
}

/* Give a thread that comes from another queue a fair place in this one. */
static void rebase(struct thread *t, const struct run_queue *from, const struct run_queue *to)
{
	int64_t ahead = t->virtual_time - from->least;

	t->virtual_time = to->least + MAX(ahead, 0);
	TRACE(migrate, .tid = t->tid, .from = from->cpu, .to = to->cpu);
}

static struct thread *movable(struct run_queue *from, uint32_t to)
{
	struct thread *t;

	list_for_each_entry(t, &from->ready, queue_link) {
		if (allowed(t, to))
			return t;
	}
	return NULL;
}

bool queue_pull(struct run_queue *q, uint32_t least)
{
	struct run_queue *from = NULL, *first, *second;
	struct thread *t;

	for (uint32_t i = 0; i < cpu_count; i++) {
		if (i != q->cpu && run_queues[i].ready_count >= least &&
		    (!from || run_queues[i].ready_count > from->ready_count))
			from = &run_queues[i];
	}
	if (!from)
		return false;
	first = from->cpu < q->cpu ? from : q; /* two queues: by CPU number */
	second = first == from ? q : from;
	spin_lock(&first->lock);
	spin_lock(&second->lock);
	t = from->ready_count >= least ? movable(from, q->cpu) : NULL;
	if (t) {
		queue_remove(from, t);
		rebase(t, from, q);
		t->cpu = q->cpu;
		queue_insert(q, t);
	}
	spin_unlock(&second->lock);
	spin_unlock(&first->lock);
	return t;
}

/* An idle CPU that may run one of q's ready threads; CPU_MAX: none. */
static uint32_t idle_for(struct run_queue *q)
{
	struct thread *t;

	list_for_each_entry(t, &q->ready, queue_link) {
		for (uint32_t i = 0; i < cpu_count; i++) {
			if (allowed(t, i) && cpu_is_idle(i))
				return i;
		}
	}
	return CPU_MAX;
}

void queue_offer(struct run_queue *q)
{
	uint32_t cpu;

	spin_lock(&q->lock);
	cpu = idle_for(q);
	spin_unlock(&q->lock);
	if (cpu != CPU_MAX)
		ipi_send(cpu, VECTOR_IPI_RESCHEDULE);
}

bool queue_turn(struct run_queue *q, const struct thread *t)
{
	const struct thread *first;
	bool turn = false;

	spin_lock(&q->lock);
	if (!list_empty(&q->ready)) {
		first = list_first(&q->ready, struct thread, queue_link);
		turn = first->urgency > t->urgency ||
		       (first->urgency == t->urgency && t->policy != SCHED_FIFO);
	}
	spin_unlock(&q->lock);
	return turn;
}

/* Does t deserve the CPU of q more than the thread that has it?  Holds: q->lock. */
static bool preempts(const struct run_queue *q, const struct thread *t)
{
	const struct thread *running = cpus[q->cpu]->thread;

	if (running != q->idle && t->urgency != running->urgency)
		return t->urgency > running->urgency;
	return running == q->idle || t->virtual_time + WAKE_MARGIN < running->virtual_time;
}

void queue_place(struct thread *t)
{
	struct run_queue *q = &run_queues[t->cpu];
	struct cpu *c = cpus[t->cpu];
	uint64_t flags = spin_lock_irq(&q->lock);
	bool kick;

	if (t->virtual_time + WAKE_BONUS < q->least)
		t->virtual_time = q->least - WAKE_BONUS;
	queue_insert(q, t);
	kick = preempts(q, t) && !c->reschedule;
	if (kick)
		c->reschedule = true;
	spin_unlock_irq(&q->lock, flags);
	if (kick && c != this_cpu())
		ipi_send(c->id, VECTOR_IPI_RESCHEDULE);
}
