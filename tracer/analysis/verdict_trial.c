#include "tracer/analysis/verdict_trial.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/analysis/statistics.h"
#include "tracer/decode/names.h"

/* Of one system call, over all programs. */
static void call_samples(const struct verdict_rule *r, const struct trial *t, int side, double *to)
{
	memset(to, 0, t->runs[side] * sizeof(*to));
	for (uint32_t i = 0; i < t->row_count; i++) {
		const struct trial_row *row = &t->rows[i];
		const double *from = r->metric == METRIC_CALLS    ? row->count[side]
				     : r->metric == METRIC_ERRORS ? row->errors[side]
								  : row->self[side];

		if (row->kind == ITEM_CALL && row->nr == r->call)
			for (unsigned run = 0; run < t->runs[side]; run++)
				to[run] += from[run];
	}
}

unsigned verdict_samples(const struct verdict_rule *r, const struct trial *t, int side, double *to)
{
	if (r->call >= 0)
		call_samples(r, t, side, to);
	else if (r->metric == METRIC_DIFFERENCES)
		memcpy(to, t->differences[side], t->runs[side] * sizeof(*to));
	else
		for (unsigned run = 0; run < t->runs[side]; run++)
			to[run] = verdict_total(&t->totals[side][run], r->metric);
	return t->runs[side];
}

/* --- Growth ----------------------------------------------------------------------- */

/* The least growth that breaks the rule, from a value of side A. */
static double allowed(const struct verdict_rule *r, double was)
{
	return r->percent ? was + fmax(was * r->limit / 100, r->least) : was + r->limit;
}

static void growth_say(struct verdict_rule *r, const struct trial *t, double low, double high)
{
	const double whole = r->was > 0 ? r->was : 1;
	const double scale = r->was > 0 ? 100 : 1;
	const char *unit = r->was > 0 ? "%" : "";

	snprintf(r->because, sizeof(r->because),
		 "%s: %.0f became %.0f, by %+.2f%s to %+.2f%s (95 %%, medians of %u and %u runs)",
		 r->outcome == RULE_BROKEN ? "shown" : "cannot tell", r->was, r->is,
		 low / whole * scale, unit, high / whole * scale, unit, t->runs[0], t->runs[1]);
}

/* How likely samples as these are if the growth does not exceed the limit. */
static void growth_measure(struct verdict_rule *r, const struct trial *t, double *a, double *b)
{
	const unsigned n = verdict_samples(r, t, 0, a), m = verdict_samples(r, t, 1, b);

	for (unsigned i = 0; i < n; i++)
		a[i] = allowed(r, a[i]);
	r->p = statistics_above(a, n, b, m);
}

static void growth_judge(struct verdict_rule *r, const struct trial *t, double *a, double *b)
{
	const unsigned n = verdict_samples(r, t, 0, a), m = verdict_samples(r, t, 1, b);
	double interval[2];

	statistics_interval(a, n, b, m, interval);
	r->was = statistics_median(a, n);
	r->is = statistics_median(b, m);
	if (r->p <= TRIAL_LEVEL)
		r->outcome = RULE_BROKEN;
	else if (verdict_exceeds(r, r->was, r->was + interval[1]))
		r->outcome = RULE_UNKNOWN;
	if (r->outcome != RULE_KEPT)
		growth_say(r, t, interval[0], interval[1]);
}

/* --- Rows that were shown to grow -------------------------------------------------- */

/* The surest of them; NULL: there is none, or it is the pace of all. */
static const struct trial_row *row_surest(const struct trial *t, bool cost)
{
	const struct trial_row *surest = NULL;
	double least = 2;

	for (uint32_t i = 0; i < t->row_count; i++) {
		const struct trial_row *row = &t->rows[i];
		const struct trial_change *c = cost ? &row->dearer : &row->more;

		if (c->outcome == TRIAL_MORE && c->p < least) {
			least = c->p;
			surest = row;
		}
	}
	return surest;
}

static void rows_say(struct verdict_rule *r, const struct trial *t, bool cost)
{
	const struct trial_row *row = row_surest(t, cost);
	const struct trial_change *c = !row ? &t->slower : cost ? &row->dearer : &row->more;
	char name[64] = "each call";

	if (row)
		diff_row_name(row->kind, row->nr, name, sizeof(name));
	snprintf(r->because, sizeof(r->because), "%.0f: %s%s%s %.2f became %.2f (p %.2g)", r->is,
		 row ? row->program : "", row ? ", " : "", name, c->median[0], c->median[1], c->p);
}

