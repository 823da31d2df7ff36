#include "tracer/cli/profile_tree.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/cli/table.h"

#define NONE UINT32_MAX

struct tree {
	const struct functions *f;
	struct buffer *b;
	bool exact;
	uint32_t *order; /* children of a node are neighbours, the dearest first */
	uint32_t *first; /* where those of a node begin; the last is the end of all */
	uint32_t *calls;
	uint32_t call_count;
};

static void time_cell(const struct tree *t, int64_t ns)
{
	char cell[32];

	if (t->exact)
		snprintf(cell, sizeof(cell), "%" PRId64, ns);
	else
		time_format(cell, sizeof(cell), ns);
	buffer_printf(t->b, "%12s ", cell);
}

static int by_total(const void *x, const void *y, void *of)
{
	const struct functions *f = of;
	const struct function_node *a = &f->nodes[*(const uint32_t *)x];
	const struct function_node *b = &f->nodes[*(const uint32_t *)y];

	if (a->total != b->total)
		return a->total > b->total ? -1 : 1;
	return strcmp(a->name, b->name);
}

/* Sort the nodes by parent, siblings by their time.  false: no memory. */
static bool order_make(struct tree *t)
{
	const struct functions *f = t->f;

	t->order = calloc((size_t)f->count + 1, sizeof(*t->order));
	t->first = calloc((size_t)f->count + 2, sizeof(*t->first));
	t->calls = calloc((size_t)f->count + 1, sizeof(*t->calls));
	if (!t->order || !t->first || !t->calls)
		return false;
	for (uint32_t i = 0; i < f->count; i++)
		if (f->nodes[i].parent == NONE)
			t->calls[t->call_count++] = i;
		else
			t->first[f->nodes[i].parent + 1]++;
	for (uint32_t i = 0; i < f->count; i++)
		t->first[i + 1] += t->first[i];
	for (uint32_t i = f->count; i-- > 0;) { /* first[parent + 1] goes down to its place */
		const uint32_t parent = f->nodes[i].parent;

		if (parent != NONE)
			t->order[--t->first[parent + 1]] = i;
	}
	/* Each went down by its own children: it is where the next node's begin. */
	memmove(t->first, t->first + 1, f->count * sizeof(*t->first));
	t->first[f->count] = f->count - t->call_count;
	for (uint32_t i = 0; i < f->count; i++)
		if (t->first[i + 1] - t->first[i] > 1)
			qsort_r(&t->order[t->first[i]], t->first[i + 1] - t->first[i],
				sizeof(*t->order), by_total, (void *)f);
	if (t->call_count)
		qsort_r(t->calls, t->call_count, sizeof(*t->calls), by_total, (void *)f);
	return true;
}

static void node_print(const struct tree *t, uint32_t node, unsigned depth)
{
	const struct function_node *n = &t->f->nodes[node];

	buffer_printf(t->b, "%10" PRIu64 " ", n->count);
	time_cell(t, n->total);
	time_cell(t, n->self);
	buffer_printf(t->b, " %*s", (int)depth * 2, "");
	buffer_clean(t->b, n->name);
	buffer_char(t->b, '\n');
	for (uint32_t i = t->first[node]; i < t->first[node + 1]; i++)
		node_print(t, t->order[i], depth + 1);
}

static void call_print(const struct tree *t, uint32_t call)
{
	const struct function_node *n = &t->f->nodes[call];

	buffer_printf(t->b, "%10s %12s %12s  %s\n", "count", "total", "self",
		      t->exact ? "instructions" : "");
	node_print(t, call, 0);
	if (!t->f->cost_known)
		return;
	buffer_printf(t->b, "%10s ", "");
	time_cell(t, n->recorded);
	buffer_printf(t->b, "%12s  recording the functions, in none of the above\n", "");
	buffer_printf(t->b, "%10s ", "");
	time_cell(t, n->total + n->recorded);
	buffer_printf(t->b, "%12s  in all\n", "");
}

static void node_json(const struct tree *t, uint32_t node)
{
	const struct function_node *n = &t->f->nodes[node];

	buffer_string(t->b, "{\"name\": ");
	buffer_json(t->b, n->name);
	buffer_printf(t->b,
		      ", \"function\": %s, \"count\": %" PRIu64 ", \"total\": %" PRId64
		      ", \"self\": %" PRId64 ", \"recording\": %" PRId64 ", \"children\": [",
		      n->function ? "true" : "false", n->count, n->total, n->self, n->recorded);
	for (uint32_t i = t->first[node]; i < t->first[node + 1]; i++) {
		buffer_string(t->b, i > t->first[node] ? ",\n " : "\n ");
		node_json(t, t->order[i]);
	}
	buffer_string(t->b, "]}");
}

static void tree_free(struct tree *t)
{
	free(t->order);
	free(t->first);
	free(t->calls);
}

bool profile_tree_print(struct buffer *b, const struct functions *f, bool exact)
{
	struct tree t = { .f = f, .b = b, .exact = exact };
	const bool good = order_make(&t);

	for (uint32_t i = 0; good && i < t.call_count; i++) {
		if (i)
			buffer_char(b, '\n');
		call_print(&t, t.calls[i]);
	}
	if (f->missing)
		buffer_printf(b,
			      "%" PRIu64 " functions were entered, and their ends are not in"
			      " the recording\n",
			      f->missing);
	tree_free(&t);
	return good;
}

bool profile_tree_json(struct buffer *b, const struct functions *f, bool exact)
{
	struct tree t = { .f = f, .b = b, .exact = exact };
	const bool good = order_make(&t);

	buffer_printf(b, "{\"unit\": \"%s\", \"missing_ends\": %" PRIu64 ", \"calls\": [",
		      exact ? "instructions" : "ns", f->missing);
	for (uint32_t i = 0; good && i < t.call_count; i++) {
		buffer_string(b, i ? ",\n" : "\n");
		node_json(&t, t.calls[i]);
	}
	buffer_string(b, "]}\n");
	tree_free(&t);
	return good;
}
