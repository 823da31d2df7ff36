#include "tracer/analysis/verdict.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/analysis/names.h"
#include "tracer/analysis/statistics.h"
#include "tracer/analysis/verdict_trial.h"
#include "tracer/decode/names.h"

static const char *const metric_names[METRIC_LIMIT] = {
	[METRIC_CALLS] = "calls",
	[METRIC_ERRORS] = "errors",
	[METRIC_FAULTS] = "faults",
	[METRIC_EXCEPTIONS] = "exceptions",
	[METRIC_SIGNALS] = "signals",
	[METRIC_INTERRUPTS] = "interrupts",
	[METRIC_SWITCHES] = "switches",
	[METRIC_WAKEUPS] = "wakeups",
	[METRIC_DIFFERENCES] = "differences",
	[METRIC_USER] = "user",
	[METRIC_KERNEL] = "kernel",
	[METRIC_INSTRUCTIONS] = "instructions",
	[METRIC_ELAPSED] = "elapsed",
	[METRIC_DEARER] = "dearer",
	[METRIC_MORE] = "more",
	[METRIC_EACH] = "each",
};

const char *verdict_metric_name(enum verdict_metric metric)
{
	return metric_names[metric];
}

/* --- Reading rules ---------------------------------------------------------------- */

static char *trim(char *text)
{
	size_t length;

	while (isspace((unsigned char)*text))
		text++;
	for (length = strlen(text); length && isspace((unsigned char)text[length - 1]); length--)
		;
	text[length] = 0;
	return text;
}

static bool metric_parse(struct verdict_rule *r, char *name)
{
	char *dot = strrchr(name, '.');

	r->call = -1;
	if (dot) {
		*dot = 0;
		r->call = names_call(name);
		if (r->call < 0)
			return false;
		name = dot + 1;
	}
	for (unsigned m = 0; m < METRIC_LIMIT; m++) {
		r->metric = m;
		if (strcmp(name, metric_names[m]) == 0)
			return !dot || m == METRIC_CALLS || m == METRIC_ERRORS ||
			       m == METRIC_KERNEL;
	}
	return false;
}

static bool limit_parse(struct verdict_rule *r, const char *text)
{
	char *end;

	r->limit = strtod(text, &end);
	r->percent = *end == '%';
	if (end == text || !isfinite(r->limit) || r->limit < 0)
		return false;
	end += r->percent;
	if (!r->percent || strncmp(end, " and ", 5) != 0)
		return !*end;
	text = end + 5;
	r->least = strtod(text, &end);
	return end != text && isfinite(r->least) && r->least >= 0 && !*end;
}

static bool rule_parse(struct verdict_rule *r, const char *text)
{
	char copy[96], *more;

	snprintf(copy, sizeof(copy), "%s", text);
	if (strncmp(copy, "new ", 4) == 0) {
		const char *name = trim(copy + 4);

		r->fresh = true;
		r->error = strcmp(name, "errors") == 0 ? -1 : names_error(name);
		return r->error > 0 || strcmp(name, "errors") == 0;
	}
	more = strchr(copy, '>');
	if (!more)
		return false;
	*more++ = 0;
	return metric_parse(r, trim(copy)) && limit_parse(r, trim(more));
}

int verdict_parse(struct verdict *v, const char *rules, struct error *why)
{
	char *copy = strdup(rules), *next = copy, *one;
	int status = copy ? 0 : error_set(why, 2, "--fail-on: out of memory");

	*v = (struct verdict){ 0 };
	while (!status && (one = strsep(&next, ","))) {
		struct verdict_rule *r = &v->rule[v->count];

		one = trim(one);
		if (v->count == VERDICT_RULES || strlen(one) >= sizeof(r->text)) {
			status = error_set(why, 2, "--fail-on: too many rules, or one is too long");
		} else if (*one) {
			snprintf(r->text, sizeof(r->text), "%s", one);
			if (rule_parse(r, one))
				v->count++;
			else
				status = error_set(
					why, 2,
					"--fail-on: '%s' is not METRIC > NUMBER, METRIC >"
					" +NUMBER%% or new ERROR; see `ringscope diff --help`",
					one);
		}
	}
	free(copy);
	return status;
}

