#include "tracer/analysis/walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/events.h"
#include "tracer/payload.h"
#include "tracer/analysis/walk_parts.h"

/* Events between two calls of progress. */
#define PROGRESS_EVENTS 65536u

/* An interrupt may come while a record is made; after any other event that is done.
 * Functions are recorded another way. */
static void record_measure(struct walk *w, int64_t spent)
{
	const unsigned kind = w->now.e.kind;
	const bool other = kind == EV_interrupt || kind == EV_nmi || kind == EV_function_enter ||
			   kind == EV_function_exit;

	if (spent > 0 && !other && (!w->totals->record_ns || spent < w->totals->record_ns))
		w->totals->record_ns = spent;
}

/* Charge what passed on the CPU since its last event to the thread that ran. */
static void time_charge(struct walk *w, struct walk_thread *t)
{
	struct walk_cpu *cpu = &w->totals->cpu[w->now.e.cpu];
	struct walk_span *s = t->depth ? &t->spans[t->depth - 1] : NULL;
	const int64_t from = cpu->any ? cpu->last : w->now.e.time;
	const int64_t spent = w->now.e.time > from ? w->now.e.time - from : 0;
	const bool user = !s && t->ring3;

	if (!cpu->any)
		cpu->first = w->now.e.time;
	cpu->any = true;
	cpu->last = from + spent;
	record_measure(w, spent);
	if (!spent)
		return;
	if (t->tid == 0 && !s)
		cpu->idle += spent;
	else if (user)
		cpu->user += spent;
	else
		cpu->kernel += spent;
	if (s) {
		t->spent[s->kind] += spent;
		*(s->done ? &s->leaving : &s->work) += spent;
		for (unsigned i = 0; i + 1 < t->depth; i++)
			t->spans[i].nested += spent;
	} else if (user) {
		t->user += spent;
	} else {
		t->other += spent;
	}
	walk_frames_charge(t, spent);
	if (w->watch.charge)
		w->watch.charge(w->watch.cookie, t, s, user, from, cpu->last);
}

/* prev leaves the CPU, next comes to it. */
static void switched(struct walk *w, struct walk_thread *prev)
{
	const struct ev_context_switch sw = payload_context_switch(&w->now.e);
	struct walk_thread *next = threads_get(&w->threads, w->now.e.cpu, sw.next);
	struct walk_span *s;
	int64_t blocked, off;

	w->totals->switches++;
	prev->switches++;
	prev->preempted += sw.reason == SWITCH_PREEMPT;
	prev->off = true;
	prev->off_since = w->now.e.time;
	prev->woken = sw.ready || sw.reason == SWITCH_PREEMPT || sw.reason == SWITCH_YIELD;
	prev->woken_at = w->now.e.time;
	if (prev->depth && sw.wait != WAIT_NONE) /* what it waited for stays when it is preempted */
		prev->spans[prev->depth - 1].wait = sw.wait;
	if (!next)
		return;
	w->running[w->now.e.cpu] = next;
	if (prev->ended && prev != next)
		threads_forget(&w->threads, prev);
	if (!next->off || next->tid == 0)
		return;
	next->off = false;
	off = w->now.e.time - next->off_since;
	blocked = next->woken ? next->woken_at - next->off_since : off;
	blocked = blocked < 0 ? 0 : blocked > off ? off : blocked;
	next->blocked += blocked;
	next->ready += off - blocked;
	if (next->depth) {
		s = &next->spans[next->depth - 1];
		s->blocked += blocked;
		s->ready += off - blocked;
	}
}

/* An interrupt wakes in the name of whichever thread it struck: that is not who did. */
static void waker_set(struct walk_span *s, const struct walk_thread *by)
{
	const bool interrupt = by->depth && by->spans[by->depth - 1].kind == SPAN_INTERRUPT;
	const char *slash = strrchr(by->path, '/');
	const char *name = slash ? slash + 1 : *by->path ? by->path : by->name;

	s->waker = interrupt ? 0 : by->tid;
	snprintf(s->waker_name, sizeof(s->waker_name), "%.15s", interrupt ? "" : name);
}

static void woken(struct walk *w, struct walk_thread *by)
{
	const struct ev_wakeup wake = payload_wakeup(&w->now.e);
	struct walk_thread *t = threads_get(&w->threads, w->now.e.cpu, wake.tid);

	w->totals->wakeups++;
	if (!t || !t->off || t->woken)
		return;
	t->woken = true;
	t->woken_at = w->now.e.time;
	if (t->depth)
		waker_set(&t->spans[t->depth - 1], by);
}

static void thread_begins(void *cookie, struct walk_thread *t)
{
	struct walk *w = cookie;

	if (w->watch.thread_begin)
		w->watch.thread_begin(w->watch.cookie, t);
}

/* What it is still in never ended. */
static void thread_ends(void *cookie, struct walk_thread *t)
{
	struct walk *w = cookie;

	while (t->depth)
		walk_span_pop(w, t, false);
	while (t->frame_count)
		walk_frame_pop(w, t, false);
	if (w->watch.thread_end)
		w->watch.thread_end(w->watch.cookie, t);
}

