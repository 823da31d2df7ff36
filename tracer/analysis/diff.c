#include "tracer/analysis/diff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/analysis/diff_rows.h"
#include "tracer/analysis/map.h"
#include "tracer/buffer.h"
#include "tracer/decode/names.h"
#include "tracer/schema.h"
#include "tracer/vector.h"

/* --- Matching threads ----------------------------------------------------------- */

/* Roles of the new side that wait for their twin, by family. */
struct waiting {
	struct map first;    /* by family: index + 1 of the oldest */
	uint32_t *next;      /* of each role: index + 1 of the next of its family */
	struct role **roles; /* NULL: it has its twin */
	uint32_t count;
	bool failed; /* no memory */
};

/* All from index from on. */
static int waiting_make(struct waiting *w, const struct side *s, uint32_t from)
{
	w->count = s->all.count;
	w->next = calloc((size_t)w->count + 1, sizeof(*w->next));
	w->roles = calloc((size_t)w->count + 1, sizeof(struct role *));
	if (!w->next || !w->roles)
		return -1;
	for (uint32_t i = w->count; i-- > from;) {
		uint32_t *first = map_at(&w->first, s->all.roles[i]->family);

		if (!first)
			return -1;
		w->roles[i] = s->all.roles[i];
		w->next[i] = *first;
		*first = i + 1;
	}
	return 0;
}

static void waiting_free(struct waiting *w)
{
	map_free(&w->first);
	free(w->next);
	free(w->roles);
}

/* The oldest of that family, which no longer waits; NULL: there is none. */
static struct role *waiting_take(struct waiting *w, uint64_t family)
{
	uint32_t *first = map_at(&w->first, family);
	struct role *r = NULL;

	w->failed |= !first;
	if (first && *first) {
		r = w->roles[*first - 1];
		w->roles[*first - 1] = NULL;
		*first = w->next[*first - 1];
	}
	return r;
}

static bool born_before(const struct role *r, const struct role *s)
{
	return r->start != s->start ? r->start < s->start : r->tid < s->tid;
}

/* Those with a role of a, in its order, and between them by birth those of b alone. */
static void threads_merge(struct diff *d, struct waiting *w)
{
	const struct sequences *a = &d->side[0]->all;
	struct diff_thread *from = d->threads + w->count, *to = d->threads;
	uint32_t j = 0;

	memmove(from, to, a->count * sizeof(*to));
	for (uint32_t i = 0; i < a->count; i++) {
		for (; j < w->count && (!w->roles[j] || born_before(w->roles[j], a->roles[i])); j++)
			if (w->roles[j])
				*to++ = (struct diff_thread){ .b = w->roles[j] };
		*to++ = *from++;
	}
	for (; j < w->count; j++)
		if (w->roles[j])
			*to++ = (struct diff_thread){ .b = w->roles[j] };
	d->thread_count = (uint32_t)(to - d->threads);
}

/* As long as families come in the same order the oldest that waits is the one at hand. */
static uint32_t families_alike(const struct sequences *a, const struct sequences *b)
{
	uint32_t i = 0;

	while (i < a->count && i < b->count && a->roles[i]->family == b->roles[i]->family)
		i++;
	return i;
}

/* In order of birth. */
static int threads_match(struct diff *d)
{
	const struct sequences *a = &d->side[0]->all, *b = &d->side[1]->all;
	const uint32_t alike = families_alike(a, b);
	struct waiting w = { 0 };
	int failed = waiting_make(&w, d->side[1], alike);

	d->threads = calloc((size_t)a->count + w.count + 1, sizeof(*d->threads));
	failed |= !d->threads;
	for (uint32_t i = 0; i < a->count && !failed; i++)
		d->threads[d->thread_count++] = (struct diff_thread){
			.a = a->roles[i],
			.b = i < alike ? b->roles[i] : waiting_take(&w, a->roles[i]->family)
		};
	failed |= w.failed;
	if (!failed)
		threads_merge(d, &w);
	waiting_free(&w);
	return failed ? -1 : 0;
}

/* --- Aligning them --------------------------------------------------------------- */

static void items_ignore(struct side *s, const struct ignore *g)
{
	for (uint32_t i = 0; g && g->count && i < s->all.count; i++) {
		struct role *r = s->all.roles[i];
		uint32_t kept = 0;

		for (uint32_t at = 0; at < r->count; at++)
			if (!ignore_matches(g, r, &r->items[at]))
				r->items[kept++] = r->items[at];
		if (kept == r->count)
			continue;
		r->count = kept;
		role_hash(r);
	}
}

static uint64_t *keys_make(const struct role *r)
{
	uint64_t *keys = calloc((size_t)r->count + 1, sizeof(*keys));

	for (uint32_t i = 0; keys && i < r->count; i++)
		keys[i] = r->items[i].key;
	return keys;
}

static void first_set(struct diff_thread *t, bool result, uint32_t a, uint32_t b)
{
	if (!t->first.any)
		t->first = (struct divergence){ .any = true, .result = result, .a = a, .b = b };
}