/* --- Judging ---------------------------------------------------------------------- */

bool verdict_metric_noisy(enum verdict_metric metric)
{
	return metric >= METRIC_INTERRUPTS && metric != METRIC_DIFFERENCES && metric != METRIC_MORE;
}

/* How many rows of one pair cost more, or came more often. */
static unsigned rows_grown(const struct diff *d, bool cost)
{
	unsigned count = 0;

	for (uint32_t i = 0; i < d->row_count; i++)
		count += cost ? d->rows[i].self[1] > d->rows[i].self[0]
			      : d->rows[i].count[1] > d->rows[i].count[0];
	return count;
}

double verdict_metric(const struct diff *d, enum verdict_metric metric, int side)
{
	double room[STATISTICS_SAMPLES];
	struct verdict_rule rule = { .metric = metric, .call = -1 };

	if (d->trial && metric == METRIC_DEARER)
		return side ? trial_dearer(d->trial) : 0;
	if (d->trial && metric == METRIC_MORE)
		return side ? trial_more(d->trial) : 0;
	if (d->trial)
		return statistics_median(room, verdict_samples(&rule, d->trial, side, room));
	if (metric == METRIC_DEARER || metric == METRIC_MORE)
		return side ? rows_grown(d, metric == METRIC_DEARER) : 0;
	if (metric == METRIC_DIFFERENCES)
		return side ? (double)diff_count(d) : 0;
	return verdict_total(&d->side[side]->all.totals, metric);
}

double verdict_total(const struct sequence_totals *t, enum verdict_metric metric)
{
	switch (metric) {
	case METRIC_CALLS:
		return (double)t->calls;
	case METRIC_ERRORS:
		return (double)t->errors;
	case METRIC_FAULTS:
		return (double)t->faults;
	case METRIC_EXCEPTIONS:
		return (double)t->exceptions;
	case METRIC_SIGNALS:
		return (double)t->signals;
	case METRIC_INTERRUPTS:
		return (double)t->interrupts;
	case METRIC_SWITCHES:
		return (double)t->switches;
	case METRIC_WAKEUPS:
		return (double)t->wakeups;
	case METRIC_USER:
		return (double)t->cost.user;
	case METRIC_KERNEL:
		return (double)(cost_total(&t->cost) - t->cost.user);
	case METRIC_INSTRUCTIONS:
		return (double)cost_total(&t->cost);
	default:
		return (double)t->elapsed;
	}
}

static double call_metric(const struct diff *d, const struct verdict_rule *r, int side)
{
	double sum = 0;

	for (uint32_t i = 0; i < d->row_count; i++) {
		const struct diff_row *row = &d->rows[i];

		if (row->kind != ITEM_CALL || row->nr != r->call)
			continue;
		sum += r->metric == METRIC_CALLS    ? (double)row->count[side]
		       : r->metric == METRIC_ERRORS ? (double)row->errors[side]
						    : (double)row->self[side];
	}
	return sum;
}

static void fresh_judge(struct verdict_rule *r, const struct diff *d)
{
	for (uint32_t i = 0; i < d->error_count; i++) {
		const struct diff_error *e = &d->errors[i];
		const char *name = error_name(e->error);
		char call[64];

		if (e->count[0] || !e->count[1] || (r->error >= 0 && r->error != e->error))
			continue;
		r->is += (double)e->count[1];
		diff_row_name(ITEM_CALL, e->nr, call, sizeof(call));
		if (r->outcome != RULE_BROKEN)
			snprintf(r->because, sizeof(r->because), "%s gets %s from %s, %llu times",
				 e->program, name ? name : "an error", call,
				 (unsigned long long)e->count[1]);
		r->outcome = RULE_BROKEN;
	}
}

bool verdict_exceeds(const struct verdict_rule *r, double was, double is)
{
	if (r->percent)
		return is - was > r->least && is - was > was * r->limit / 100;
	return is - was > r->limit;
}

