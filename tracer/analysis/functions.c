#include "tracer/analysis/functions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/events.h"
#include "tracer/analysis/hash.h"
#include "tracer/analysis/labels.h"
#include "tracer/payload.h"
#include "tracer/analysis/places.h"
#include "tracer/store/meta.h"
#include "tracer/symbols/kernel.h"

#define NONE       UINT32_MAX
#define FAULT_NAME "page fault"
#define INDEX_SIZE 1024u
#define NODES_MAX  (1u << 24)

struct builder {
	struct functions *f;
	struct kernel_functions kernel;
	const char *call;
	int64_t pid;
	struct ev_function_cost cost;
	bool by_instructions, failed;
	void (*progress)(void *cookie, uint64_t done, uint64_t all);
};

/* --- Nodes ------------------------------------------------------------------------ */

static void index_add(struct functions *f, uint32_t node)
{
	const struct function_node *n = &f->nodes[node];
	uint32_t at = (uint32_t)hash_number(n->key, n->parent) & (f->index_size - 1);

	while (f->index[at] != NONE)
		at = (at + 1) & (f->index_size - 1);
	f->index[at] = node;
}

/* Twice as many nodes, with an index of twice that. */
static bool nodes_grow(struct functions *f)
{
	const uint32_t size = f->size ? f->size * 2 : INDEX_SIZE / 2;
	struct function_node *nodes =
		size > NODES_MAX ? NULL : realloc(f->nodes, size * sizeof(*nodes));
	uint32_t *index;

	if (!nodes)
		return false;
	f->nodes = nodes;
	index = realloc(f->index, sizeof(*index) * size * 2);
	if (!index)
		return false;
	f->index = index;
	f->index_size = size * 2;
	f->size = size;
	memset(index, 0xff, sizeof(*index) * f->index_size);
	for (uint32_t i = 0; i < f->count; i++)
		index_add(f, i);
	return true;
}

/* The child of parent with this key, or NONE. */
static uint32_t node_find(const struct functions *f, uint32_t parent, uint64_t key)
{
	uint32_t at = (uint32_t)hash_number(key, parent) & (f->index_size - 1);

	for (; f->index_size && f->index[at] != NONE; at = (at + 1) & (f->index_size - 1))
		if (f->nodes[f->index[at]].key == key && f->nodes[f->index[at]].parent == parent)
			return f->index[at];
	return NONE;
}

static uint32_t node_new(struct builder *b, uint32_t parent, uint64_t key, const struct place *p)
{
	struct functions *f = b->f;
	struct function_node *n;

	if (f->count == f->size && !nodes_grow(f)) {
		b->failed = true;
		return NONE;
	}
	n = &f->nodes[f->count];
	*n = (struct function_node){ .parent = parent, .key = key, .function = !p->span };
	if (p->span && p->span->kind == SPAN_FAULT)
		snprintf(n->name, sizeof(n->name), FAULT_NAME);
	else if (p->span)
		span_label(p->span, n->name);
	else
		kernel_function_name(&b->kernel, p->frame->function, n->name, sizeof(n->name));
	index_add(f, f->count);
	return f->count++;
}

/* A fault's cause is not known before it ends: all faults are one. */
static uint64_t place_key(const struct place *p)
{
	return p->frame ? p->frame->function
			: (uint64_t)p->span->kind << 32 |
				  (p->span->kind == SPAN_FAULT ? 0 : p->span->nr);
}

static bool call_wanted(const struct builder *b, const struct walk_thread *t,
			const struct walk_span *s)
{
	char name[WALK_NAME_BYTES];

	if (s->kind != SPAN_CALL || (b->pid >= 0 && t->pid != b->pid))
		return false;
	span_label(s, name);
	return !b->call || strcmp(name, b->call) == 0;
}

/* The node of the innermost of the places; NONE: not in a call that is asked for.  Kept in
 * the places: 1 is NONE, else the number and 2. */
static uint32_t place_node(struct builder *b, const struct walk_thread *t, struct place *places,
			   unsigned count)
{
	uint32_t node = NONE, at = count;

	while (at && !*place_mine(&places[at - 1]))
		at--;
	if (at && *place_mine(&places[at - 1]) > 1)
		node = *place_mine(&places[at - 1]) - 2;
	for (; at < count; at++) {
		const struct place *p = &places[at];
		const uint64_t key = place_key(p);
		const uint32_t parent = node;

		node = NONE;
		if (parent != NONE || (p->span && call_wanted(b, t, p->span))) {
			node = node_find(b->f, parent, key);
			if (node == NONE)
				node = node_new(b, parent, key, p);
		}
		*place_mine(p) = node == NONE ? 1 : node + 2;
	}
	return node;
}

/* --- The watcher --------------------------------------------------------------------- */

static void node_add(struct builder *b, uint32_t node, int64_t self, int64_t recording)
{
	struct function_node *n = &b->f->nodes[node];

	n->count++;
	n->self += self - recording;
	n->recording += recording;
}

