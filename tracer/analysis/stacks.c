#include "tracer/analysis/stacks.h"

#include <stdlib.h>
#include <string.h>

#include "tracer/analysis/labels.h"
#include "tracer/analysis/profile_build.h"

struct builder {
	struct stacks *s;
	struct unwound stack;
	unsigned why;
	int64_t pid;
	bool failed;
};

/* Names are kept once each by the unwinder: one name, one address. */
static struct stacks_row *row_get(struct stacks *s, const char *name, bool kernel)
{
	struct stacks_row *rows;

	for (uint32_t i = 0; i < s->row_count; i++)
		if (s->rows[i].name == name && s->rows[i].kernel == kernel)
			return &s->rows[i];
	if (s->row_count == s->row_size) {
		s->row_size = s->row_size ? s->row_size * 2 : 256;
		rows = realloc(s->rows, s->row_size * sizeof(*rows));
		if (!rows)
			return NULL;
		s->rows = rows;
	}
	s->rows[s->row_count] = (struct stacks_row){ .name = name, .kernel = kernel };
	return &s->rows[s->row_count++];
}

/* A function that is in a stack twice counts once in its total. */
static void row_add(struct builder *b, unsigned at)
{
	const struct unwound *k = &b->stack;
	struct stacks_row *r = row_get(b->s, k->name[at], at >= k->user);

	if (!r) {
		b->failed = true;
		return;
	}
	r->total += r->last != k->id;
	r->last = k->id;
	r->self += at + 1 == k->count;
}

static void stack_add(struct builder *b, const struct walk_thread *t)
{
	struct profile *p = &b->s->tree;
	const struct unwound *k = &b->stack;
	char program[WALK_NAME_BYTES];
	uint32_t node;

	program_name(t, program, sizeof(program));
	node = profile_node_get(p, 0, program);
	for (unsigned i = 0; i < k->count && node != PROFILE_NONE; i++) {
		node = profile_node_get(p, node, k->name[i]);
		row_add(b, i);
	}
	if (node == PROFILE_NONE)
		b->failed = true;
	else
		p->nodes[node].self++;
	b->s->count++;
	b->s->cut += k->cut;
}

static void event(void *cookie, struct walk_thread *t, const struct event *e)
{
	struct builder *b = cookie;

	if (unwind_event(b->s->unwind, e, &b->stack) && b->stack.why == b->why &&
	    (b->pid < 0 || t->pid == b->pid))
		stack_add(b, t);
}

static int by_total(const void *a, const void *b)
{
	const struct stacks_row *x = a, *y = b;

	if (x->total != y->total)
		return x->total > y->total ? -1 : 1;
	if (x->self != y->self)
		return x->self > y->self ? -1 : 1;
	return strcmp(x->name, y->name);
}

int stacks_make(struct stacks *s, sqlite3 *db, unsigned why, int64_t pid, struct error *why_not)
{
	struct builder *b = calloc(1, sizeof(*b));
	const struct walk_watcher watcher = { .cookie = b, .event = event };
	int status = 2;

	*s = (struct stacks){ 0 };
	if (!b)
		return error_set(why_not, 2, "cannot read stacks: out of memory");
	b->s = s;
	b->why = why;
	b->pid = pid;
	s->unwind = unwind_open(db, why_not);
	if (s->unwind) {
		b->failed = profile_node_get(&s->tree, PROFILE_NONE, "all") != 0;
		status = walk_run(db, &watcher, &s->walk, why_not);
	}
	if (!status && b->failed)
		status = error_set(why_not, 2, "cannot read stacks: out of memory");
	if (s->row_count)
		qsort(s->rows, s->row_count, sizeof(*s->rows), by_total);
	if (!status)
		profile_sort(&s->tree);
	free(b);
	return status;
}

void stacks_free(struct stacks *s)
{
	profile_free(&s->tree);
	free(s->rows);
	unwind_close(s->unwind);
	*s = (struct stacks){ 0 };
}
