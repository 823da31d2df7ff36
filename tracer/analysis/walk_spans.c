#include <string.h>

#include "schemas/events.h"
#include "tracer/payload.h"
#include "tracer/analysis/walk_parts.h"

static void span_begin(struct walk *w, struct walk_thread *t, struct walk_span s)
{
	s.begin = w->now.e.id;
	s.begin_time = w->now.e.time;
	s.cpu = w->now.e.cpu;
	if (t->depth == SPAN_DEPTH) {
		w->totals->strays++;
		memmove(&t->spans[0], &t->spans[1], sizeof(s) * --t->depth);
	}
	t->spans[t->depth++] = s;
}

void walk_span_pop(struct walk *w, struct walk_thread *t, bool ended)
{
	struct walk_span s;

	walk_frames_cut(w, t);
	s = t->spans[--t->depth];
	s.end = ended ? w->now.e.id : 0;
	s.end_time = w->now.e.time;
	if (w->watch.span_end)
		w->watch.span_end(w->watch.cookie, t, &s,
				  t->depth ? &t->spans[t->depth - 1] : NULL);
}

/* The innermost span of this kind ends; spans within it lost their ends. */
static struct walk_span *span_find(struct walk *w, struct walk_thread *t, enum span_kind kind)
{
	unsigned depth = t->depth;

	while (depth && t->spans[depth - 1].kind != kind)
		depth--;
	if (!depth) {
		w->totals->strays++;
		return NULL;
	}
	while (t->depth > depth)
		walk_span_pop(w, t, false);
	return &t->spans[depth - 1];
}

void walk_span_end(struct walk *w, struct walk_thread *t, enum span_kind kind, unsigned way)
{
	if (span_find(w, t, kind))
		walk_span_pop(w, t, true);
	if (way == WAY_SYSRET || way == WAY_IRET_USER)
		t->ring3 = true;
	else if (way == WAY_WORK)
		t->ring3 = false;
}

void walk_call_begin(struct walk *w, struct walk_thread *t)
{
	const struct ev_syscall_enter enter = payload_syscall_enter(&w->now.e);
	const unsigned fixed = sizeof(enter) / 8;
	unsigned args = w->now.e.words > fixed ? w->now.e.words - fixed : 0;

	while (t->depth)
		walk_span_pop(w, t, false);
	t->call = (struct call){ .nr = enter.nr };
	recorded_begin(&t->recorded, &t->call);
	t->call.args = args < CALL_ARGS ? args : CALL_ARGS;
	memcpy(t->call.arg, w->now.e.payload + fixed, t->call.args * 8);
	t->ring3 = false;
	span_begin(w, t,
		   (struct walk_span){ .kind = SPAN_CALL,
				       .nr = enter.nr,
				       .user = true,
				       .rip = payload_address(enter.rip) });
}

void walk_call_result(struct walk *w, struct walk_thread *t, int64_t result)
{
	struct walk_span *s = span_find(w, t, SPAN_CALL);

	if (!s)
		return;
	s->done = true;
	s->result = result;
	t->call.done = true;
	t->call.result = result;
}

void walk_call_return(struct walk *w, struct walk_thread *t, int64_t result)
{
	walk_call_result(w, t, result);
	if (t->depth)
		walk_span_pop(w, t, true);
	t->ring3 = true;
}

void walk_user_enter(struct walk *w, struct walk_thread *t)
{
	while (t->depth)
		walk_span_pop(w, t,
			      t->spans[t->depth - 1].done ||
				      t->spans[t->depth - 1].kind != SPAN_CALL);
	t->ring3 = true;
}

void walk_fault_end(struct walk *w, struct walk_thread *t)
{
	const struct ev_page_fault_end end = payload_page_fault_end(&w->now.e);
	struct walk_span *s = span_find(w, t, SPAN_FAULT);

	if (s) {
		s->cause = end.cause;
		if (end.way == WAY_WORK)
			return; /* the signal's delivery belongs to it */
	}
	walk_span_end(w, t, SPAN_FAULT, end.way);
}

void walk_trap_begin(struct walk *w, struct walk_thread *t)
{
	struct walk_span s;

	if (w->now.e.kind == EV_page_fault) {
		const struct ev_page_fault f = payload_page_fault(&w->now.e);

		s = (struct walk_span){ .kind = SPAN_FAULT,
					.nr = VECTOR_PAGE_FAULT,
					.addr = f.addr,
					.error = f.error,
					.rip = payload_address(f.rip),
					.user = f.error >> 2 & 1 }; /* SDM vol. 3: U/S */
	} else if (w->now.e.kind == EV_exception) {
		const struct ev_exception e = payload_exception(&w->now.e);

		s = (struct walk_span){ .kind = SPAN_EXCEPTION,
					.nr = e.vector,
					.error = e.error,
					.rip = payload_address(e.rip),
					.user = e.user };
	} else if (w->now.e.kind == EV_interrupt) {
		const struct ev_interrupt i = payload_interrupt(&w->now.e);

		s = (struct walk_span){ .kind = SPAN_INTERRUPT,
					.nr = i.vector,
					.rip = payload_address(i.rip),
					.user = i.user };
	} else {
		const struct ev_nmi n = payload_nmi(&w->now.e);

		s = (struct walk_span){ .kind = SPAN_NMI,
					.nr = VECTOR_NMI,
					.rip = payload_address(n.rip),
					.user = n.user != 0 };
	}
	if (s.user)
		t->ring3 = false;
	span_begin(w, t, s);
}
