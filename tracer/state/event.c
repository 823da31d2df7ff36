/* One event on: who runs where, in which ring, in the middle of what. */
#include "tracer/state/parts.h"

static void change_add(struct state *s, uint32_t lane, enum run_state before, enum run_state after)
{
	if (s->last.changes < STATE_CHANGES)
		s->last.change[s->last.changes++] = (struct state_change){ lane, before, after };
}

void run_set(struct state *s, struct state_thread *t, enum run_state run)
{
	if (t->run == run)
		return;
	change_add(s, t->lane, t->run, run);
	t->run = run;
	t->since = s->time;
	t->event = s->event;
}

void thread_gone(struct state *s, struct state_thread *t)
{
	run_set(s, t, RUN_IDLE);
	thread_remove(s, t);
}

/* It has a CPU: which ring, and for what? */
static void run_on_cpu(struct state *s, struct state_thread *t)
{
	run_set(s, t, t->user ? RUN_USER : t->faults ? RUN_FAULT : RUN_KERNEL);
}

static bool on_cpu(const struct state_thread *t)
{
	return t->run == RUN_USER || t->run == RUN_KERNEL || t->run == RUN_FAULT;
}

static void span_ended(struct state *s, uint64_t id, int64_t time)
{
	s->last.begin = id;
	s->last.duration = s->time - time;
}

/* --- System calls --- */

static void call_drop(struct state *s, struct state_thread *t)
{
	if (t->call.space)
		space_release(s, t->call.space);
	memset(&t->call, 0, sizeof(t->call));
}

static void call_begin(struct state *s, struct state_thread *t, const struct event *e)
{
	const struct ev_syscall_enter enter = payload_syscall_enter(e);
	const unsigned fixed = sizeof(enter) / 8;
	struct state_call *c = &t->call;

	call_drop(s, t);
	c->open = true;
	c->nr = enter.nr;
	c->id = e->id;
	c->time = e->time;
	c->args = e->words - fixed < 6 ? e->words - fixed : 6;
	memcpy(c->arg, e->payload + fixed, c->args * sizeof(c->arg[0]));
	t->user = false;
	t->faults = t->trap_count = 0;
	run_on_cpu(s, t);
}

static void call_data(struct state_thread *t, const struct event *e)
{
	const struct ev_syscall_data d = payload_syscall_data(e);
	const unsigned fixed = sizeof(d) / 8;
	struct state_call *c = &t->call;
	size_t bytes = (e->words - fixed) * 8;

	if (!c->open)
		return;
	if (bytes > d.length)
		bytes = d.length;
	if (d.what == DATA_PATH && !c->path[0])
		state_text(c->path, sizeof(c->path), e->payload + fixed, bytes);
	if (d.what == DATA_INT_PAIR && bytes >= sizeof(c->pair)) {
		memcpy(c->pair, e->payload + fixed, sizeof(c->pair));
		c->pair_known = true;
	}
}

static bool call_end(struct state *s, struct state_thread *t, const struct event *e, int64_t result)
{
	bool good = true;

	s->last.failed = result < 0 && result > -4096;
	s->errors += s->last.failed;
	if (t->call.open) {
		span_ended(s, t->call.id, t->call.time);
		good = files_call(s, t, e->id, result);
	}
	call_drop(s, t);
	return good;
}

static void user_entered(struct state *s, struct state_thread *t)
{
	if (t->call.open)
		span_ended(s, t->call.id, t->call.time);
	call_drop(s, t);
	t->user = true;
	t->faults = t->trap_count = 0;
	run_on_cpu(s, t);
}

/* --- Traps --- */

static void trap_begin(struct state *s, struct state_thread *t, struct state_trap trap)
{
	if (t->trap_count == STATE_TRAPS)
		memmove(&t->trap[0], &t->trap[1], sizeof(trap) * --t->trap_count);
	trap.id = s->event;
	trap.time = s->time;
	t->trap[t->trap_count++] = trap;
	t->faults += trap.kind == EV_page_fault;
	if (trap.user)
		t->user = false;
	run_on_cpu(s, t);
}

