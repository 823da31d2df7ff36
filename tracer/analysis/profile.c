#include "tracer/analysis/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/events.h"
#include "tracer/analysis/labels.h"
#include "tracer/analysis/opened.h"
#include "tracer/analysis/places.h"
#include "tracer/analysis/profile_build.h"
#include "tracer/analysis/unwind.h"
#include "tracer/buffer.h"
#include "tracer/schema.h"
#include "tracer/symbols/kernel.h"

#define NUMBERS 512 /* calls, causes and vectors that have a label kept */

struct builder {
	struct profile *p;
	const struct profile_config *config;
	void (*progress)(void *cookie, uint64_t done, uint64_t all);
	struct kernel_functions kernel; /* names, if any are recorded */
	struct unwind *unwind;          /* NULL: there are no stacks */
	struct unwound stack;
	struct opened opened;                                  /* for rows by file */
	bool failed;                                           /* no memory */
	char labels[SPAN_KINDS][NUMBERS + 1][WALK_NAME_BYTES]; /* the last for larger numbers */
};

/* --- Names ------------------------------------------------------------------------ */

/* The same, made once for each number. */
static const char *span_name(struct builder *b, const struct walk_span *s)
{
	const unsigned number = s->kind == SPAN_FAULT ? s->cause : s->nr;
	char *label = b->labels[s->kind][number < NUMBERS ? number : NUMBERS];

	if (!*label || number >= NUMBERS)
		span_label(s, label);
	return label;
}

/* The first path that the call was given; false: none. */
static bool path_name(const struct walk_thread *t, char *to, size_t size)
{
	for (unsigned i = 0; i < t->call.data_count; i++)
		if (t->call.data[i].what == DATA_PATH) {
			snprintf(to, size, "%.*s", (int)t->call.data[i].length,
				 (const char *)t->call.data[i].bytes);
			return true;
		}
	return false;
}

/* What a span waited for, if that is a lock. */
static bool lock_name(struct builder *b, const struct walk_thread *t, const struct walk_span *s,
		      char name[PROFILE_NAME_BYTES])
{
	const char *label = enum_label(KIND_WAIT, s->wait);
	const bool lock = s->wait == WAIT_FUTEX || s->wait == WAIT_MUTEX || s->wait == WAIT_LOCK ||
			  s->wait == WAIT_SEMAPHORE;
	char program[WALK_NAME_BYTES];

	program_name(t, program, sizeof(program));
	if (s->wait == WAIT_FUTEX && s->kind == SPAN_CALL && t->call.args)
		snprintf(name, PROFILE_NAME_BYTES, "%s, futex 0x%llx", program,
			 (unsigned long long)t->call.arg[0]);
	else
		snprintf(name, PROFILE_NAME_BYTES, "%s, %s in %s", program, label ? label : "?",
			 span_name(b, s));
	return lock && s->blocked;
}

/* The same for rows that are not by call; false: it is not asked for. */
static bool row_name_print(struct builder *b, const struct walk_thread *t,
			   const struct walk_span *s, char name[PROFILE_NAME_BYTES])
{
	const char *what = span_name(b, s);
	char program[WALK_NAME_BYTES];

	program_name(t, program, sizeof(program));
	switch (b->config->by) {
	case PROFILE_PROGRAM:
		snprintf(name, PROFILE_NAME_BYTES, "%s", program);
		return true;
	case PROFILE_THREAD:
		snprintf(name, PROFILE_NAME_BYTES, "%s %u", program, t->tid);
		return true;
	case PROFILE_FAULT:
		snprintf(name, PROFILE_NAME_BYTES, "%s, %s", program, what);
		return s->kind == SPAN_FAULT;
	case PROFILE_IRQ:
		snprintf(name, PROFILE_NAME_BYTES, "%s", what);
		return s->kind == SPAN_INTERRUPT || s->kind == SPAN_NMI;
	case PROFILE_PROCESS:
		snprintf(name, PROFILE_NAME_BYTES, "%s %u", program, t->pid);
		return true;
	case PROFILE_FILE:
		return s->kind == SPAN_CALL && opened_name(&b->opened, t, name, PROFILE_NAME_BYTES);
	case PROFILE_LOCK:
		return lock_name(b, t, s, name);
	case PROFILE_PATH:
		return s->kind == SPAN_CALL && path_name(t, name, PROFILE_NAME_BYTES);
	default:
		return false;
	}
}

/* The row that a span belongs to, in room if it must be made; NULL: it is not asked for. */
static const char *row_name(struct builder *b, const struct walk_thread *t,
			    const struct walk_span *s, char room[PROFILE_NAME_BYTES])
{
	if (b->config->by == PROFILE_CALL)
		return span_name(b, s);
	return row_name_print(b, t, s, room) ? room : NULL;
}

