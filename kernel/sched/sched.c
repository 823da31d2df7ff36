/* Blocking, waking, the tick and the idle loop: what calls the switch. */
#include "kernel/arch/x86_64/clock.h"
#include "kernel/arch/x86_64/irq.h"
#include "kernel/lib/assert.h"
#include "kernel/mm/mapped.h"
#include "kernel/mm/object.h"
#include "kernel/sched/queue.h"
#include "kernel/sched/timer.h"
#include "kernel/sched/turns.h"
#include "kernel/sched/watchdog.h"
#include "kernel/sync/ipi.h"
#include "kernel/trace/function.h"
#include "kernel/trace/trace.h"

#define BALANCE_TICKS 10 /* a busy CPU looks for a longer queue this often */
/* A thread keeps its CPU at least this long if nobody sleeps-and-wakes. */
#define SLICE_NS 8000000ull

void sched_init_cpu(struct cpu *c, void *stack)
{
	struct run_queue *q = &run_queues[c->id];
	struct thread *t = kmalloc(sizeof(*t));

	KASSERT(t);
	spin_init(&q->lock, RANK_QUEUE, "run queue");
	list_init(&q->ready);
	q->cpu = c->id;
	q->idle = t;
	ref_init(&t->refs, 1);
	t->name[0] = 'i';
	t->name[1] = 'd';
	t->name[2] = 'l';
	t->name[3] = 'e';
	t->kernel_only = true;
	t->stack = stack;
	t->state = THREAD_RUNNING;
	t->cpu = c->id;
	t->affinity = 1ull << c->id;
	t->run_since = clock_now();
	list_init(&t->queue_link);
	timer_init_cpu(c->id);
	t->trace.name = t->name;
	c->queue = q;
	c->thread = t;
	c->trace_thread = c->function_owner = &t->trace;
	if (function_wanted)
		t->trace.functions = mapped_alloc(FUNCTION_FRAMES_SIZE);
	KASSERT(!function_wanted || t->trace.functions);
}

void sched_prepare(enum thread_state state, unsigned why)
{
	struct thread *t = current();
	uint64_t flags;
	struct run_queue *q = queue_lock_of(t, &flags);

	t->wait_reason = why;
	t->state = state;
	queue_unlock(q, flags);
}

void sched_ready(void)
{
	struct thread *t = current();
	uint64_t flags;
	struct run_queue *q = queue_lock_of(t, &flags);

	t->state = THREAD_RUNNING;
	queue_unlock(q, flags);
}

/* Wake t when it is in a state of the set (bit a state). */
static bool wake_from(struct thread *t, unsigned states)
{
	uint64_t flags;
	struct run_queue *q = queue_lock_of(t, &flags);
	bool running;

	if (!(states >> t->state & 1)) {
		queue_unlock(q, flags);
		return false;
	}
	/* It may not have left its CPU yet: then it just goes on. */
	running = cpus[t->cpu]->thread == t;
	t->state = running ? THREAD_RUNNING : THREAD_READY;
	if (!running)
		t->cpu = queue_choose(t);
	TRACE(wakeup, .tid = t->tid, .target = t->cpu, .wait = t->wait_reason);
	if (!running && t->cpu != q->cpu) {
		int64_t ahead = t->virtual_time - q->least;

		t->virtual_time = run_queues[t->cpu].least + MAX(ahead, 0);
	}
	spin_unlock(&q->lock);
	if (!running)
		queue_place(t);
	irq_restore(flags);
	return true;
}

bool thread_wake(struct thread *t)
{
	return wake_from(t, 1u << THREAD_SLEEPING | 1u << THREAD_BLOCKED);
}

bool thread_resume(struct thread *t)
{
	return wake_from(t, 1u << THREAD_STOPPED);
}

void thread_interrupt(struct thread *t)
{
	t->interrupted = true;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (wake_from(t, 1u << THREAD_SLEEPING))
		return;
	/* Running in ring 3 elsewhere: have it come in and look. */
	uint32_t cpu = __atomic_load_n(&t->cpu, __ATOMIC_RELAXED);

	if (cpus[cpu]->thread == t && cpus[cpu] != this_cpu())
		ipi_send(cpu, VECTOR_IPI_RESCHEDULE);
}

