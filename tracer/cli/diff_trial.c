/* Several runs a side, in each format: what was compared, and what that shows. */
#include <inttypes.h>

#include "tracer/cli/diff_print.h"

static const char *row_name(const struct trial_row *r, char *to, size_t size)
{
	diff_row_name(r->kind, r->nr, to, size);
	return to;
}

/* Rows of which something is shown come first. */
static bool row_tells(const struct trial_row *r)
{
	return r->more.outcome == TRIAL_MORE || r->more.outcome == TRIAL_LESS ||
	       r->dearer.outcome == TRIAL_MORE || r->dearer.outcome == TRIAL_LESS;
}

static void row_text(struct buffer *b, const struct trial_row *r)
{
	double percent[2];
	char name[96];

	diff_trial_bounds(&r->dearer, percent);
	buffer_printf(b, "  %9.0f %9.0f %-11s %11.1f %11.1f ", r->more.median[0], r->more.median[1],
		      diff_trial_outcome(&r->more, false), r->dearer.median[0],
		      r->dearer.median[1]);
	if (r->dearer.constant)
		buffer_printf(b, "%19s %7s ", "", "");
	else
		buffer_printf(b, "%+8.2f%% %+8.2f%% %7.2g ", percent[0], percent[1], r->dearer.p);
	buffer_printf(b, "%-11s %s", diff_trial_outcome(&r->dearer, true), r->paced ? "~" : "");
	buffer_clean(b, r->program);
	buffer_printf(b, ", %s\n", row_name(r, name, sizeof(name)));
}

static void pace_text(struct buffer *b, const struct trial *t)
{
	double percent[2];

	if (!t->paced || t->slower.constant)
		return;
	diff_trial_bounds(&t->slower, percent);
	buffer_printf(b,
		      "  all items alike: %+.2f%% to %+.2f%%, p %.2g, %s (taken out of the growth"
		      " of those marked ~)\n",
		      percent[0], percent[1], t->slower.p, diff_trial_outcome(&t->slower, true));
}

void diff_trial_text(struct buffer *b, const struct diff *d)
{
	const struct trial *t = d->trial;
	unsigned shown = 0, rest = 0;

	buffer_printf(b,
		      "\n%u and %u runs: how often, and what one typically cost in a run (kernel"
		      " %s; medians).\nGrowth is 95 %% sure; p is corrected for %u comparisons"
		      " (Holm), of which one is shown at p <= %.2f.\n",
		      t->runs[0], t->runs[1], diff_unit(d), t->comparisons, TRIAL_LEVEL);
	if (t->needed > t->runs[0] || t->needed > t->runs[1])
		buffer_printf(b, "So many comparisons need %u runs a side.\n", t->needed);
	pace_text(b, t);
	buffer_printf(b, "  %9s %9s %-11s %11s %11s %19s %7s %-11s %s\n", "count A", "count B", "",
		      "cost A", "cost B", "growth from ... to", "p", "", "program, item");
	for (int telling = 1; telling >= 0; telling--)
		for (uint32_t i = 0; i < t->row_count; i++) {
			const struct trial_row *r = &t->rows[i];

			if (!diff_trial_row_shown(r) || row_tells(r) != telling)
				continue;
			if (shown < DIFF_ROWS_SHOWN || telling)
				row_text(b, r);
			else
				rest++;
			shown++;
		}
	if (rest)
		buffer_printf(b, "  and %u more of which nothing is shown; --json has all\n", rest);
}

static void samples_json(struct buffer *b, const struct trial *t, const char *name,
			 double *const samples[2])
{
	buffer_printf(b, ", \"%s\": [", name);
	for (int side = 0; side < 2; side++) {
		buffer_string(b, side ? ", [" : "[");
		for (unsigned run = 0; run < t->runs[side]; run++)
			buffer_printf(b, "%s%.10g", run ? ", " : "", samples[side][run]);
		buffer_char(b, ']');
	}
	buffer_char(b, ']');
}