static void thread_created(struct walk *w)
{
	const struct ev_thread_create c = payload_thread_create(&w->now.e);
	struct walk_thread *t = threads_new(&w->threads, w->now.e.cpu, c.tid);
	struct walk_thread *maker = threads_get(&w->threads, w->now.e.cpu, c.parent);

	if (!t || t->tid == 0)
		return;
	t->pid = c.pid;
	t->parent = c.parent;
	t->kernel = c.kernel != 0;
	t->start = w->now.e.time;
	t->off = true;
	t->off_since = w->now.e.time;
	payload_text(t->name, sizeof(t->name), &w->now.e, sizeof(c));
	if (maker && maker->tid)
		memcpy(t->path, maker->path, sizeof(t->path));
	thread_begins(w, t);
}

static void thread_exits(struct walk *w, struct walk_thread *t)
{
	while (t->depth)
		walk_span_pop(w, t, false);
	t->ended = true;
	t->status = payload_thread_exit(&w->now.e).status;
}

static void event_handle(struct walk *w, struct walk_thread *t)
{
	switch (w->now.e.kind) {
	case EV_syscall_enter:
		walk_call_begin(w, t);
		break;
	case EV_syscall_data:
		recorded_add(&t->recorded, &t->call, w->now.e.payload, w->now.e.words);
		break;
	case EV_syscall_result:
		walk_call_result(w, t, (int64_t)payload_syscall_result(&w->now.e).result);
		break;
	case EV_syscall_return:
		walk_call_return(w, t, (int64_t)payload_syscall_return(&w->now.e).result);
		break;
	case EV_user_enter:
		walk_user_enter(w, t);
		break;
	case EV_page_fault:
	case EV_exception:
	case EV_interrupt:
	case EV_nmi:
		walk_trap_begin(w, t);
		break;
	case EV_page_fault_end:
		walk_fault_end(w, t);
		break;
	case EV_exception_end:
		walk_span_end(w, t, SPAN_EXCEPTION, payload_exception_end(&w->now.e).way);
		break;
	case EV_interrupt_end:
		walk_span_end(w, t, SPAN_INTERRUPT, payload_interrupt_end(&w->now.e).way);
		break;
	case EV_nmi_end:
		walk_span_end(w, t, SPAN_NMI, payload_nmi_end(&w->now.e).way);
		break;
	case EV_function_enter:
		walk_frame_begin(w, t);
		break;
	case EV_function_exit:
		walk_frame_end(w, t);
		break;
	case EV_context_switch:
		switched(w, t);
		break;
	case EV_wakeup:
		woken(w, t);
		break;
	case EV_thread_create:
		thread_created(w);
		break;
	case EV_thread_exit:
		thread_exits(w, t);
		break;
	case EV_exec:
		payload_text(t->path, sizeof(t->path), &w->now.e, sizeof(struct ev_exec));
		break;
	case EV_thread_name:
		threads_rename(&w->threads, &w->now.e);
		break;
	case EV_trace_wait:
		if (t->depth)
			t->spans[t->depth - 1].held +=
				w->now.e.time - w->totals->cpu[w->now.e.cpu].last;
		break;
	}
}

static void event_take(struct walk *w)
{
	struct walk_thread *t = w->running[w->now.e.cpu];

	/* A block names the thread that runs; switches in between do as well. */
	if (!t || t->tid != w->now.e.tid)
		t = threads_get(&w->threads, w->now.e.cpu, w->now.e.tid);
	if (!t)
		return;
	w->running[w->now.e.cpu] = t;
	w->totals->strays += t->off && t->tid && !t->ended && t->off_since != w->now.e.time;
	t->off = false;
	w->now.e.pid = t->pid;
	t->end = w->now.e.time;
	time_charge(w, t);
	if (w->watch.event)
		w->watch.event(w->watch.cookie, t, &w->now.e);
	event_handle(w, t);
	t = w->running[w->now.e.cpu];
	if (t && t->depth)
		t->spans[t->depth - 1].records++;
	w->totals->events++;
	w->totals->last = w->now.e.time;
}

static bool cancelled(const struct walk *w)
{
	return w->watch.cancel && *w->watch.cancel;
}

int walk_run(sqlite3 *db, const struct walk_watcher *watcher, struct walk_totals *totals,
	     struct error *why)
{
	struct walk *w = calloc(1, sizeof(*w));
	struct timeline *timeline = NULL;
	const bool own = sqlite3_get_autocommit(db);
	int status, more = 0;

	*totals = (struct walk_totals){ 0 };
	if (!w)
		return error_set(why, 2, "cannot read the trace: out of memory");
	/* One reading of the file instead of one for each block. */
	if (own)
		sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
	status = timeline_open(&timeline, db, NULL, NULL, why);
	if (!status) {
		w->watch = *watcher;
		w->totals = totals;
		threads_init(&w->threads, thread_begins, thread_ends, w);
		while (!cancelled(w) && (more = timeline_next(timeline, &w->now, why)) > 0) {
			event_take(w);
			if (watcher->progress && w->now.e.id % PROGRESS_EVENTS == 0)
				watcher->progress(watcher->cookie, timeline_blocks_done(timeline),
						  timeline_blocks(timeline));
		}
		totals->bad = timeline_bad(timeline);
		threads_finish(&w->threads);
		status = more < 0 || cancelled(w) ? 2 : 0;
	}
	timeline_close(timeline);
	if (own)
		sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	free(w);
	return status;
}
