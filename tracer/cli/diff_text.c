/* A comparison for people. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tracer/cli/diff_print.h"

/* A number with commas. */
static const char *grouped(char *to, size_t size, int64_t value, bool sign)
{
	char digits[32];
	size_t length, at = 0;

	snprintf(digits, sizeof(digits), "%" PRIu64,
		 value < 0 ? -(uint64_t)value : (uint64_t)value);
	length = strlen(digits);
	if (value < 0 || sign)
		to[at++] = value < 0 ? '-' : '+';
	for (size_t i = 0; i < length && at + 2 < size; i++) {
		to[at++] = digits[i];
		if ((length - 1 - i) % 3 == 0 && i + 1 < length)
			to[at++] = ',';
	}
	to[at] = 0;
	return to;
}

static void change_text(char *to, size_t size, double was, double is)
{
	if (was == is)
		snprintf(to, size, "=");
	else if (was > 0)
		snprintf(to, size, "%+.2f%%", (is - was) / was * 100);
	else
		snprintf(to, size, "new");
}

static void heads_print(struct buffer *b, const struct diff *d)
{
	for (int side = 0; side < 2; side++) {
		const struct side *s = d->side[side];
		char text[32];

		buffer_printf(b, "%c  ", side ? 'B' : 'A');
		buffer_clean(b, s->path);
		buffer_printf(b, "  (%s%s%s", s->reader ? "" : "baseline, ",
			      s->exact ? "exact, " : "",
			      grouped(text, sizeof(text), (int64_t)s->all.totals.calls, false));
		if (s->all.count)
			buffer_printf(b, " calls, %u threads)  ", s->all.count);
		else
			buffer_string(b, " calls)  ");
		buffer_clean(b, s->command);
		buffer_char(b, '\n');
	}
}

/* What hashes say of two that are not equal. */
static void alike_print(struct buffer *b, const struct diff *d)
{
	char structure[32], cost[32];

	if (!d->alike.known)
		return;
	buffer_printf(b, "\nby their hashes alike up to event %s in structure, %s in costs\n",
		      grouped(structure, sizeof(structure), (int64_t)d->alike.structure, false),
		      grouped(cost, sizeof(cost), (int64_t)d->alike.cost, false));
}

static void verdict_print(struct buffer *b, const struct diff *d, const struct verdict *v)
{
	buffer_printf(b, "\nverdict: %s", diff_outcome(d, v));
	if (v->broken || v->unknown)
		buffer_printf(b, " (of %u rules %u broken, %u cannot be told)", v->count, v->broken,
			      v->unknown);
	buffer_char(b, '\n');
	for (unsigned i = 0; i < v->count; i++) {
		const struct verdict_rule *r = &v->rule[i];

		buffer_printf(b, "  %-11s  %s%s", diff_rule_outcome(r), r->text,
			      r->outcome == RULE_KEPT ? "" : ": ");
		buffer_clean(b, r->outcome == RULE_KEPT ? "" : r->because);
		buffer_char(b, '\n');
	}
}

/* Cut or pad to width columns; guest text was made printable ASCII before. */
static void cell(struct buffer *b, const char *text, unsigned width)
{
	struct buffer clean = { 0 };

	buffer_clean(&clean, text);
	buffer_printf(b, "%-*.*s", (int)width, (int)width, buffer_text(&clean));
	buffer_free(&clean);
}

static void divergence_print(struct buffer *b, const struct diff *d, const struct diff_thread *t,
			     unsigned columns)
{
	const unsigned width = columns > 60 ? (columns - 31) / 2 : 24;
	struct diff_line lines[2 * DIFF_CONTEXT + 2];
	const unsigned count = diff_lines(d, t, lines);
	char name[96];

	role_text(t->a, name, sizeof(name));
	buffer_string(b, "  ");
	buffer_clean(b, name);
	buffer_printf(b, ": %u removed, %u added, %u answered differently, %u of them moved\n",
		      t->align.removed, t->align.added, t->changed, t->moved);
	for (unsigned i = 0; i < count; i++) {
		const struct diff_line *l = &lines[i];

		buffer_printf(b, "    %c ", l->mark);
		for (int side = 0; side < 2; side++) {
			if (l->id[side])
				buffer_printf(b, "%9" PRIu64 " ", l->id[side]);
			else
				buffer_printf(b, "%9s ", "");
			cell(b, l->text[side], width);
			buffer_string(b, side ? "\n" : " | ");
		}
	}
}

static void threads_print(struct buffer *b, const struct diff *d, unsigned columns)
{
	unsigned shown = 0, differ = 0;
	char name[96];

	for (uint32_t i = 0; i < d->thread_count; i++)
		differ += diff_thread_differs(&d->threads[i]);
	if (!differ)
		return;
	buffer_printf(b,
		      "\nfirst difference of each thread (%u of %u differ; - A only, + B only, !"
		      " another result)\n",
		      differ, d->thread_count);
	for (uint32_t i = 0; i < d->thread_count && shown < DIFF_THREADS_SHOWN; i++) {
		const struct diff_thread *t = &d->threads[i];

		if (!diff_thread_differs(t))
			continue;
		shown++;
		if (t->a && t->b) {
			divergence_print(b, d, t, columns);
			continue;
		}
		role_text(t->a ? t->a : t->b, name, sizeof(name));
		buffer_string(b, "  ");
		buffer_clean(b, name);
		buffer_printf(b, ": only in %c, with %u items\n", t->a ? 'A' : 'B',
			      (t->a ? t->a : t->b)->count);
	}
	if (differ > shown)
		buffer_printf(b, "  and %u more\n", differ - shown);
}

