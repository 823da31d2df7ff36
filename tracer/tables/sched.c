/* Context switches, wake-ups, and how long each thread ran. */
#include "tracer/schema.h"
#include "tracer/tables/builder.h"

static const char *label(enum field_kind group, uint64_t value)
{
	const char *text = enum_label(group, value);

	return text ? text : "?";
}

static void switched(struct builder *b)
{
	const struct ev_context_switch s = PAYLOAD(b, context_switch);
	const struct event *e = &b->now->e;
	struct thread *prev = b->thread;
	struct thread *next = people_thread(&b->people, e->cpu, s.next);

	if (prev->since >= 0)
		prev->running += e->time - prev->since;
	prev->since = -1;
	prev->switches++;
	b->cr3_loads += s.space != 0;
	if (next)
		next->since = e->time;
	if (s.reason == SWITCH_EXIT && prev->tid)
		b->ended = prev;
	ROW(b, context_switch, "iiiiittii", I(e->id), e->time, I(e->cpu), I(s.prev), I(s.next),
	    label(KIND_SWITCH, s.reason), label(KIND_WAIT, s.wait), I(s.space), I(s.ready));
}

static void woken(struct builder *b)
{
	const struct ev_wakeup w = PAYLOAD(b, wakeup);
	const struct event *e = &b->now->e;

	ROW(b, wakeup, "iiiiiit", I(e->id), e->time, I(e->cpu), I(e->tid), I(w.tid), I(w.target),
	    label(KIND_WAIT, w.wait));
}

void sched_event(struct builder *b)
{
	if (b->thread->since < 0)
		b->thread->since = b->now->e.time;
	switch (b->now->e.kind) {
	case EV_context_switch:
		switched(b);
		break;
	case EV_wakeup:
		woken(b);
		break;
	}
}