static bool span_wanted(struct builder *b, const struct walk_thread *t, const struct walk_span *s)
{
	const struct profile_config *c = b->config;

	if (c->pid >= 0 && t->pid != c->pid)
		return false;
	if (c->to && (s->begin_time < c->from || s->begin_time >= c->to))
		return false;
	if (c->wanted && !c->wanted(c->wanted_cookie, t, s))
		return false;
	return !c->call || (s->kind == SPAN_CALL && strcmp(span_name(b, s), c->call) == 0);
}

/* --- The watcher ------------------------------------------------------------------ */

static void wait_take(struct builder *b, struct walk_thread *t, const struct walk_span *s)
{
	struct profile_wait w = {
		.wait = s->wait, .count = 1, .total = s->blocked, .longest = s->blocked
	};

	program_name(t, w.waiter, sizeof(w.waiter));
	name_copy(w.waker, sizeof(w.waker), s->waker_name[0] ? s->waker_name : "a timer or device");
	b->failed |= profile_wait_add(b->p, &w) != 0;
}

static void span_row(struct builder *b, struct walk_thread *t, const struct walk_span *s)
{
	char room[PROFILE_NAME_BYTES];
	const char *name;

	if (!span_wanted(b, t, s))
		return;
	if (b->config->heatmap)
		heatmap_add(b->config->heatmap, s->begin_time, s->end_time - s->begin_time);
	if (s->blocked)
		wait_take(b, t, s);
	name = row_name(b, t, s, room);
	if (name)
		b->failed |= profile_row_add(b->p, name, s, b->config,
					     s->kind == SPAN_CALL && s->done &&
						     call_error(s->result)) != 0;
}

static void span_end(void *cookie, struct walk_thread *t, const struct walk_span *s,
		     const struct walk_span *parent)
{
	struct builder *b = cookie;

	(void)parent;
	if (!b->config->to)
		b->p->held += s->held;
	span_row(b, t, s);
	if (b->config->by == PROFILE_FILE && s->kind == SPAN_CALL)
		opened_call(&b->opened, t);
}

/* In the tree: a fault's cause is not known before it ends. */
static const char *frame_name(struct builder *b, const struct walk_span *s)
{
	return s->kind == SPAN_FAULT ? "page fault" : span_name(b, s);
}

/* The node of the innermost place, each kept in its place: 0 is none yet. */
static uint32_t place_node(struct builder *b, struct walk_thread *t)
{
	struct place places[PLACES_MAX];
	char name[WALK_NAME_BYTES];
	const unsigned count = places_find(t, places);
	unsigned at = count;
	uint32_t node;

	while (at && !*place_mine(&places[at - 1]))
		at--;
	if (at) {
		node = *place_mine(&places[at - 1]);
	} else {
		program_name(t, name, sizeof(name));
		node = profile_node_get(b->p, 0, name);
	}
	for (; at < count && node != PROFILE_NONE; at++) {
		if (places[at].frame)
			kernel_function_name(&b->kernel, places[at].frame->function, name,
					     sizeof(name));
		node = profile_node_get(b->p, node,
					places[at].span ? frame_name(b, places[at].span) : name);
		if (node != PROFILE_NONE)
			*place_mine(&places[at]) = node;
	}
	return node;
}

/* A stack was taken at the beginning of a call or a fault: what is charged to that goes
 * below the program's functions that led there, from its beginning on. */
static void stack_place(struct builder *b, struct walk_thread *t)
{
	struct walk_span *s = &t->spans[0];
	struct profile_node *nodes;
	char name[WALK_NAME_BYTES];
	uint32_t node;

	program_name(t, name, sizeof(name));
	node = profile_node_get(b->p, 0, name);
	for (unsigned i = 0; i < b->stack.user && node != PROFILE_NONE; i++)
		node = profile_node_get(b->p, node, b->stack.name[i]);
	if (node != PROFILE_NONE)
		node = profile_node_get(b->p, node, frame_name(b, s));
	if (node == PROFILE_NONE) {
		b->failed = true;
		return;
	}
	nodes = b->p->nodes;
	if (s->mine) {
		nodes[s->mine].self -= walk_span_self(s);
		nodes[node].self += walk_span_self(s);
	}
	s->mine = node;
}

static void event(void *cookie, struct walk_thread *t, const struct event *e)
{
	struct builder *b = cookie;

	if (!b->unwind || !unwind_event(b->unwind, e, &b->stack) || b->stack.why != STACK_EVENT)
		return;
	if ((b->config->pid < 0 || t->pid == b->config->pid) && t->depth == 1 && t->spans[0].user &&
	    !t->frame_count && !t->spans[0].in_functions)
		stack_place(b, t);
}

