#include "tracer/analysis/diff_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/analysis/hash.h"
#include "tracer/analysis/map.h"
#include "tracer/array.h"

/* Where the row of a kind of item of a program is: of the last that fell here. */
#define RECENT 1024u

struct recent {
	uint64_t program;
	uint32_t what, row; /* row: index + 1 */
};

struct tally {
	struct diff *d;
	struct recent recent[RECENT];
	struct map rows, errors; /* by program and what: index + 1 */
	uint32_t row_size, error_size;
};

static uint64_t program_hash(const struct role *r)
{
	return hash_text(HASH_START, r->program);
}

static struct diff_row *row_find(struct tally *y, uint64_t program, const struct role *r,
				 const struct item *i)
{
	struct diff *d = y->d;
	uint32_t *place = map_at(&y->rows, hash_number(program, i->kind * 65536u + i->nr));
	struct diff_row *row;

	if (place && *place)
		return &d->rows[*place - 1];
	if (!place || !array_grow(&d->rows, &y->row_size, d->row_count, sizeof(*d->rows)))
		return NULL;
	row = &d->rows[d->row_count++];
	*row = (struct diff_row){ .kind = i->kind, .nr = i->nr };
	snprintf(row->program, sizeof(row->program), "%s", r->program);
	*place = d->row_count;
	return row;
}

/* The row of an item in a program; NULL without memory. */
static struct diff_row *row_get(struct tally *y, uint64_t program, const struct role *r,
				const struct item *i)
{
	const uint32_t what = i->kind * 65536u + i->nr;
	struct recent *last = &y->recent[(program ^ i->kind * 512u ^ i->nr) % RECENT];
	struct diff_row *row;

	if (last->row && last->what == what && last->program == program)
		return &y->d->rows[last->row - 1];
	row = row_find(y, program, r, i);
	if (row)
		*last = (struct recent){ program, what, (uint32_t)(row - y->d->rows) + 1 };
	return row;
}

static int error_count(struct tally *y, uint64_t program, const struct role *r,
		       const struct item *i, unsigned sides)
{
	struct diff *d = y->d;
	uint32_t *place = map_at(&y->errors, hash_number(program, i->nr * 256u + i->error));
	struct diff_error *e;

	if (place && !*place) {
		if (!array_grow(&d->errors, &y->error_size, d->error_count, sizeof(*d->errors)))
			return -1;
		e = &d->errors[d->error_count++];
		*e = (struct diff_error){ .nr = i->nr, .error = i->error };
		snprintf(e->program, sizeof(e->program), "%s", r->program);
		*place = d->error_count;
	}
	for (unsigned side = 0; place && side < 2; side++)
		d->errors[*place - 1].count[side] += sides >> side & 1;
	return place ? 0 : -1;
}

enum { SIDE_A = 1, SIDE_B = 2 };

/* Count the items of a role for each of these sides: bits. */
static int role_count(struct tally *y, const struct role *r, unsigned sides)
{
	const uint64_t program = program_hash(r);

	for (uint32_t at = 0; at < r->count; at++) {
		const struct item *i = &r->items[at];
		struct diff_row *row = row_get(y, program, r, i);

		if (!row)
			return -1;
		for (unsigned side = 0; side < 2; side++) {
			if (!(sides >> side & 1))
				continue;
			row->count[side]++;
			row->errors[side] += i->error != 0;
			row->self[side] += i->self;
			row->waited[side] += i->waited;
		}
		if (i->kind == ITEM_CALL && i->error && error_count(y, program, r, i, sides))
			return -1;
	}
	return 0;
}

enum { GONE, COME, OTHER };

/* Count items of a role as what they are: all have rows by now. */
static void items_count(struct tally *y, uint64_t program, const struct role *r, uint32_t from,
			uint32_t count, int what)
{
	for (uint32_t at = from; at < from + count; at++) {
		struct diff_row *row = row_get(y, program, r, &r->items[at]);

		if (row)
			*(what == GONE   ? &row->removed
			  : what == COME ? &row->added
					 : &row->changed) += 1;
	}
}

/* The differences of a thread that both sides have. */
static void differences_count(struct tally *y, const struct diff_thread *t)
{
	const uint64_t a = program_hash(t->a), b = program_hash(t->b);

	for (size_t run = 0; run < t->align.count; run++) {
		const struct align_run *r = &t->align.runs[run];

		if (r->kind == ALIGN_REMOVED)
			items_count(y, a, t->a, r->a, r->count, GONE);
		else if (r->kind == ALIGN_ADDED)
			items_count(y, b, t->b, r->b, r->count, COME);
		for (uint32_t i = 0; r->kind == ALIGN_SAME && t->changed && i < r->count; i++)
			if (t->a->items[r->a + i].result != t->b->items[r->b + i].result)
				items_count(y, a, t->a, r->a + i, 1, OTHER);
	}
}

int diff_rows(struct diff *d)
{
	struct tally y = { .d = d };
	int failed = 0;

	for (uint32_t i = 0; i < d->thread_count && !failed; i++) {
		const struct diff_thread *t = &d->threads[i];

		if (t->a && t->b && role_equal(t->a, t->b) &&
		    strcmp(t->a->program, t->b->program) == 0)
			failed = role_count(&y, t->a, SIDE_A | SIDE_B);
		else
			failed = (t->a && role_count(&y, t->a, SIDE_A)) ||
				 (t->b && role_count(&y, t->b, SIDE_B));
		if (!failed && t->a && t->b)
			differences_count(&y, t);
		else if (!failed && t->a)
			items_count(&y, program_hash(t->a), t->a, 0, t->a->count, GONE);
		else if (!failed && t->b)
			items_count(&y, program_hash(t->b), t->b, 0, t->b->count, COME);
	}
	map_free(&y.rows);
	map_free(&y.errors);
	return failed ? -1 : 0;
}
