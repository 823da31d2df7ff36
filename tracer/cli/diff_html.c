/* A comparison as one HTML page without scripts or anything from elsewhere. */
#include <inttypes.h>
#include <math.h>

#include "tracer/cli/diff_print.h"

/* Colours of Okabe and Ito, told apart by colour-blind readers; marks say the same. */
static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	"<title>ringscope diff</title>\n<style>\n"
	"body{font:15px/1.45 system-ui,sans-serif;margin:2em auto;max-width:76em;padding:0 1em}\n"
	"table{border-collapse:collapse;margin:.5em 0 1.5em;width:100%}\n"
	"th,td{padding:.15em .6em;text-align:right;border-bottom:1px solid #ddd}\n"
	"th{background:#f4f4f4} td.l,th.l{text-align:left}\n"
	"td.l{font-family:ui-monospace,monospace;overflow-wrap:anywhere}\n"
	".bad{color:#a03c00;font-weight:bold} .good{color:#005a8c;font-weight:bold}\n"
	"tr.gone td{background:#fdeee4} tr.come td{background:#e6f2f9} tr.other td{background:#fdf6d8}\n"
	".bar{display:inline-block;height:.7em;background:#d55e00} .less{background:#0072b2}\n"
	"@media(prefers-color-scheme:dark){body{background:#181818;color:#ddd}"
	"th{background:#2a2a2a}td,th{border-color:#444}"
	"tr.gone td{background:#4a2a14} tr.come td{background:#0f3347} tr.other td{background:#45400f}"
	".bad{color:#ff9a5a}.good{color:#7cc4f0}}\n"
	"</style></head><body>\n";

static void verdict_html(struct buffer *b, const struct diff *d, const struct verdict *v)
{
	buffer_printf(b, "<h1>ringscope diff: <span class=\"%s\">%s</span></h1>\n",
		      v->broken || v->unknown ? "bad" : "good", diff_outcome(d, v));
	buffer_string(b,
		      "<table><tr><th class=\"l\">side<th class=\"l\">file<th class=\"l\">command"
		      "<th>calls<th>threads</tr>\n");
	for (int side = 0; side < 2; side++) {
		buffer_printf(b, "<tr><td class=\"l\">%s<td class=\"l\">",
			      side ? "B, candidate" : "A, baseline");
		buffer_markup(b, d->side[side]->path);
		buffer_string(b, "<td class=\"l\">");
		buffer_markup(b, d->side[side]->command);
		buffer_printf(b, "<td>%" PRIu64 "<td>%u</tr>\n", d->side[side]->all.totals.calls,
			      d->side[side]->all.count);
	}
	buffer_string(b, "</table>\n<table><tr><th class=\"l\">rule<th class=\"l\">outcome</tr>\n");
	for (unsigned i = 0; i < v->count; i++) {
		buffer_string(b, "<tr><td class=\"l\">");
		buffer_markup(b, v->rule[i].text);
		buffer_printf(b, "<td class=\"l %s\">",
			      v->rule[i].outcome == RULE_KEPT ? "good" : "bad");
		buffer_markup(b, v->rule[i].outcome == RULE_KEPT ? "kept" : v->rule[i].because);
		buffer_string(b, "</tr>\n");
	}
	buffer_string(b, "</table>\n");
}

static void thread_html(struct buffer *b, const struct diff *d, const struct diff_thread *t)
{
	struct diff_line lines[2 * DIFF_CONTEXT + 2];
	const unsigned count = t->a && t->b ? diff_lines(d, t, lines) : 0;
	char name[96];

	role_text(t->a ? t->a : t->b, name, sizeof(name));
	buffer_string(b, "<h3>");
	buffer_markup(b, name);
	buffer_string(b, "</h3>\n");
	if (!count) {
		buffer_printf(b, "<p>Only in %c.</p>\n", t->a ? 'A' : 'B');
		return;
	}
	buffer_string(b,
		      "<table><tr><th><th>event<th class=\"l\">A<th>event<th class=\"l\">B</tr>\n");
	for (unsigned i = 0; i < count; i++) {
		const struct diff_line *l = &lines[i];

		buffer_printf(b, "<tr class=\"%s\"><td>%c",
			      l->mark == '-'   ? "gone"
			      : l->mark == '+' ? "come"
			      : l->mark == '!' ? "other"
					       : "same",
			      l->mark);
		for (int side = 0; side < 2; side++) {
			if (l->id[side])
				buffer_printf(b, "<td>%" PRIu64, l->id[side]);
			else
				buffer_string(b, "<td>");
			buffer_string(b, "<td class=\"l\">");
			buffer_markup(b, l->text[side]);
		}
		buffer_string(b, "</tr>\n");
	}
	buffer_string(b, "</table>\n");
}