/* What of from..to is asked for; false: nothing. */
static bool range_cut(const struct profile_config *c, int64_t *from, int64_t *to)
{
	if (c->to) {
		*from = *from < c->from ? c->from : *from;
		*to = *to > c->to ? c->to : *to;
	}
	return *from < *to;
}

static void charge(void *cookie, struct walk_thread *t, const struct walk_span *s, bool user,
		   int64_t from, int64_t to)
{
	struct builder *b = cookie;
	uint32_t node;

	if (!range_cut(b->config, &from, &to))
		return;
	*(t->tid == 0 && !s ? &b->p->idle : user ? &b->p->user : &b->p->kernel) += to - from;
	if (b->config->pid >= 0 && t->pid != b->config->pid)
		return;
	node = place_node(b, t);
	if (!t->depth && !t->frame_count && node != PROFILE_NONE && t->tid)
		node = profile_node_get(b->p, node, user ? "(ring 3)" : "(kernel)");
	if (node == PROFILE_NONE)
		b->failed = true;
	else
		b->p->nodes[node].self += to - from;
}

static void thread_begin(void *cookie, struct walk_thread *t)
{
	struct builder *b = cookie;

	if (b->config->by == PROFILE_FILE)
		opened_process(&b->opened, t);
}

static void thread_end(void *cookie, struct walk_thread *t)
{
	struct builder *b = cookie;
	struct profile_share s = {
		.user = t->user, .kernel = t->other, .blocked = t->blocked, .ready = t->ready
	};
	char program[WALK_NAME_BYTES];

	if (!t->tid || b->config->to || (b->config->pid >= 0 && t->pid != b->config->pid))
		return;
	for (unsigned i = 0; i < SPAN_KINDS; i++)
		s.kernel += t->spent[i];
	program_name(t, program, sizeof(program));
	if (b->config->by == PROFILE_THREAD)
		snprintf(s.name, sizeof(s.name), "%s %u", program, t->tid);
	else if (b->config->by == PROFILE_PROCESS)
		snprintf(s.name, sizeof(s.name), "%s %u", program, t->pid);
	else
		snprintf(s.name, sizeof(s.name), "%s", program);
	b->failed |= profile_share_add(b->p, &s) != 0;
}

static void progress(void *cookie, uint64_t done, uint64_t all)
{
	struct builder *b = cookie;

	if (b->progress)
		b->progress(b->config->cookie, done, all);
}

/* Each CPU's time between its first event and its last, as far as it is asked for. */
static void elapsed_set(struct profile *p, const struct profile_config *c)
{
	for (unsigned cpu = 0; cpu < TRACE_CPUS_MAX; cpu++) {
		int64_t from = p->walk.cpu[cpu].first, to = p->walk.cpu[cpu].last;

		if (range_cut(c, &from, &to))
			p->elapsed += to - from;
	}
}

int64_t profile_untraced(const struct profile *p, const struct profile_row *r)
{
	const int64_t cost = (int64_t)r->records * p->walk.record_ns;

	return cost < r->self ? r->self - cost : 0;
}

int profile_make(struct profile *p, sqlite3 *db, const struct profile_config *config,
		 void (*show)(void *cookie, uint64_t done, uint64_t all), struct error *why)
{
	struct builder *b = calloc(1, sizeof(*b));
	const struct walk_watcher watcher = {
		.cookie = b,
		.thread_begin = thread_begin,
		.thread_end = thread_end,
		.span_end = span_end,
		.charge = charge,
		.event = event,
		.progress = progress,
		.cancel = config->cancel,
	};
	int status;

	*p = (struct profile){ 0 };
	if (!b)
		return error_set(why, 2, "cannot profile the trace: out of memory");
	b->p = p;
	b->config = config;
	b->progress = show;
	b->failed = profile_node_get(p, PROFILE_NONE, "all") != 0;
	status = kernel_functions_load(&b->kernel, db, why);
	if (!status && unwind_wanted(db)) {
		b->unwind = unwind_open(db, why);
		status = b->unwind ? 0 : why->status;
	}
	if (!status)
		status = walk_run(db, &watcher, &p->walk, why);
	if (!status && b->failed)
		status = error_set(why, 2, "cannot profile the trace: out of memory");
	unwind_close(b->unwind);
	kernel_functions_free(&b->kernel);
	opened_free(&b->opened);
	free(b);
	if (status) {
		profile_free(p);
		return status;
	}
	elapsed_set(p, config);
	profile_sort(p);
	return 0;
}
