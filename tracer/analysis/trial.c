#include "tracer/analysis/trial.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/analysis/statistics.h"
#include "tracer/array.h"

#define NUMBERS 512 /* calls, causes, vectors and signals that rows can name */
/* A pace is known only from several rows that have several items in each run. */
#define PACE_ROWS  4
#define PACE_ITEMS 8

/* Where the rows of one program are; 0: not yet made, else index + 1. */
struct places {
	uint32_t row[ITEM_KINDS][NUMBERS];
};

int trial_init(struct trial *t, unsigned runs_a, unsigned runs_b)
{
	*t = (struct trial){ .runs = { runs_a, runs_b } };
	for (int side = 0; side < 2; side++) {
		t->totals[side] = calloc(t->runs[side], sizeof(*t->totals[side]));
		t->differences[side] = calloc(t->runs[side], sizeof(double));
		t->pace[side] = calloc(t->runs[side], sizeof(double));
		t->failed |= !t->totals[side] || !t->differences[side] || !t->pace[side];
	}
	if (t->failed)
		trial_free(t);
	return t->failed ? -1 : 0;
}

static bool samples_make(const struct trial *t, double *to[2])
{
	for (int side = 0; side < 2; side++)
		to[side] = calloc(t->runs[side], sizeof(double));
	return to[0] && to[1];
}

static struct trial_row *row_get(struct trial *t, const char *program, unsigned kind, unsigned nr)
{
	struct trial_row *r;

	for (uint32_t i = 0; i < t->row_count; i++)
		if (t->rows[i].kind == kind && t->rows[i].nr == nr &&
		    strcmp(t->rows[i].program, program) == 0)
			return &t->rows[i];
	if (!array_grow(&t->rows, &t->row_size, t->row_count, sizeof(*t->rows)))
		return NULL;
	r = &t->rows[t->row_count++];
	*r = (struct trial_row){ .kind = (uint8_t)kind, .nr = (uint16_t)nr };
	snprintf(r->program, sizeof(r->program), "%s", program);
	return samples_make(t, r->count) && samples_make(t, r->errors) &&
			       samples_make(t, r->self) && samples_make(t, r->cost)
		       ? r
		       : NULL;
}

static struct trial_error *error_get(struct trial *t, const char *program, const struct item *i)
{
	struct trial_error *e;

	for (uint32_t at = 0; at < t->error_count; at++) {
		e = &t->errors[at];
		if (e->nr == i->nr && e->error == i->error && strcmp(e->program, program) == 0)
			return e;
	}
	if (!array_grow(&t->errors, &t->error_size, t->error_count, sizeof(*t->errors)))
		return NULL;
	e = &t->errors[t->error_count++];
	*e = (struct trial_error){ .nr = i->nr, .error = i->error };
	snprintf(e->program, sizeof(e->program), "%s", program);
	return samples_make(t, e->count) ? e : NULL;
}

static bool item_take(struct trial *t, int side, const char *program, struct places *places,
		      const struct item *i)
{
	const unsigned nr = i->nr < NUMBERS ? i->nr : NUMBERS - 1, run = t->added[side];
	uint32_t *place = &places->row[i->kind][nr];
	struct trial_row *r = *place ? &t->rows[*place - 1] : row_get(t, program, i->kind, nr);
	struct trial_error *e;

	if (!r)
		return false;
	*place = (uint32_t)(r - t->rows) + 1;
	if (r->now_count == r->now_size) {
		const uint64_t size = r->now_size ? r->now_size * 2 : 64;
		int64_t *now = realloc(r->now, size * sizeof(*now));

		if (!now)
			return false;
		r->now = now;
		r->now_size = size;
	}
	r->now[r->now_count++] = i->self;
	r->count[side][run]++;
	r->errors[side][run] += i->error != 0;
	r->self[side][run] += (double)i->self;
	if (i->kind != ITEM_CALL || !i->error)
		return true;
	e = error_get(t, program, i);
	if (e)
		e->count[side][run]++;
	return e;
}