void thread_kill(struct thread *t)
{
	__atomic_store_n(&t->killed, true, __ATOMIC_SEQ_CST);
	thread_interrupt(t);
	if (__atomic_load_n(&t->killable, __ATOMIC_SEQ_CST))
		thread_wake(t);
}

void thread_policy_set(struct thread *t, uint8_t policy, uint8_t urgency)
{
	uint64_t flags;
	struct run_queue *q = queue_lock_of(t, &flags);
	bool ready = t->state == THREAD_READY && !list_empty(&t->queue_link);

	if (ready)
		queue_remove(q, t);
	t->policy = policy;
	t->urgency = urgency;
	if (ready)
		queue_insert(q, t);
	/* Somebody else may be before the one that runs now. */
	cpus[q->cpu]->reschedule = true;
	queue_unlock(q, flags);
	if (cpus[q->cpu] != this_cpu())
		ipi_send(q->cpu, VECTOR_IPI_RESCHEDULE);
}

void thread_affinity_set(struct thread *t, uint64_t mask)
{
	__atomic_store_n(&t->affinity, mask, __ATOMIC_RELAXED);
	uint32_t cpu = __atomic_load_n(&t->cpu, __ATOMIC_RELAXED);

	if (mask >> cpu & 1)
		return;
	cpus[cpu]->reschedule = true; /* sched_tick and the switch push it away */
	if (cpus[cpu] != this_cpu())
		ipi_send(cpu, VECTOR_IPI_RESCHEDULE);
}

uint32_t sched_running(void)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < cpu_count; i++)
		n += run_queues[i].ready_count + (cpus[i]->thread != run_queues[i].idle);
	return n;
}

/* What a CPU that runs a thread does every now and then. */
static void tick(struct cpu *c)
{
	static uint32_t ticks[CPU_MAX];
	struct run_queue *q = c->queue;
	uint64_t now = clock_now();

	timer_tick(now + (c->thread->timed ? thread_timed(c->thread) : TICK_NS));
	if (turns_on)
		timer_tick(now + turns_length());
	if (q->ready_count && (turns_on || now - c->thread->run_since >= SLICE_NS) &&
	    queue_turn(q, c->thread))
		c->reschedule = true;
	if (q->ready_count)
		queue_offer(q);
	if (++ticks[c->id] % BALANCE_TICKS == 0) {
		queue_pull(q, q->ready_count + 2);
		watchdog_look();
	}
}

void sched_timer(void)
{
	struct cpu *c = this_cpu();

	if (!timer_interrupt())
		return;
	if (c->thread == c->queue->idle)
		return; /* sched_idle comes next, once the end of this interrupt is recorded */
	trace_tick();
	tick(c);
}

/* Rest until an interrupt comes, without a tick: only what was recorded is to be sent
 * in time.  Interrupts off at entry, on at return. */
static void rest(struct cpu *c)
{
	bool listens = c->id == IRQ_CPU;
	uint64_t tick = trace_rest();

	timer_tick_relax(tick == UINT64_MAX ? TIME_NEVER : clock_now() + tick);
	if (listens && trace_listen(true)) {
		irq_enable();
	} else {
		trace_account(SHARE_KERNEL);
		irq_wait();
	}
	if (listens)
		trace_listen(false);
}

void sched_idle(void)
{
	struct cpu *c = this_cpu();
	struct run_queue *q = c->queue;

	for (;;) {
		irq_disable();
		trace_tick();
		if (q->ready_count || queue_pull(q, 1)) {
			sched_yield();
			continue;
		}
		c->reschedule = false;
		rest(c);
	}
}

void thread_exit(void)
{
	struct thread *t = current();
	uint64_t flags;
	struct run_queue *q = queue_lock_of(t, &flags);

	t->state = THREAD_DEAD;
	queue_unlock(q, flags);
	sched_leave();
	panic("thread %u came back from its end", t->tid);
}
