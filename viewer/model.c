#include "viewer/model.h"

#include <stdlib.h>
#include <string.h>

#include "viewer/actor.h"
#include "viewer/crossing.h"
#include "viewer/label.h"

void model_clear(struct model *m)
{
	struct actor *actors = m->actors;
	uint32_t room = m->actor_room;

	memset(m, 0, sizeof(*m));
	m->actors = actors;
	m->actor_room = room;
}

void model_free(struct model *m)
{
	free(m->actors);
	memset(m, 0, sizeof(*m));
}

static void apply_call(struct model *m, struct actor *a, const struct event *e)
{
	m->counts.calls++;
	if (a == NULL)
		return;
	a->call = (uint16_t)event_field(e, AT_syscall_enter_nr);
	a->call_id = e->id;
	a->calls++;
	actor_enter(m, a, CAUSE_CALL, true);
}

static void apply_result(struct model *m, struct actor *a, const struct event *e)
{
	m->counts.errors += event_is_error(e);
	if (a == NULL)
		return;
	if (e->kind == EV_syscall_return)
		actor_leave(m, a, WAY_SYSRET);
	else
		a->causes[a->depth == 0 ? a->depth++ : a->depth - 1] = CAUSE_WORK;
}

static void apply_fault(struct model *m, struct actor *a, const struct event *e)
{
	m->counts.faults++;
	if (a == NULL)
		return;
	a->faults++;
	a->fault_id = e->id;
	actor_enter(m, a, CAUSE_FAULT, event_direction(e) == CROSS_DOWN);
}

static void count_fault(struct counts *c, int64_t cause)
{
	switch (cause) {
	case FAULT_DEMAND_ZERO:
		c->zero++;
		break;
	case FAULT_FILE:
		c->file++;
		break;
	case FAULT_COW:
	case FAULT_COW_REUSE:
		c->copied++;
		break;
	case FAULT_STACK:
		c->stack++;
		break;
	case FAULT_SPURIOUS:
		break;
	default:
		c->bad++;
	}
}

/* Interrupts over an idle thread belong to the CPU. */
static void apply_irq(struct model *m, struct actor *a, const struct event *e)
{
	bool user = event_direction(e) == CROSS_DOWN;

	if (e->kind == EV_exception) {
		m->counts.exceptions++;
	} else {
		m->counts.irqs++;
		m->counts.irqs_user += user;
	}
	if (e->kind == EV_interrupt && event_field(e, AT_interrupt_vector) == VECTOR_TIMER)
		m->counts.timer++;
	if (a != NULL)
		actor_enter(m, a, e->kind == EV_exception ? CAUSE_EXCEPTION : CAUSE_IRQ, user);
	else if (e->cpu < MODEL_CPUS && m->cpus[e->cpu].irqs < ACTOR_CAUSES)
		m->cpus[e->cpu].irqs++;
}

static void apply_end(struct model *m, struct actor *a, const struct event *e)
{
	int64_t way = e->kind == EV_page_fault_end  ? event_field(e, AT_page_fault_end_way)
		      : e->kind == EV_exception_end ? event_field(e, AT_exception_end_way)
		      : e->kind == EV_nmi_end       ? event_field(e, AT_nmi_end_way)
						    : event_field(e, AT_interrupt_end_way);

	if (e->kind == EV_page_fault_end)
		count_fault(&m->counts, event_field(e, AT_page_fault_end_cause));
	if (a != NULL)
		actor_leave(m, a, way);
	else if (e->cpu < MODEL_CPUS && m->cpus[e->cpu].irqs > 0)
		m->cpus[e->cpu].irqs--;
}

static void apply_user(struct model *m, struct actor *a, const struct event *e)
{
	(void)e;
	if (a != NULL)
		actor_leave(m, a, WAY_IRET_USER);
}

