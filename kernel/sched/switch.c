/* Going from one thread to another: the heart of the scheduler.  Order of
 * reading: sched_switch, then who calls it, then sched_switched, which each
 * switch ends in on the other thread's stack. */
#include "kernel/arch/x86_64/clock.h"
#include "kernel/arch/x86_64/fpu.h"
#include "kernel/arch/x86_64/tables.h"
#include "kernel/lib/assert.h"
#include "kernel/mm/space.h"
#include "kernel/sched/queue.h"
#include "kernel/sched/timer.h"
#include "kernel/sched/turns.h"
#include "kernel/trace/function.h"
#include "kernel/trace/trace.h"

/* CFS's weights (Linux's sched_prio_to_weight): each step of nice is a quarter. */
static const uint32_t weights[40] = {
	88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916,
	9548,  7620,  6100,  4904,  3906,  3121,  2501,  1991,  1586,  1277,
	1024,  820,   655,   526,   423,   335,   272,   215,   172,   137,
	110,   87,    70,    56,    45,    36,    29,    23,    18,    15,
};

/* A thread with timers of CPU time has its first tick so soon. */
#define TIMED_NS 1000000ull

void (*sched_busy_hook)(void);

/* Charge the running thread for its time since it was last charged. */
static void charge(struct run_queue *q, struct thread *t)
{
	uint64_t now = clock_now();
	uint64_t ran = now - t->run_since;

	t->run_since = now;
	if (t == q->idle)
		return;
	t->virtual_time += ran * 1024 / weights[MIN(t->nice, t->inherited) + 20];
	if (list_empty(&q->ready))
		q->least = MAX(q->least, t->virtual_time);
	else
		q->least = MAX(q->least,
			       MIN(t->virtual_time,
				   list_first(&q->ready, struct thread, queue_link)->virtual_time));
}

/* Add the CPU's user and kernel ticks since the last switch to the thread. */
static void account(struct cpu *c, struct thread *t)
{
	trace_account(t == c->queue->idle ? SHARE_IDLE : SHARE_KERNEL);
	t->user_ticks += c->user_ticks - c->thread_user_mark;
	t->kernel_ticks += c->kernel_ticks - c->thread_kernel_mark;
	c->thread_user_mark = c->user_ticks;
	c->thread_kernel_mark = c->kernel_ticks;
	c->thread_mark = c->mark;
}

static void load_program_state(struct cpu *c, struct thread *t)
{
	space_activate(t->space);
	if (t->kernel_only)
		return;
	if (c->fpu_owner != t || t->last_cpu != c->id) {
		fpu_restore(t->fpu);
		c->fpu_owner = t;
		t->last_cpu = c->id;
	}
	if (t->sequences && t->sequence_cpu != c->id)
		t->resumed = true;
	msr_write(MSR_FS_BASE, t->fs_base);
	msr_write(MSR_KERNEL_GS_BASE, t->gs_base);
}

/* Still ready: back into this queue, or into another one (by sched_switched, when
 * its stack is free) if this CPU is no longer allowed. */
static void put_back(struct run_queue *q, struct thread *t)
{
	if (t->affinity >> q->cpu & 1) {
		queue_insert(q, t);
	} else {
		t->state = THREAD_READY;
		q->homeless = t;
	}
}

/* Leave the current thread for another.  Holds: the queue's lock, interrupts
 * off; the lock is given back, on whichever CPU this thread comes back. */