static void rows_print(struct buffer *b, const struct diff *d)
{
	unsigned shown = 0, rest = 0;
	char was[32], is[32], change[32], count[32], name[96];

	for (uint32_t i = 0; i < d->row_count; i++) {
		const struct diff_row *r = &d->rows[i];

		if (r->self[0] == r->self[1] && !r->removed && !r->added && !r->changed)
			continue;
		if (shown == DIFF_ROWS_SHOWN) {
			rest++;
			continue;
		}
		if (!shown++)
			buffer_printf(b,
				      "\nwhat changed, dearest first (kernel %s, nested items not"
				      " counted%s)\n  %9s %7s %7s %7s %15s %15s %13s  %s\n",
				      diff_unit(d),
				      diff_exact(d) ? ""
						    : "; of one run a side, so costs may be noise",
				      "count", "removed", "added", "changed", "A", "B", "change",
				      "program, item");
		diff_row_name(r->kind, r->nr, name, sizeof(name));
		buffer_printf(b, "  %9s %7" PRIu64 " %7" PRIu64 " %7" PRIu64 " %15s %15s %13s  ",
			      grouped(count, sizeof(count), (int64_t)r->count[1], false),
			      r->removed, r->added, r->changed,
			      grouped(was, sizeof(was), r->self[0], false),
			      grouped(is, sizeof(is), r->self[1], false),
			      grouped(change, sizeof(change), r->self[1] - r->self[0], true));
		buffer_clean(b, r->program);
		buffer_printf(b, ", %s\n", name);
	}
	if (rest)
		buffer_printf(b, "  and %u more\n", rest);
	if (d->cost_rest[0] != d->cost_rest[1])
		buffer_printf(
			b, "  %9s %7s %7s %7s %15s %15s %13s  %s\n", "", "", "", "",
			grouped(was, sizeof(was), d->cost_rest[0], false),
			grouped(is, sizeof(is), d->cost_rest[1], false),
			grouped(change, sizeof(change), d->cost_rest[1] - d->cost_rest[0], true),
			"ring 3, interrupts, outside calls");
}

static void errors_print(struct buffer *b, const struct diff *d)
{
	bool first = true;

	for (uint32_t i = 0; i < d->error_count; i++) {
		const struct diff_error *e = &d->errors[i];
		char call[64];

		if (e->count[0] == e->count[1])
			continue;
		if (first)
			buffer_string(b, "\nerrors whose number changed\n");
		first = false;
		diff_row_name(ITEM_CALL, e->nr, call, sizeof(call));
		buffer_printf(b, "  %6" PRIu64 " -> %-6" PRIu64 " %s from %s in ", e->count[0],
			      e->count[1], diff_error_name(e), call);
		buffer_clean(b, e->program);
		buffer_char(b, '\n');
	}
}

static void totals_print(struct buffer *b, const struct diff *d)
{
	char was[32], is[32], change[32];

	buffer_printf(b, "\ntotals (times in %s)\n  %-13s %18s %18s %10s\n", diff_unit(d), "", "A",
		      "B", "change");
	for (unsigned m = 0; m < METRIC_SHOWN; m++) {
		const double a = verdict_metric(d, m, 0), c = verdict_metric(d, m, 1);

		if (m == METRIC_INSTRUCTIONS && strcmp(diff_unit(d), "ns") == 0)
			continue;
		change_text(change, sizeof(change), a, c);
		buffer_printf(b, "  %-13s %18s %18s %10s\n", verdict_metric_name(m),
			      grouped(was, sizeof(was), (int64_t)a, false),
			      grouped(is, sizeof(is), (int64_t)c, false), change);
	}
}

static void functions_print(struct buffer *b, const struct diff *d)
{
	char was[32], is[32], change[32], count[32];

	if (d->function_count)
		buffer_printf(b,
			      "\nkernel functions that changed, most first (%s in themselves)\n"
			      "  %9s %9s %15s %15s %13s  %s\n",
			      diff_unit(d), "count A", "B", "A", "B", "change", "call, function");
	for (uint32_t i = 0; i < d->function_count && i < DIFF_ROWS_SHOWN; i++) {
		const struct diff_function *f = &d->functions[i];

		buffer_printf(b, "  %9s ",
			      grouped(count, sizeof(count), (int64_t)f->count[0], false));
		buffer_printf(b, "%9s %15s %15s %13s  ",
			      grouped(count, sizeof(count), (int64_t)f->count[1], false),
			      grouped(was, sizeof(was), f->self[0], false),
			      grouped(is, sizeof(is), f->self[1], false),
			      grouped(change, sizeof(change), f->self[1] - f->self[0], true));
		buffer_clean(b, f->call);
		buffer_string(b, ", ");
		buffer_clean(b, f->function[0] ? f->function : "the call's own path");
		buffer_char(b, '\n');
	}
	if (d->function_count > DIFF_ROWS_SHOWN)
		buffer_printf(b, "  and %u more\n", d->function_count - DIFF_ROWS_SHOWN);
}

void diff_text(struct buffer *b, const struct diff *d, const struct verdict *v, unsigned columns)
{
	heads_print(b, d);
	verdict_print(b, d, v);
	alike_print(b, d);
	if (d->trial) {
		diff_trial_text(b, d);
		buffer_string(b, "\nstructure, of the first run of each side:\n");
	}
	threads_print(b, d, columns);
	if (!d->trial)
		rows_print(b, d);
	functions_print(b, d);
	errors_print(b, d);
	totals_print(b, d);
}