static void switch_from(struct model *m, struct actor *prev, const struct event *e)
{
	int64_t reason = event_field(e, AT_context_switch_reason);

	prev->active = e->id;
	prev->switches++;
	prev->cpu = (uint16_t)(e->cpu < MODEL_CPUS ? e->cpu : 0);
	/* Only a process's first thread stays, and not if it was collected before. */
	if (reason == SWITCH_EXIT && (prev->tid != prev->pid || !prev->exiting)) {
		actor_remove(m, prev->tid);
		return;
	}
	if (reason == SWITCH_EXIT)
		actor_set(m, prev, ACTOR_ZOMBIE);
	else if (reason == SWITCH_BLOCK)
		actor_set(m, prev, ACTOR_SLEEP);
	else if (reason == SWITCH_STOP)
		actor_set(m, prev, ACTOR_STOPPED);
	else
		actor_set(m, prev, ACTOR_READY);
	prev->wait = reason == SWITCH_BLOCK ? (uint8_t)event_field(e, AT_context_switch_wait) : 0;
}

static void apply_switch(struct model *m, struct actor *a, const struct event *e)
{
	uint32_t from = (uint32_t)event_field(e, AT_context_switch_prev);
	uint32_t to = (uint32_t)event_field(e, AT_context_switch_next);
	struct actor *prev, *next;

	(void)a;
	m->counts.switches++;
	m->counts.preempted += event_field(e, AT_context_switch_reason) == SWITCH_PREEMPT;
	prev = actor_need(m, from, from == e->tid ? e->pid : 0);
	if (prev != NULL)
		switch_from(m, prev, e);
	next = actor_need(m, to, to == e->tid ? e->pid : 0);
	if (next != NULL) {
		next->active = e->id;
		next->cpu = (uint16_t)(e->cpu < MODEL_CPUS ? e->cpu : 0);
		if (next->depth == 0) /* a switch happens in the kernel only */
			next->causes[next->depth++] = CAUSE_WORK;
		actor_run(m, next);
	}
	if (e->cpu < MODEL_CPUS) {
		m->cpus[e->cpu].tid = to;
		m->cpus[e->cpu].irqs = 0;
	}
}

static void apply_wakeup(struct model *m, struct actor *a, const struct event *e)
{
	uint32_t tid = (uint32_t)event_field(e, AT_wakeup_tid);
	struct actor *woken;

	(void)a;
	m->counts.wakeups++;
	woken = actor_need(m, tid, 0);
	if (woken == NULL)
		return;
	woken->active = e->id;
	woken->wait = (uint8_t)event_field(e, AT_wakeup_wait);
	if (!model_running(m, woken))
		actor_set(m, woken, ACTOR_READY);
}

static void apply_migrate(struct model *m, struct actor *a, const struct event *e)
{
	int64_t to = event_field(e, AT_migrate_to);

	m->counts.migrations++;
	a = model_actor(m, (uint32_t)event_field(e, AT_migrate_tid));
	if (a == NULL || model_running(m, a))
		return;
	a->active = e->id;
	a->cpu = (uint16_t)(to >= 0 && to < MODEL_CPUS ? to : 0);
}

static void apply_create(struct model *m, struct actor *a, const struct event *e)
{
	uint32_t tid = (uint32_t)event_field(e, AT_thread_create_tid);
	struct actor *made;

	(void)a;
	actor_remove(m, tid);
	made = actor_need(m, tid, (uint32_t)event_field(e, AT_thread_create_pid));
	m->counts.created++;
	if (made == NULL)
		return;
	made->kernel = event_field(e, AT_thread_create_kernel) != 0;
	made->cpu = (uint16_t)(e->cpu < MODEL_CPUS ? e->cpu : 0);
	made->wait = WAIT_NEW;
	made->causes[made->depth++] = CAUSE_WORK;
	actor_set(m, made, ACTOR_READY);
}

static void apply_exit(struct model *m, struct actor *a, const struct event *e)
{
	m->counts.ended++;
	a = model_actor(m, (uint32_t)event_field(e, AT_thread_exit_tid));
	if (a != NULL)
		a->exiting = true;
}