static void sched_switch(struct run_queue *q, unsigned reason)
{
	struct cpu *c = this_cpu();
	struct thread *prev = c->thread, *next;

	charge(q, prev);
	if (reason == SWITCH_PREEMPT)
		prev->resumed = prev->sequences;
	if ((reason == SWITCH_PREEMPT || reason == SWITCH_YIELD) && prev != q->idle)
		put_back(q, prev);
	c->reschedule = false;
	next = queue_take_first(q);
	if (!next)
		next = q->idle;
	next->state = THREAD_RUNNING;
	if (next == prev) {
		spin_unlock(&q->lock);
		return;
	}
	account(c, prev);
	if (!prev->kernel_only)
		fpu_save(prev->fpu);
	if (reason == SWITCH_BLOCK)
		prev->switches_voluntary++;
	else
		prev->switches_forced++;
	TRACE(context_switch, .prev = prev->tid, .next = next->tid,
	      .reason = prev == q->idle ? SWITCH_IDLE : reason,
	      .wait = reason == SWITCH_BLOCK && prev->state != THREAD_READY ? prev->wait_reason
									    : WAIT_NONE,
	      .space = !next->kernel_only && next->space != c->space,
	      .ready = prev->state == THREAD_READY && prev != q->idle);
	c->ring->tid = next->tid;
	next->trace.tid = next->tid;
	c->trace_thread = &next->trace;
	FUNCTION_SWITCH();
	next->run_since = prev->run_since;
	if (prev == q->idle || next->timed) {
		timer_tick(next->run_since + (next->timed ? TIMED_NS : TICK_NS));
		if (sched_busy_hook && prev == q->idle)
			sched_busy_hook();
	}
	if (turns_on && next != q->idle)
		timer_tick(next->run_since + turns_length());
	q->leaving = prev;
	c->thread = next;
	cpu_set_kernel_stack(c, (uint64_t)next->stack + KERNEL_STACK_SIZE);
	load_program_state(c, next);
	context_switch(&prev->stack_pointer, next->stack_pointer);
	sched_switched();
}

void sched_switched(void)
{
	struct run_queue *q = this_cpu()->queue;
	struct thread *left = q->leaving, *homeless = q->homeless;

	q->leaving = NULL;
	q->homeless = NULL;
	spin_unlock(&q->lock);
	if (homeless) {
		homeless->cpu = queue_choose(homeless);
		queue_place(homeless);
	}
	if (left && left->state == THREAD_DEAD)
		thread_put(left);
}

/* Take the lock, check that there still is a reason, switch. */
static void switch_now(unsigned reason)
{
	uint64_t flags = irq_save();
	struct run_queue *q = this_cpu()->queue;
	struct thread *t = current();

	spin_lock(&q->lock);
	if (reason == SWITCH_BLOCK && t->state == THREAD_RUNNING) {
		spin_unlock(&q->lock); /* woken between its check and here */
	} else {
		if (t->state == THREAD_STOPPED)
			reason = SWITCH_STOP;
		sched_switch(q, reason);
	}
	irq_restore(flags);
}

void sched_block(void)
{
	switch_now(SWITCH_BLOCK);
}

void sched_yield(void)
{
	switch_now(SWITCH_YIELD);
}

void sched_preempt(void)
{
	switch_now(SWITCH_PREEMPT);
}

void sched_leave(void)
{
	switch_now(SWITCH_EXIT);
}

/* What the thread that runs on c has spent since it was charged.  Holds: the lock of
 * c's queue, so that it stays on c; its crossings go on. */
static void running_ticks(const struct cpu *c, uint64_t *user, uint64_t *total)
{
	uint64_t charged = c->thread_user_mark, now = local_time();
	uint64_t in_user = __atomic_load_n(&c->user_ticks, __ATOMIC_RELAXED) - charged;
	uint64_t mark = __atomic_load_n(&c->mark, __ATOMIC_RELAXED);

	*total = now - MIN(now, c->thread_mark);
	if (__atomic_load_n(&c->in_user, __ATOMIC_RELAXED))
		in_user += now - MIN(now, mark);
	*user = MIN(in_user, *total);
}

void thread_times(struct thread *t, uint64_t *user, uint64_t *kernel)
{
	uint64_t flags, more_user = 0, more = 0, total, user_ticks;
	struct run_queue *q = queue_lock_of(t, &flags);

	if (cpus[q->cpu]->thread == t)
		running_ticks(cpus[q->cpu], &more_user, &more);
	user_ticks = t->user_ticks + more_user;
	total = t->user_ticks + t->kernel_ticks + more;
	queue_unlock(q, flags);
	*user = clock_from_ticks(user_ticks);
	*kernel = clock_from_ticks(total) - *user;
}

void sched_cpu_times(uint32_t cpu, struct cpu_times *out)
{
	const struct cpu *c = cpus[cpu];
	uint64_t mark = __atomic_load_n(&c->mark, __ATOMIC_RELAXED), now = local_time();
	uint64_t since = now - MIN(now, mark);

	*out = (struct cpu_times){ c->user_ticks, c->kernel_ticks, c->idle_ticks };
	if (c->thread == run_queues[cpu].idle)
		out->idle += since;
	else if (c->in_user)
		out->user += since;
	else
		out->kernel += since;
}