/* By which part of what it may be a row has become dearer; 0: by none. */
static double row_excess(const struct verdict_rule *r, const struct diff_row *row)
{
	const double was = row->count[0] ? (double)row->self[0] / (double)row->count[0] : 0;
	const double is = row->count[1] ? (double)row->self[1] / (double)row->count[1] : 0;

	if (!row->count[0] || !row->count[1] || !verdict_exceeds(r, was, is))
		return 0;
	return was > 0 ? is / was : is;
}

static void each_judge(struct verdict_rule *r, const struct diff *d)
{
	const struct diff_row *worst = NULL;
	unsigned rows = 0;
	char name[64];

	for (uint32_t i = 0; i < d->row_count; i++) {
		const double excess = row_excess(r, &d->rows[i]);

		rows += excess > 0;
		if (excess > 0 && (!worst || excess > row_excess(r, worst)))
			worst = &d->rows[i];
	}
	if (!worst)
		return;
	r->outcome = RULE_BROKEN;
	r->was = (double)worst->self[0] / (double)worst->count[0];
	r->is = (double)worst->self[1] / (double)worst->count[1];
	diff_row_name(worst->kind, worst->nr, name, sizeof(name));
	snprintf(r->because, sizeof(r->because),
		 "%s in %s: %.1f became %.1f (%+.1f, %+.2f%%) each, %llu of them%s", name,
		 worst->program, r->was, r->is, r->is - r->was,
		 r->was > 0 ? (r->is - r->was) / r->was * 100 : 0,
		 (unsigned long long)worst->count[1], rows > 1 ? ", and other rows" : "");
}

static void growth_judge(struct verdict_rule *r, const struct diff *d)
{
	double grown;

	r->was = r->call >= 0 ? call_metric(d, r, 0) : verdict_metric(d, r->metric, 0);
	r->is = r->call >= 0 ? call_metric(d, r, 1) : verdict_metric(d, r->metric, 1);
	grown = r->is - r->was;
	if (!verdict_exceeds(r, r->was, r->is))
		return;
	r->outcome = RULE_BROKEN;
	snprintf(r->because, sizeof(r->because), "%.0f became %.0f (%+.0f%s%.2f%s)", r->was, r->is,
		 grown, r->was > 0 ? ", +" : "", r->was > 0 ? grown / r->was * 100 : 0,
		 r->was > 0 ? "%" : "");
}

/* One run a side tells nothing of what differs from run to run. */
static bool pair_cannot_tell(struct verdict_rule *r, bool exact)
{
	if (exact || r->fresh || !verdict_metric_noisy(r->metric))
		return false;
	r->outcome = RULE_UNKNOWN;
	snprintf(r->because, sizeof(r->because), "%s",
		 r->metric == METRIC_INSTRUCTIONS
			 ? "only exact recordings count instructions: `ringscope run --exact`"
			 : "one run a side that is not exact tells no cost from noise: record"
			   " several, or with `ringscope run --exact`");
	return true;
}

int verdict_judge(struct verdict *v, const struct diff *d, struct error *why)
{
	const bool exact = d->side[0]->exact && d->side[1]->exact;
	int failed = 0;

	v->broken = v->unknown = 0;
	for (unsigned i = 0; i < v->count; i++) {
		struct verdict_rule *r = &v->rule[i];

		r->outcome = RULE_KEPT;
		if (d->trial || pair_cannot_tell(r, exact))
			continue;
		if (r->fresh)
			fresh_judge(r, d);
		else if (r->metric == METRIC_EACH)
			each_judge(r, d);
		else
			growth_judge(r, d);
	}
	if (d->trial)
		failed = verdict_trial(v, d->trial, exact);
	for (unsigned i = 0; i < v->count; i++) {
		v->broken += v->rule[i].outcome == RULE_BROKEN;
		v->unknown += v->rule[i].outcome == RULE_UNKNOWN;
	}
	return failed ? error_set(why, 2, "cannot judge the traces: out of memory") : 0;
}