static int by_number(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* What one of a row typically cost in the run that was just read. */
static void cost_set(struct trial_row *r, double *cost)
{
	const uint64_t n = r->now_count;

	if (n) {
		qsort(r->now, n, sizeof(*r->now), by_number);
		const int64_t *below = &r->now[(n - 1) / 2], *above = &r->now[n / 2];

		*cost = ((double)*below + (double)*above) / 2;
	}
	r->now_count = 0;
}

void trial_add(struct trial *t, int side, const struct side *s, uint64_t differences)
{
	struct places *places = malloc(sizeof(*places));
	const unsigned run = t->added[side];

	t->failed |= !places;
	for (uint32_t i = 0; i < s->all.count && !t->failed; i++) {
		const struct role *r = s->all.roles[i];

		memset(places, 0, sizeof(*places));
		for (uint32_t at = 0; at < r->count && !t->failed; at++)
			t->failed = !item_take(t, side, r->program, places, &r->items[at]);
	}
	free(places);
	for (uint32_t i = 0; i < t->row_count && !t->failed; i++)
		cost_set(&t->rows[i], &t->rows[i].cost[side][run]);
	t->totals[side][run] = s->all.totals;
	t->differences[side][run] = (double)differences;
	t->added[side]++;
}

/* --- The pace of each run --------------------------------------------------------- */

static double sample_median(const double *values, unsigned count, double *room)
{
	memcpy(room, values, count * sizeof(*values));
	return statistics_median(room, count);
}

/* A row's cost over all runs of both sides. */
static double usual_cost(const struct trial *t, const struct trial_row *r, double *room)
{
	memcpy(room, r->cost[0], t->runs[0] * sizeof(*room));
	memcpy(room + t->runs[0], r->cost[1], t->runs[1] * sizeof(*room));
	return statistics_median(room, t->runs[0] + t->runs[1]);
}

/* Has each run so many of it, with a cost? */
static bool row_everywhere(const struct trial *t, const struct trial_row *r, double least)
{
	for (int side = 0; side < 2; side++)
		for (unsigned run = 0; run < t->runs[side]; run++)
			if (r->count[side][run] < least)
				return false;
	return r->kind <= ITEM_EXCEPTION;
}

static void paces_set(struct trial *t, double *room)
{
	double *usual = calloc((size_t)t->row_count + 1, sizeof(*usual));

	t->failed |= !usual;
	for (uint32_t i = 0; i < t->row_count && usual; i++)
		usual[i] = row_everywhere(t, &t->rows[i], PACE_ITEMS)
				   ? usual_cost(t, &t->rows[i], room)
				   : 0;
	for (int side = 0; side < 2 && usual; side++)
		for (unsigned run = 0; run < t->runs[side]; run++) {
			unsigned rows = 0;

			for (uint32_t i = 0; i < t->row_count; i++)
				if (usual[i] > 0)
					room[rows++] = t->rows[i].cost[side][run] / usual[i];
			t->pace[side][run] = rows < PACE_ROWS ? 1 : statistics_median(room, rows);
			if (t->pace[side][run] <= 0)
				t->pace[side][run] = 1;
		}
	free(usual);
}

/* --- Comparing -------------------------------------------------------------------- */

static bool all_equal(const double *a, unsigned n, const double *b, unsigned m)
{
	for (unsigned i = 0; i < n; i++)
		if (a[i] != b[0])
			return false;
	for (unsigned i = 0; i < m; i++)
		if (b[i] != b[0])
			return false;
	return true;
}

void trial_compare(struct trial_change *c, const double *a, unsigned n, const double *b, unsigned m)
{
	double interval[2], room[STATISTICS_SAMPLES], more, less;

	c->median[0] = sample_median(a, n, room);
	c->median[1] = sample_median(b, m, room);
	c->constant = all_equal(a, n, b, m);
	c->low = c->high = 0;
	c->p = 1;
	if (c->constant)
		return;
	statistics_interval(a, n, b, m, interval);
	c->low = interval[0];
	c->high = interval[1];
	more = statistics_above(a, n, b, m);
	less = statistics_above(b, m, a, n);
	c->above = more < less;
	c->p = fmin(1, 2 * fmin(more, less));
}

/* The comparisons of a trial in one order: two a row, then the pace. */
static struct trial_change *comparison(struct trial *t, uint32_t index)
{
	if (index >= 2 * t->row_count)
		return &t->slower;
	return index % 2 ? &t->rows[index / 2].dearer : &t->rows[index / 2].more;
}

/* Correct all p values, and say what they show. */
static void outcomes_set(struct trial *t)
{
	double *p = calloc(2 * (size_t)t->row_count + 1, sizeof(*p));
	unsigned count = 0;

	for (uint32_t i = 0; i <= 2 * t->row_count && p; i++)
		if (!comparison(t, i)->constant)
			p[count++] = comparison(t, i)->p;
	t->failed |= !p || statistics_holm(p, count);
	t->comparisons = count;
	t->needed = 2;
	while (2 * statistics_above_least(t->needed, t->needed) * count > TRIAL_LEVEL)
		t->needed++;
	count = 0;
	for (uint32_t i = 0; i <= 2 * t->row_count && p; i++) {
		struct trial_change *c = comparison(t, i);

		if (c->constant)
			continue;
		c->p = p[count++];
		if (c->p <= TRIAL_LEVEL)
			c->outcome = c->above ? TRIAL_MORE : TRIAL_LESS;
		else if (2 * statistics_above_least(t->runs[0], t->runs[1]) * t->comparisons >
			 TRIAL_LEVEL)
			c->outcome = TRIAL_UNKNOWN;
	}
	free(p);
}

/* How far apart the middle half of a row's costs is within each side, as a part of their
 * medians: a change between the sides is no spread. */
static double row_spread(const struct trial *t, const struct trial_row *r, bool paced, double *room)
{
	double spread = 0;

	for (int side = 0; side < 2; side++) {
		const unsigned n = t->runs[side];
		double median;

		for (unsigned run = 0; run < n; run++)
			room[run] = r->cost[side][run] / (paced ? t->pace[side][run] : 1);
		median = statistics_median(room, n);
		spread += median > 0 ? (room[n * 3 / 4] - room[n / 4]) / median : 0;
	}
	return spread;
}

static void pace_divide(struct trial *t, struct trial_row *r, double *room)
{
	r->paced = row_spread(t, r, true, room) < row_spread(t, r, false, room);
	for (int side = 0; side < 2; side++)
		for (unsigned run = 0; r->paced && run < t->runs[side]; run++)
			r->cost[side][run] /= t->pace[side][run];
}

static void row_compare(struct trial *t, struct trial_row *r, double *room)
{
	const double was = sample_median(r->cost[0], t->runs[0], room);
	const double is = sample_median(r->cost[1], t->runs[1], room);

	trial_compare(&r->more, r->count[0], t->runs[0], r->count[1], t->runs[1]);
	r->dearer.constant = true;
	if (r->everywhere) {
		if (t->paced)
			pace_divide(t, r, room);
		trial_compare(&r->dearer, r->cost[0], t->runs[0], r->cost[1], t->runs[1]);
	}
	r->dearer.median[0] = was;
	r->dearer.median[1] = is;
}

int trial_judge(struct trial *t, bool paced, struct error *why)
{
	double *room = calloc((size_t)t->row_count + t->runs[0] + t->runs[1], sizeof(*room));

	t->failed |= !room;
	t->paced = paced;
	for (int side = 0; side < 2; side++)
		for (unsigned run = 0; run < t->runs[side]; run++)
			t->pace[side][run] = 1;
	for (uint32_t i = 0; i < t->row_count; i++)
		t->rows[i].everywhere = row_everywhere(t, &t->rows[i], 1);
	if (room && paced)
		paces_set(t, room);
	for (uint32_t i = 0; i < t->row_count && !t->failed; i++)
		row_compare(t, &t->rows[i], room);
	trial_compare(&t->slower, t->pace[0], t->runs[0], t->pace[1], t->runs[1]);
	if (!t->failed)
		outcomes_set(t);
	free(room);
	return t->failed ? error_set(why, 2, "cannot compare the traces: out of memory") : 0;
}

unsigned trial_dearer(const struct trial *t)
{
	unsigned count = t->slower.outcome == TRIAL_MORE;

	for (uint32_t i = 0; i < t->row_count; i++)
		count += t->rows[i].dearer.outcome == TRIAL_MORE;
	return count;
}

unsigned trial_more(const struct trial *t)
{
	unsigned count = 0;

	for (uint32_t i = 0; i < t->row_count; i++)
		count += t->rows[i].more.outcome == TRIAL_MORE;
	return count;
}

void trial_free(struct trial *t)
{
	for (int side = 0; side < 2; side++) {
		for (uint32_t i = 0; i < t->row_count; i++) {
			free(t->rows[i].count[side]);
			free(t->rows[i].errors[side]);
			free(t->rows[i].self[side]);
			free(t->rows[i].cost[side]);
		}
		for (uint32_t i = 0; i < t->error_count; i++)
			free(t->errors[i].count[side]);
		free(t->totals[side]);
		free(t->differences[side]);
		free(t->pace[side]);
	}
	for (uint32_t i = 0; i < t->row_count; i++)
		free(t->rows[i].now);
	free(t->rows);
	free(t->errors);
	*t = (struct trial){ .failed = t->failed };
}
