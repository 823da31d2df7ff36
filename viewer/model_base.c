/* A model from a state of the machine: where a replay begins. */
#include <stdlib.h>

#include "viewer/model.h"

static enum actor_state trap_state(const struct state_trap *trap)
{
	return trap->kind == EV_page_fault || trap->kind == EV_exception ? ACTOR_FAULT : ACTOR_IRQ;
}

static enum actor_state shown_state(const struct state_thread *t)
{
	switch (t->run) {
	case RUN_USER:
		return ACTOR_USER;
	case RUN_KERNEL:
	case RUN_FAULT:
		return t->trap_count > 0 ? trap_state(&t->trap[t->trap_count - 1]) : ACTOR_KERNEL;
	case RUN_READY:
		return ACTOR_READY;
	case RUN_SLEEP:
		return ACTOR_SLEEP;
	case RUN_STOPPED:
		return ACTOR_STOPPED;
	case RUN_ZOMBIE:
		return ACTOR_ZOMBIE;
	default:
		return ACTOR_STATES;
	}
}

static void causes_take(struct actor *a, const struct state_thread *t)
{
	if (t->user)
		return;
	if (t->call.open || t->trap_count == 0)
		a->causes[a->depth++] = t->call.open ? CAUSE_CALL : CAUSE_WORK;
	for (unsigned i = 0; i < t->trap_count && a->depth < ACTOR_CAUSES; i++) {
		const uint32_t kind = t->trap[i].kind;

		a->causes[a->depth++] = kind == EV_page_fault  ? CAUSE_FAULT
					: kind == EV_exception ? CAUSE_EXCEPTION
							       : CAUSE_IRQ;
		if (kind == EV_page_fault)
			a->fault_id = t->trap[i].id;
	}
}

static struct actor actor_from(const struct state *s, const struct state_thread *t)
{
	const struct state_process *p = state_process_find(s, t->pid);
	struct actor a = {
		.tid = t->tid,
		.pid = t->pid,
		.state = (uint8_t)shown_state(t),
		.kernel = t->kernel,
		.exiting = p != NULL && p->ended,
		.wait = (uint8_t)t->wait,
		.cpu = (uint16_t)(t->cpu < MODEL_CPUS ? t->cpu : 0),
		.call = t->call.open ? (uint16_t)t->call.nr : CALL_NONE,
		.call_id = t->call.id,
		.active = t->event,
		.since = t->since,
		.calls = t->calls,
		.faults = t->touches,
		.status = p != NULL && p->ended ? (int32_t)p->status : 0,
		.change_count = 1,
		.change_next = 1,
	};

	a.changes[0] = t->event << 8 | a.state;
	causes_take(&a, t);
	return a;
}

static struct counts counts_from(const struct state *s)
{
	return (struct counts){
		.down = s->sums.down,
		.up = s->sums.up,
		.calls = s->count[EV_syscall_enter],
		.errors = s->errors,
		.absent = s->count[EV_syscall_absent],
		.faults = s->count[EV_page_fault],
		.zero = s->sums.fault[FAULT_DEMAND_ZERO],
		.file = s->sums.fault[FAULT_FILE],
		.copied = s->sums.fault[FAULT_COW] + s->sums.fault[FAULT_COW_REUSE],
		.stack = s->sums.fault[FAULT_STACK],
		.bad = s->count[EV_page_fault_end] - s->sums.fault[FAULT_DEMAND_ZERO] -
		       s->sums.fault[FAULT_FILE] - s->sums.fault[FAULT_COW] -
		       s->sums.fault[FAULT_COW_REUSE] - s->sums.fault[FAULT_STACK] -
		       s->sums.fault[FAULT_SPURIOUS],
		.shootdowns = s->count[EV_tlb_shootdown],
		.switches = s->count[EV_context_switch],
		.wakeups = s->count[EV_wakeup],
		.migrations = s->count[EV_migrate],
		.preempted = s->sums.preempted,
		.created = s->count[EV_thread_create],
		.ended = s->count[EV_thread_exit],
		.execs = s->count[EV_exec],
		.signals = s->count[EV_signal_send],
		.irqs = s->count[EV_interrupt] + s->count[EV_nmi],
		.timer = s->sums.timer,
		.irqs_user = s->sums.interrupted,
		.ipis = s->count[EV_ipi],
		.exceptions = s->count[EV_exception],
		.ring_waits = s->count[EV_trace_wait],
	};
}

bool model_from_state(struct model *m, const struct state *s)
{
	const uint32_t count = s->thread_count < MODEL_ACTORS ? s->thread_count : MODEL_ACTORS;

	model_clear(m);
	if (m->actor_room < count) {
		struct actor *actors = realloc(m->actors, count * sizeof(*actors));

		if (actors == NULL)
			return false;
		m->actors = actors;
		m->actor_room = count;
	}
	m->id = s->event;
	m->time = s->time;
	m->counts = counts_from(s);
	for (unsigned i = 0; i < MODEL_CPUS && i < STATE_CPUS; i++)
		m->cpus[i] = (struct cpu){
			.seen = s->cpu[i].online,
			.tid = s->cpu[i].tid,
			.irqs = (uint8_t)(s->cpu[i].irqs < ACTOR_CAUSES ? s->cpu[i].irqs
									: ACTOR_CAUSES),
		};
	for (uint32_t i = 0; i < count; i++)
		m->actors[i] = actor_from(s, &s->thread[i]);
	m->actor_count = count;
	return true;
}
