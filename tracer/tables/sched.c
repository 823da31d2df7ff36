/* Context switches, wake-ups, and how long each thread ran. */
#include "tracer/schema.h"
#include "tracer/tables/builder.h"

static const char *label(enum field_kind group, uint64_t value)
{
	const char *text = enum_label(group, value);

	return text ? text : "?";
}

static void run_begin(struct thread *t, uint32_t cpu, int64_t time)
{
	t->since = time;
	t->on = cpu;
}

void sched_leave(struct builder *b, struct thread *t, int64_t time)
{
	if (t->since < 0)
		return;
	/* Behind the beginning of a gap nobody knows who ran. */
	if (b->gap[t->on] && b->gap[t->on] < time)
		time = b->gap[t->on];
	if (time > t->since)
		t->running += time - t->since;
	t->since = -1;
}

/* The first event of its CPU behind a gap. */
static void gap_passed(struct builder *b)
{
	const struct event *e = &b->now->e;
	struct thread *t = people_thread(&b->people, e->cpu, b->runs[e->cpu]);

	if (t && t->on == e->cpu)
		sched_leave(b, t, e->time);
	b->gap[e->cpu] = 0;
}

static void switched(struct builder *b)
{
	const struct ev_context_switch s = PAYLOAD(b, context_switch);
	const struct event *e = &b->now->e;
	struct thread *prev = b->thread;
	struct thread *next = people_thread(&b->people, e->cpu, s.next);

	sched_leave(b, prev, e->time);
	prev->switches++;
	b->cr3_loads += s.space != 0;
	if (next)
		run_begin(next, e->cpu, e->time);
	b->runs[e->cpu] = s.next;
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
	const struct event *e = &b->now->e;

	if (b->gap[e->cpu] && b->gap[e->cpu] < e->time)
		gap_passed(b);
	/* On another CPU it may have been left in a gap. */
	if (b->thread->since < 0 || b->thread->on != e->cpu)
		run_begin(b->thread, e->cpu, e->time);
	b->runs[e->cpu] = e->tid;
	switch (e->kind) {
	case EV_context_switch:
		switched(b);
		break;
	case EV_wakeup:
		woken(b);
		break;
	}
}