static void rows_judge(struct verdict_rule *r, const struct trial *t)
{
	const bool cost = r->metric == METRIC_DEARER;
	bool unknown = cost && t->slower.outcome == TRIAL_UNKNOWN;

	for (uint32_t i = 0; i < t->row_count; i++)
		unknown |= (cost ? t->rows[i].dearer : t->rows[i].more).outcome == TRIAL_UNKNOWN;
	r->is = cost ? trial_dearer(t) : trial_more(t);
	if (r->percent ? r->is > 0 : r->is > r->limit) {
		r->outcome = RULE_BROKEN;
		rows_say(r, t, cost);
	} else if (unknown) {
		r->outcome = RULE_UNKNOWN;
		snprintf(r->because, sizeof(r->because),
			 "cannot tell: %u comparisons at once need %u runs a side", t->comparisons,
			 t->needed);
	}
}

/* --- Errors that side A never had -------------------------------------------------- */

static bool error_fresh(const struct verdict_rule *r, const struct trial *t,
			const struct trial_error *e)
{
	bool any = false;

	if (r->error >= 0 && r->error != e->error)
		return false;
	for (unsigned run = 0; run < t->runs[0]; run++)
		if (e->count[0][run] > 0)
			return false;
	for (unsigned run = 0; run < t->runs[1]; run++)
		any |= e->count[1][run] > 0;
	return any;
}

static void fresh_measure(struct verdict_rule *r, const struct trial *t)
{
	unsigned count = 0;
	double least = 1;

	for (uint32_t i = 0; i < t->error_count; i++) {
		const struct trial_error *e = &t->errors[i];
		const char *name = error_name(e->error);
		char call[64];
		double p;

		if (!error_fresh(r, t, e))
			continue;
		p = statistics_above(e->count[0], t->runs[0], e->count[1], t->runs[1]);
		diff_row_name(ITEM_CALL, e->nr, call, sizeof(call));
		if (!count++ || p < least)
			snprintf(r->because, sizeof(r->because), "%s gets %s from %s", e->program,
				 name ? name : "an error", call);
		least = fmin(least, p);
	}
	r->is = count;
	r->p = fmin(1, least * count);
	if (!count)
		r->p = 1;
}

static void fresh_judge(struct verdict_rule *r, const struct trial *t)
{
	size_t length = strlen(r->because);

	if (!(r->is > 0))
		return;
	r->outcome = r->p <= TRIAL_LEVEL ? RULE_BROKEN : RULE_UNKNOWN;
	snprintf(r->because + length, sizeof(r->because) - length, "%s (%u and %u runs)",
		 r->outcome == RULE_BROKEN ? "" : ", in too few runs to tell", t->runs[0],
		 t->runs[1]);
}

static bool counts_rows(const struct verdict_rule *r)
{
	return !r->fresh && r->metric >= METRIC_DEARER;
}

int verdict_trial(struct verdict *v, const struct trial *t, bool exact)
{
	double *room = calloc(t->runs[0] + t->runs[1], sizeof(*room));
	double p[VERDICT_RULES];
	unsigned tests = 0;

	if (!room)
		return -1;
	for (unsigned i = 0; i < v->count; i++) {
		struct verdict_rule *r = &v->rule[i];

		r->p = 1;
		if (r->fresh)
			fresh_measure(r, t);
		else if (!counts_rows(r))
			growth_measure(r, t, room, room + t->runs[0]);
		if (!counts_rows(r))
			p[tests++] = r->p;
	}
	if (statistics_holm(p, tests)) {
		free(room);
		return -1;
	}
	tests = 0;
	for (unsigned i = 0; i < v->count; i++) {
		struct verdict_rule *r = &v->rule[i];

		if (!counts_rows(r))
			r->p = p[tests++];
		if (r->fresh) {
			fresh_judge(r, t);
		} else if (counts_rows(r) && r->metric != METRIC_EACH) {
			rows_judge(r, t);
		} else if (r->metric == METRIC_EACH ||
			   (r->metric == METRIC_INSTRUCTIONS && !exact)) {
			r->outcome = RULE_UNKNOWN;
			snprintf(r->because, sizeof(r->because), "%s",
				 r->metric == METRIC_EACH
					 ? "of several runs a side `dearer` tells what each costs"
					 : "only exact recordings count instructions; `kernel` and"
					   " `user` are times");
		} else {
			growth_judge(r, t, room, room + t->runs[0]);
		}
	}
	free(room);
	return 0;
}