static void apply_process_exit(struct model *m, struct actor *a, const struct event *e)
{
	a = model_actor(m, (uint32_t)event_field(e, AT_process_exit_pid));
	if (a == NULL)
		return;
	a->exiting = true;
	a->status = (int32_t)event_field(e, AT_process_exit_status);
}

static void apply_reap(struct model *m, struct actor *a, const struct event *e)
{
	uint32_t pid = (uint32_t)event_field(e, AT_reap_pid);
	uint32_t kept = 0;

	(void)a;
	for (uint32_t i = 0; i < m->actor_count; i++)
		if (m->actors[i].pid != pid)
			m->actors[kept++] = m->actors[i];
	m->actor_count = kept;
}

static void apply_signal(struct model *m, struct actor *a, const struct event *e)
{
	m->counts.signals++;
	a = model_actor(m, (uint32_t)event_field(e, AT_signal_send_target));
	if (a != NULL)
		a->active = e->id;
}

/* Events that only count. */
static void apply_count(struct model *m, struct actor *a, const struct event *e)
{
	(void)a;
	m->counts.absent += e->kind == EV_syscall_absent;
	m->counts.shootdowns += e->kind == EV_tlb_shootdown;
	m->counts.execs += e->kind == EV_exec;
	m->counts.ipis += e->kind == EV_ipi;
	m->counts.ring_waits += e->kind == EV_trace_wait;
}

typedef void apply_fn(struct model *m, struct actor *a, const struct event *e);

static apply_fn *const apply_table[EV_LIMIT] = {
	[EV_syscall_enter] = apply_call,
	[EV_syscall_return] = apply_result,
	[EV_syscall_result] = apply_result,
	[EV_user_enter] = apply_user,
	[EV_page_fault] = apply_fault,
	[EV_page_fault_end] = apply_end,
	[EV_exception] = apply_irq,
	[EV_exception_end] = apply_end,
	[EV_interrupt] = apply_irq,
	[EV_interrupt_end] = apply_end,
	[EV_nmi] = apply_irq,
	[EV_nmi_end] = apply_end,
	[EV_context_switch] = apply_switch,
	[EV_wakeup] = apply_wakeup,
	[EV_migrate] = apply_migrate,
	[EV_thread_create] = apply_create,
	[EV_thread_exit] = apply_exit,
	[EV_process_exit] = apply_process_exit,
	[EV_reap] = apply_reap,
	[EV_signal_send] = apply_signal,
	[EV_syscall_absent] = apply_count,
	[EV_tlb_shootdown] = apply_count,
	[EV_exec] = apply_count,
	[EV_ipi] = apply_count,
	[EV_trace_wait] = apply_count,
};

void model_apply(struct model *m, const struct event *e)
{
	struct actor *a;

	m->id = e->id;
	m->time = e->time;
	a = actor_need(m, e->tid, e->pid);
	if (a != NULL) {
		a->active = e->id;
		a->cpu = (uint16_t)(e->cpu < MODEL_CPUS ? e->cpu : 0);
		if (e->pid != 0)
			a->pid = e->pid;
	}
	if (e->cpu < MODEL_CPUS) {
		m->cpus[e->cpu].seen = true;
		m->cpus[e->cpu].tid = e->tid;
	}
	if (!event_whole(e))
		return;
	m->counts.down += event_direction(e) == CROSS_DOWN;
	m->counts.up += event_direction(e) == CROSS_UP;
	if (apply_table[e->kind] != NULL)
		apply_table[e->kind](m, a, e);
	a = model_actor(m, e->tid);
	if (a != NULL && a->state == ACTOR_STATES) { /* met in the middle of its life */
		if (event_direction(e) != CROSS_UP && a->depth == 0)
			a->causes[a->depth++] = CAUSE_WORK;
		actor_run(m, a);
	}
}