static void trap_end(struct state *s, struct state_thread *t, unsigned kind, unsigned way,
		     unsigned cause)
{
	const struct state_process *p = state_process_find(s, t->pid);
	unsigned depth = t->trap_count;

	while (depth && t->trap[depth - 1].kind != kind)
		depth--;
	if (depth) {
		struct state_trap *trap = &t->trap[depth - 1];

		span_ended(s, trap->id, trap->time);
		if (kind == EV_page_fault && p)
			space_fault(s, p->space, trap->addr, cause);
		t->trap_count = depth - 1;
		memset(trap, 0, (STATE_TRAPS - t->trap_count) * sizeof(*trap));
	}
	t->faults = 0;
	for (unsigned i = 0; i < t->trap_count; i++)
		t->faults += t->trap[i].kind == EV_page_fault;
	if (way == WAY_SYSRET || way == WAY_IRET_USER) {
		t->user = true;
		t->faults = t->trap_count = 0;
		memset(t->trap, 0, sizeof(t->trap));
	}
	run_on_cpu(s, t);
}

static void trap_event(struct state *s, struct state_thread *t, const struct event *e)
{
	const struct ev_page_fault f = payload_page_fault(e);
	const struct ev_exception x = payload_exception(e);
	const struct ev_interrupt i = payload_interrupt(e);
	const struct ev_page_fault_end end = payload_page_fault_end(e);

	switch (e->kind) {
	case EV_page_fault: /* bit 2 of the error code: from ring 3 */
		trap_begin(s, t,
			   (struct state_trap){ .kind = e->kind,
						.addr = f.addr,
						.vector = VECTOR_PAGE_FAULT,
						.user = f.error >> 2 & 1 });
		break;
	case EV_exception:
		trap_begin(s, t,
			   (struct state_trap){
				   .kind = e->kind, .vector = x.vector, .user = x.user != 0 });
		break;
	case EV_interrupt:
		trap_begin(s, t,
			   (struct state_trap){
				   .kind = e->kind, .vector = i.vector, .user = i.user != 0 });
		break;
	case EV_nmi:
		trap_begin(s, t,
			   (struct state_trap){ .kind = e->kind,
						.vector = VECTOR_NMI,
						.user = payload_nmi(e).user != 0 });
		break;
	case EV_page_fault_end:
		trap_end(s, t, EV_page_fault, end.way, end.cause);
		break;
	case EV_exception_end:
		trap_end(s, t, EV_exception, payload_exception_end(e).way, 0);
		break;
	case EV_interrupt_end:
		trap_end(s, t, EV_interrupt, payload_interrupt_end(e).way, 0);
		break;
	case EV_nmi_end:
		trap_end(s, t, EV_nmi, payload_nmi_end(e).way, 0);
		break;
	}
}

/* Interrupts over an idle thread belong to its CPU. */
static void idle_event(struct state_cpu *cpu, const struct event *e)
{
	switch (e->kind) {
	case EV_exception:
	case EV_interrupt:
	case EV_nmi:
	case EV_page_fault:
		cpu->irqs++;
		break;
	case EV_exception_end:
	case EV_interrupt_end:
	case EV_nmi_end:
	case EV_page_fault_end:
		cpu->irqs -= cpu->irqs > 0;
		break;
	}
}

/* --- Scheduling --- */

static void switched_from(struct state *s, struct state_thread *prev,
			  const struct ev_context_switch *c)
{
	const struct state_process *p = state_process_find(s, prev->pid);

	prev->wait = c->reason == SWITCH_BLOCK ? c->wait : 0;
	switch (c->reason) {
	case SWITCH_EXIT:
		/* A process's first thread stays until it is collected. */
		if (prev->tid == prev->pid && p && p->ended)
			run_set(s, prev, RUN_ZOMBIE);
		else
			thread_gone(s, prev);
		break;
	case SWITCH_BLOCK:
		run_set(s, prev, RUN_SLEEP);
		break;
	case SWITCH_STOP:
		run_set(s, prev, RUN_STOPPED);
		break;
	default:
		run_set(s, prev, RUN_READY);
	}
}