static void threads_html(struct buffer *b, const struct diff *d)
{
	unsigned shown = 0, differ = 0;

	for (uint32_t i = 0; i < d->thread_count; i++)
		differ += diff_thread_differs(&d->threads[i]);
	buffer_printf(b,
		      "<h2>First difference of each thread</h2>\n<p>%u of %u threads differ.</p>\n",
		      differ, d->thread_count);
	for (uint32_t i = 0; i < d->thread_count && shown < DIFF_THREADS_SHOWN; i++) {
		if (!diff_thread_differs(&d->threads[i]))
			continue;
		shown++;
		thread_html(b, d, &d->threads[i]);
	}
	if (differ > shown)
		buffer_printf(b, "<p>And %u more.</p>\n", differ - shown);
}

/* The longest change, which a full bar stands for. */
static double change_most(const struct diff *d)
{
	double most = 1;

	for (uint32_t i = 0; i < d->row_count; i++)
		most = fmax(most, fabs((double)(d->rows[i].self[1] - d->rows[i].self[0])));
	return most;
}

static void rows_html(struct buffer *b, const struct diff *d)
{
	const double most = change_most(d);
	char name[96];

	buffer_printf(b,
		      "<h2>What changed</h2>\n<p>Kernel %s, nested items not counted; all changes,"
		      " dearest first.</p>\n<table><tr><th class=\"l\">program<th class=\"l\">item"
		      "<th>count<th>removed<th>added<th>changed<th>A<th>B<th>change"
		      "<th class=\"l\"></tr>\n",
		      diff_unit(d));
	for (uint32_t i = 0; i < d->row_count; i++) {
		const struct diff_row *r = &d->rows[i];
		const int64_t change = r->self[1] - r->self[0];

		if (!change && !r->removed && !r->added && !r->changed)
			continue;
		diff_row_name(r->kind, r->nr, name, sizeof(name));
		buffer_string(b, "<tr><td class=\"l\">");
		buffer_markup(b, r->program);
		buffer_string(b, "<td class=\"l\">");
		buffer_markup(b, name);
		buffer_printf(b,
			      "<td>%" PRIu64 "<td>%" PRIu64 "<td>%" PRIu64 "<td>%" PRIu64
			      "<td>%" PRId64 "<td>%" PRId64 "<td>%+" PRId64
			      "<td class=\"l\"><span class=\"bar%s\" style=\"width:%.1fem\"></span>"
			      "</tr>\n",
			      r->count[1], r->removed, r->added, r->changed, r->self[0], r->self[1],
			      change, change < 0 ? " less" : "", fabs((double)change) / most * 10);
	}
	buffer_string(b, "</table>\n");
}

static void totals_html(struct buffer *b, const struct diff *d)
{
	buffer_string(
		b, "<h2>Totals</h2>\n<table><tr><th class=\"l\">metric<th>A<th>B<th>change</tr>\n");
	for (unsigned m = 0; m < METRIC_SHOWN; m++) {
		const double was = verdict_metric(d, m, 0), is = verdict_metric(d, m, 1);

		buffer_printf(b, "<tr><td class=\"l\">%s<td>%.0f<td>%.0f<td>%+.0f</tr>\n",
			      verdict_metric_name(m), was, is, is - was);
	}
	buffer_string(b, "</table>\n");
}

void diff_html(struct buffer *b, const struct diff *d, const struct verdict *v)
{
	buffer_string(b, head);
	verdict_html(b, d, v);
	if (d->trial)
		diff_trial_html(b, d);
	threads_html(b, d);
	if (!d->trial)
		rows_html(b, d);
	totals_html(b, d);
	buffer_string(b, "</body></html>\n");
}