/* The node of what has just ended: a place within those that are left. */
static uint32_t ended_node(struct builder *b, struct walk_thread *t, struct place last)
{
	struct place places[PLACES_MAX + 1];
	const unsigned count = places_find(t, places);

	places[count] = last;
	return place_node(b, t, places, count + 1);
}

static void function_end(void *cookie, struct walk_thread *t, const struct walk_frame *f,
			 bool ended)
{
	struct builder *b = cookie;
	struct walk_frame frame = *f;
	const uint32_t node = ended_node(b, t, (struct place){ .frame = &frame });

	b->f->recorded = true;
	b->f->missing += !ended;
	if (node != NONE)
		node_add(b, node, f->self, b->cost.inside + (int64_t)f->children * b->cost.outside);
}

static void span_end(void *cookie, struct walk_thread *t, const struct walk_span *s,
		     const struct walk_span *parent)
{
	struct builder *b = cookie;
	struct walk_span span = *s;
	const uint32_t node = ended_node(b, t, (struct place){ .span = &span });

	(void)parent;
	if (node != NONE)
		node_add(b, node, walk_span_self(s) - s->in_functions,
			 (int64_t)(s->functions + s->roots) * b->cost.outside +
				 (int64_t)s->roots * b->cost.root);
}

static void event(void *cookie, struct walk_thread *t, const struct event *e)
{
	struct builder *b = cookie;

	(void)t;
	if (e->kind != EV_function_cost || !b->by_instructions)
		return;
	b->cost = payload_function_cost(e);
	b->f->cost_known = true;
}

static void progress(void *cookie, uint64_t done, uint64_t all)
{
	struct builder *b = cookie;

	if (b->progress)
		b->progress(NULL, done, all);
}

static void totals_set(struct functions *f)
{
	for (uint32_t i = f->count; i-- > 0;) {
		struct function_node *n = &f->nodes[i];

		n->total += n->self;
		n->recorded += n->recording;
		if (n->parent == NONE)
			continue;
		f->nodes[n->parent].total += n->total;
		f->nodes[n->parent].recorded += n->recorded;
	}
}

int functions_make(struct functions *f, sqlite3 *db, const char *call, int64_t pid,
		   void (*show)(void *cookie, uint64_t done, uint64_t all), struct error *why)
{
	struct builder b = { .f = f, .call = call, .pid = pid, .progress = show };
	const struct walk_watcher watcher = { .cookie = &b,
					      .event = event,
					      .span_end = span_end,
					      .function_end = function_end,
					      .progress = progress };
	struct walk_totals totals;
	int status;

	*f = (struct functions){ 0 };
	b.by_instructions = meta_integer(db, "icount", 0) == 1;
	status = kernel_functions_load(&b.kernel, db, why);
	if (!status)
		status = walk_run(db, &watcher, &totals, why);
	if (!status && b.failed)
		status = error_set(why, 2, "cannot read the functions: out of memory");
	kernel_functions_free(&b.kernel);
	totals_set(f);
	return status;
}

void functions_free(struct functions *f)
{
	free(f->nodes);
	free(f->index);
	*f = (struct functions){ 0 };
}

/* --- By call and function --------------------------------------------------------------- */

static int by_names(const void *a, const void *b)
{
	const struct function_total *x = a, *y = b;
	const int call = strcmp(x->call, y->call);

	return call ? call : strcmp(x->function, y->function);
}

/* Is it an interrupt that struck the call, or in one? */
static bool struck(const struct functions *f, uint32_t node)
{
	for (; f->nodes[node].parent != NONE; node = f->nodes[node].parent)
		if (!f->nodes[node].function && strcmp(f->nodes[node].name, FAULT_NAME) != 0)
			return true;
	return false;
}

struct function_total *functions_totals(const struct functions *f, uint32_t *count)
{
	struct function_total *list = calloc((size_t)f->count + 1, sizeof(*list));
	uint32_t kept = 0, merged = 0;

	for (uint32_t i = 0; list && i < f->count; i++) {
		uint32_t call = i;

		while (f->nodes[call].parent != NONE)
			call = f->nodes[call].parent;
		if (struck(f, i))
			continue;
		list[kept++] = (struct function_total){
			.call = f->nodes[call].name,
			.function = i == call ? "" : f->nodes[i].name,
			.count = f->nodes[i].count,
			.self = f->nodes[i].self,
		};
	}
	if (kept)
		qsort(list, kept, sizeof(*list), by_names);
	for (uint32_t i = 0; i < kept; i++) {
		if (merged && by_names(&list[merged - 1], &list[i]) == 0) {
			list[merged - 1].count += list[i].count;
			list[merged - 1].self += list[i].self;
		} else {
			list[merged++] = list[i];
		}
	}
	*count = merged;
	return list;
}