static bool switched(struct state *s, const struct event *e)
{
	const struct ev_context_switch c = payload_context_switch(e);
	struct state_cpu *cpu = &s->cpu[e->cpu];
	struct state_thread *prev, *next;

	if (c.prev) {
		prev = thread_need(s, c.prev);
		if (!prev)
			return false;
		switched_from(s, prev, &c);
	}
	cpu->tid = c.next;
	cpu->irqs = 0;
	if (!c.next)
		return true;
	next = thread_need(s, c.next);
	if (!next)
		return false;
	next->cpu = e->cpu;
	next->user = false;
	run_on_cpu(s, next);
	return true;
}

static bool woken(struct state *s, const struct event *e)
{
	const struct ev_wakeup w = payload_wakeup(e);
	struct state_thread *t = w.tid ? thread_need(s, w.tid) : NULL;

	if (!t)
		return w.tid == 0;
	t->wait = w.wait;
	if (!on_cpu(t) && t->run != RUN_ZOMBIE)
		run_set(s, t, RUN_READY);
	return true;
}

/* --- All together --- */

/* Events of the thread at hand. */
static bool thread_event(struct state *s, struct state_thread *t, const struct event *e)
{
	switch (e->kind) {
	case EV_syscall_enter:
		call_begin(s, t, e);
		return true;
	case EV_syscall_data:
		call_data(t, e);
		return true;
	case EV_syscall_return:
		if (!call_end(s, t, e, (int64_t)payload_syscall_return(e).result))
			return false;
		user_entered(s, t);
		return true;
	case EV_syscall_result:
		return call_end(s, t, e, (int64_t)payload_syscall_result(e).result);
	case EV_user_enter:
		user_entered(s, t);
		return true;
	case EV_exec:
		return executed(s, t, e);
	case EV_map:
	case EV_unmap:
	case EV_protect:
		return mapping_event(s, t, e);
	default:
		trap_event(s, t, e);
		return true;
	}
}

/* Events that are about some thread or process, whoever runs. */
static bool other_event(struct state *s, const struct event *e)
{
	switch (e->kind) {
	case EV_context_switch:
		return switched(s, e);
	case EV_wakeup:
		return woken(s, e);
	case EV_thread_create:
		return thread_made(s, e);
	case EV_thread_name:
		named(s, e);
		return true;
	case EV_process_exit:
		process_ended(s, e);
		return true;
	case EV_reap:
		collected(s, e);
		return true;
	default:
		return true;
	}
}

/* What a CPU does follows from who has it. */
static void cpu_follow(struct state *s, uint32_t number)
{
	struct state_cpu *cpu = &s->cpu[number];
	const struct state_thread *t = cpu->tid ? state_thread_find(s, cpu->tid) : NULL;
	const enum run_state run = t && on_cpu(t) ? t->run : cpu->irqs ? RUN_KERNEL : RUN_IDLE;

	if (run == cpu->run)
		return;
	change_add(s, number, cpu->run, run);
	cpu->run = run;
	cpu->since = s->time;
}

bool state_event(struct state *s, const struct event *e)
{
	struct state_cpu *cpu = &s->cpu[e->cpu % STATE_CPUS];
	struct state_thread *t = NULL;

	s->event = e->id;
	s->time = e->time;
	memset(&s->last, 0, sizeof(s->last));
	s->count[e->kind % EV_LIMIT]++;
	sums_take(&s->sums, e);
	cpu->online = true;
	cpu->tid = e->tid;
	if (e->tid) {
		t = thread_need(s, e->tid);
		if (!t)
			return false;
		s->last.lane = t->lane;
		s->last.pid = t->pid;
		t->cpu = e->cpu % STATE_CPUS;
		/* Seen running for the first time, or what made it run is missing. */
		if (!on_cpu(t))
			run_on_cpu(s, t);
		t->calls += e->kind == EV_syscall_enter;
		t->touches += e->kind == EV_page_fault;
		if (!thread_event(s, t, e))
			return false;
	} else {
		s->last.lane = LANE_IDLE;
		idle_event(cpu, e);
	}
	if (!other_event(s, e))
		return false;
	cpu_follow(s, e->cpu % STATE_CPUS);
	return true;
}