static void change_json(struct buffer *b, const char *name, const struct trial_change *c, bool cost)
{
	buffer_printf(b,
		      ", \"%s\": {\"median\": [%.10g, %.10g], \"growth\": [%.10g, %.10g],"
		      " \"p\": %.4g, \"outcome\": \"%s\"}",
		      name, c->median[0], c->median[1], c->low, c->high, c->p,
		      diff_trial_outcome(c, cost));
}

void diff_trial_json(struct buffer *b, const struct diff *d)
{
	const struct trial *t = d->trial;
	char name[96];

	buffer_printf(b,
		      "  \"runs\": {\"count\": [%u, %u], \"level\": %.2f, \"correction\": \"Holm\","
		      " \"comparisons\": %u, \"runs_needed\": %u, \"dearer\": %u, \"more\": %u",
		      t->runs[0], t->runs[1], TRIAL_LEVEL, t->comparisons, t->needed,
		      trial_dearer(t), trial_more(t));
	samples_json(b, t, "pace", t->pace);
	change_json(b, "slower", &t->slower, true);
	buffer_string(b, ", \"rows\": [");
	for (uint32_t i = 0; i < t->row_count; i++) {
		const struct trial_row *r = &t->rows[i];

		buffer_string(b, i ? ",\n    {\"program\": " : "\n    {\"program\": ");
		buffer_json(b, r->program);
		buffer_string(b, ", \"item\": ");
		buffer_json(b, row_name(r, name, sizeof(name)));
		samples_json(b, t, "count", r->count);
		samples_json(b, t, "cost", r->cost);
		change_json(b, "more", &r->more, false);
		change_json(b, "dearer", &r->dearer, true);
		buffer_char(b, '}');
	}
	buffer_string(b, "]},\n");
}

static void change_html(struct buffer *b, const struct trial_change *c, bool cost)
{
	const bool tells = c->outcome == TRIAL_MORE || c->outcome == TRIAL_LESS;
	double percent[2];

	diff_trial_bounds(c, percent);
	buffer_printf(b, "<td>%.10g<td>%.10g", c->median[0], c->median[1]);
	if (c->constant)
		buffer_string(b, "<td><td>");
	else
		buffer_printf(b, "<td>%+.2f %% to %+.2f %%<td>%.2g", percent[0], percent[1], c->p);
	buffer_printf(b, "<td class=\"%s\">%s",
		      !tells                     ? ""
		      : c->outcome == TRIAL_MORE ? "bad"
						 : "good",
		      diff_trial_outcome(c, cost));
}

void diff_trial_html(struct buffer *b, const struct diff *d)
{
	const struct trial *t = d->trial;
	char name[96];

	buffer_printf(b,
		      "<h2>%u and %u runs</h2>\n<p>How often, and what one typically cost in a run"
		      " (kernel %s; medians). Growth is 95 %% sure; p is corrected for %u"
		      " comparisons (Holm).</p>\n<table><tr><th class=\"l\">program<th class=\"l\">"
		      "item<th>count A<th>count B<th>growth<th>p<th><th>cost A<th>cost B<th>growth"
		      "<th>p<th></tr>\n",
		      t->runs[0], t->runs[1], diff_unit(d), t->comparisons);
	if (t->paced) {
		buffer_string(b,
			      "<tr><td class=\"l\"><td class=\"l\">all alike<td><td><td><td><td>");
		change_html(b, &t->slower, true);
		buffer_string(b, "</tr>\n");
	}
	for (int telling = 1; telling >= 0; telling--)
		for (uint32_t i = 0; i < t->row_count; i++) {
			const struct trial_row *r = &t->rows[i];

			if (!diff_trial_row_shown(r) || row_tells(r) != telling)
				continue;
			buffer_string(b, "<tr><td class=\"l\">");
			buffer_markup(b, r->program);
			buffer_string(b, "<td class=\"l\">");
			buffer_markup(b, row_name(r, name, sizeof(name)));
			change_html(b, &r->more, false);
			change_html(b, &r->dearer, true);
			buffer_string(b, "</tr>\n");
		}
	buffer_string(b, "</table>\n");
}