static int by_number(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* How many removed keys come again among the added ones. */
static int moved_count(struct diff_thread *t)
{
	uint64_t *gone = calloc((size_t)t->align.removed + 1, sizeof(*gone));
	uint64_t *come = calloc((size_t)t->align.added + 1, sizeof(*come));
	uint32_t n = 0, m = 0, i = 0, j = 0;

	for (size_t run = 0; gone && come && run < t->align.count; run++) {
		const struct align_run *r = &t->align.runs[run];

		for (uint32_t at = 0; at < r->count; at++)
			if (r->kind == ALIGN_REMOVED)
				gone[n++] = t->a->items[r->a + at].key;
			else if (r->kind == ALIGN_ADDED)
				come[m++] = t->b->items[r->b + at].key;
	}
	if (gone && come) {
		qsort(gone, n, sizeof(*gone), by_number);
		qsort(come, m, sizeof(*come), by_number);
	}
	while (i < n && j < m) {
		t->moved += gone[i] == come[j];
		if (gone[i] == come[j]) {
			i++;
			j++;
		} else if (gone[i] < come[j]) {
			i++;
		} else {
			j++;
		}
	}
	free(gone);
	free(come);
	return gone && come ? 0 : -1;
}

static int keys_align(struct diff_thread *t)
{
	uint64_t *a = keys_make(t->a), *b = keys_make(t->b);
	const int failed = !a || !b || align_keys(&t->align, a, t->a->count, b, t->b->count);

	free(a);
	free(b);
	return failed;
}

static int thread_align(struct diff_thread *t)
{
	int failed;

	/* Most threads are alike, and their items need not be looked at. */
	if (role_same(t->a, t->b))
		return align_equal(&t->align, t->a->count);
	failed = keys_align(t);

	for (size_t run = 0; !failed && run < t->align.count; run++) {
		const struct align_run *r = &t->align.runs[run];

		if (r->kind != ALIGN_SAME) {
			first_set(t, false, r->a, r->b);
			continue;
		}
		for (uint32_t i = 0; i < r->count; i++)
			if (t->a->items[r->a + i].result != t->b->items[r->b + i].result) {
				t->changed++;
				first_set(t, true, r->a + i, r->b + i);
			}
	}
	if (failed || !t->align.removed || !t->align.added)
		return failed ? -1 : 0;
	return moved_count(t);
}

/* --- Rows ------------------------------------------------------------------------- */

static int64_t row_weight(const struct diff_row *r)
{
	const int64_t change = r->self[1] - r->self[0];

	return change < 0 ? -change : change;
}

static int by_weight(const void *a, const void *b)
{
	const struct diff_row *x = a, *y = b;
	const uint64_t p = x->removed + x->added + x->changed,
		       q = y->removed + y->added + y->changed;

	if (row_weight(x) != row_weight(y))
		return row_weight(x) > row_weight(y) ? -1 : 1;
	if (p != q)
		return p > q ? -1 : 1;
	if (x->kind != y->kind || x->nr != y->nr)
		return x->kind != y->kind ? x->kind - y->kind : x->nr - y->nr;
	return strcmp(x->program, y->program);
}

static void totals_set(struct diff *d)
{
	int64_t rows[2] = { 0 };

	for (uint32_t i = 0; i < d->thread_count; i++) {
		const struct diff_thread *t = &d->threads[i];

		d->changed += t->changed;
		d->moved += t->moved;
		d->removed += t->a && t->b ? t->align.removed : t->a ? t->a->count : 0;
		d->added += t->a && t->b ? t->align.added : t->b ? t->b->count : 0;
		d->only[0] += !t->b;
		d->only[1] += !t->a;
	}
	for (uint32_t i = 0; i < d->row_count; i++)
		for (int side = 0; side < 2; side++)
			rows[side] += d->rows[i].self[side];
	for (int side = 0; side < 2; side++)
		d->cost_rest[side] = cost_total(&d->side[side]->all.totals.cost) - rows[side];
	d->same = diff_count(d) == 0;
	d->equal = d->same && d->side[0]->all.spent == d->side[1]->all.spent;
}

int diff_make(struct diff *d, struct side *a, struct side *b, const struct ignore *ignore,
	      struct error *why)
{
	int failed;

	*d = (struct diff){ .side = { a, b } };
	if (a->reader && b->reader && strcmp(a->digest, b->digest) != 0)
		d->alike = running_compare(reader_database(a->reader), reader_database(b->reader));
	items_ignore(a, ignore);
	items_ignore(b, ignore);
	failed = threads_match(d);
	for (uint32_t i = 0; i < d->thread_count && !failed; i++)
		if (d->threads[i].a && d->threads[i].b)
			failed = thread_align(&d->threads[i]);
	if (failed || diff_rows(d)) {
		diff_free(d);
		return error_set(why, 2, "cannot compare the traces: out of memory");
	}
	if (d->row_count)
		qsort(d->rows, d->row_count, sizeof(*d->rows), by_weight);
	totals_set(d);
	failed = diff_functions_make(&d->functions, &d->function_count, a, b, why);
	if (failed)
		diff_free(d);
	return failed;
}

void diff_free(struct diff *d)
{
	for (uint32_t i = 0; d->threads && i < d->thread_count; i++)
		align_free(&d->threads[i].align);
	free(d->threads);
	free(d->rows);
	free(d->errors);
	free(d->functions);
	*d = (struct diff){ 0 };
}

uint64_t diff_count(const struct diff *d)
{
	return d->removed + d->added + d->changed + d->only[0] + d->only[1];
}

void diff_row_name(unsigned kind, unsigned nr, char *text, size_t size)
{
	struct buffer b = { 0 };
	const char *label;

	switch (kind) {
	case ITEM_CALL:
		call_name_print(&b, nr);
		break;
	case ITEM_FAULT:
		label = enum_label(KIND_FAULT, nr);
		buffer_printf(&b, "page fault: %s", label ? label : "not ended");
		break;
	case ITEM_EXCEPTION:
		buffer_printf(&b, "exception: %s", vector_label(nr));
		break;
	case ITEM_SIGNAL:
		signal_print(&b, (int64_t)nr);
		break;
	default:
		buffer_string(&b, "end of a thread");
	}
	snprintf(text, size, "%s", buffer_text(&b));
	buffer_free(&b);
}
