#include "tracer/cli/profile_text.h"

#include <inttypes.h>
#include <stdio.h>

#include "schemas/events.h"
#include "tracer/cli/table.h"
#include "tracer/schema.h"

#define ROWS_SHOWN  40
#define WAITS_SHOWN 16

static void time_cell(char *to, size_t size, const struct profile_style *style, int64_t ns)
{
	if (style->exact)
		snprintf(to, size, "%" PRId64, ns);
	else
		time_format(to, (unsigned)size, ns);
}

/* A heading, marked if what is below it is not exact: mark is ">=" or "~". */
static void head_print(struct buffer *b, const struct profile_style *style, int width,
		       const char *mark, const char *head)
{
	char marked[24];

	snprintf(marked, sizeof(marked), "%s%s", style->gaps ? mark : "", head);
	buffer_printf(b, "%*s", width, marked);
}

static void rows_print(struct buffer *b, const struct profile_style *style, const struct profile *p)
{
	static const char *const heads[] = { "count",  "errors",  "total", "self", "untraced",
					     "nested", "blocked", "ready", "exit", "p50",
					     "p90",    "p99",     "p99.9", "max" };

	for (unsigned i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		head_print(b, style, i < 2 ? 8 : 10, i < 2 ? ">=" : "~", heads[i]);
		buffer_char(b, ' ');
	}
	buffer_string(b, " longest at  what\n");
	for (uint32_t i = 0; i < p->row_count && i < ROWS_SHOWN; i++) {
		const struct profile_row *w = &p->rows[i];
		const int64_t times[] = { w->total,   w->self,    profile_untraced(p, w),
					  w->nested,  w->blocked, w->ready,
					  w->leaving, w->p50,     w->p90,
					  w->p99,     w->p999,    w->longest };

		buffer_printf(b, "%8" PRIu64 " %8" PRIu64 " ", w->count, w->errors);
		for (size_t t = 0; t < sizeof(times) / sizeof(times[0]); t++) {
			char cell[32];

			time_cell(cell, sizeof(cell), style, times[t]);
			buffer_printf(b, "%10s ", cell);
		}
		buffer_printf(b, "%11" PRIu64 "  ", w->example);
		buffer_clean(b, w->name);
		buffer_char(b, '\n');
	}
	if (p->row_count > ROWS_SHOWN)
		buffer_printf(b, "and %u more; --json has all\n", p->row_count - ROWS_SHOWN);
}

static void waits_print(struct buffer *b, const struct profile_style *style,
			const struct profile *p)
{
	if (p->wait_count) {
		buffer_string(b, "\nwho waited for whom\n");
		head_print(b, style, 8, ">=", "count");
		head_print(b, style, 11, "~", "total");
		head_print(b, style, 11, "~", "longest");
		buffer_string(b, "  \n");
	}
	for (uint32_t i = 0; i < p->wait_count && i < WAITS_SHOWN; i++) {
		const struct profile_wait *w = &p->waits[i];
		const char *label = enum_label(KIND_WAIT, w->wait);
		char total[32], longest[32];

		time_cell(total, sizeof(total), style, w->total);
		time_cell(longest, sizeof(longest), style, w->longest);
		buffer_printf(b, "%8" PRIu64 " %10s %10s  ", w->count, total, longest);
		buffer_clean(b, w->waiter);
		buffer_printf(b, " for %s, woken by ", label ? label : "?");
		buffer_clean(b, w->waker);
		buffer_char(b, '\n');
	}
	if (p->wait_count > WAITS_SHOWN)
		buffer_printf(b, "and %u more\n", p->wait_count - WAITS_SHOWN);
}

static double percent(int64_t part, int64_t whole)
{
	return whole > 0 ? (double)part * 100 / (double)whole : 0;
}

static void shares_of_print(struct buffer *b, const struct profile_style *style,
			    const struct profile *p)
{
	static const char *const heads[] = { "user", "kernel", "blocked", "ready" };

	if (p->share_count) {
		buffer_string(b, "\nwhose time it was\n");
		for (unsigned i = 0; i < 4; i++)
			head_print(b, style, 11, "~", heads[i]);
		buffer_char(b, '\n');
	}
	for (uint32_t i = 0; i < p->share_count && i < WAITS_SHOWN; i++) {
		const struct profile_share *s = &p->shares[i];
		const int64_t times[] = { s->user, s->kernel, s->blocked, s->ready };
		const int64_t whole = s->user + s->kernel + s->blocked + s->ready;

		for (unsigned t = 0; t < 4; t++) {
			char cell[32];

			time_cell(cell, sizeof(cell), style, times[t]);
			buffer_printf(b, "%11s", cell);
		}
		buffer_printf(b, "  %3.0f %% user, %3.0f %% kernel, %3.0f %% waiting  ",
			      percent(s->user, whole), percent(s->kernel, whole),
			      percent(s->blocked + s->ready, whole));
		buffer_clean(b, s->name);
		buffer_char(b, '\n');
	}
	if (p->share_count > WAITS_SHOWN)
		buffer_printf(b, "and %u more; --json has all\n", p->share_count - WAITS_SHOWN);
}

/* What recording took, by what this run itself shows. */
static void tracing_print(struct buffer *b, const struct profile_style *style,
			  const struct profile *p)
{
	const int64_t cost = (int64_t)p->walk.events * p->walk.record_ns;
	char one[32], all[32];

	if (!p->walk.record_ns || style->ranged)
		return;
	time_cell(one, sizeof(one), style, p->walk.record_ns);
	time_cell(all, sizeof(all), style, cost);
	buffer_printf(b,
		      "tracing: %" PRIu64 " records, of which two follow each other after %s at"
		      " the least: %s, %.1f %% of user and kernel\n",
		      p->walk.events, one, all, percent(cost, p->user + p->kernel));
}

static void shares_print(struct buffer *b, const struct profile_style *style,
			 const struct profile *p)
{
	char cell[6][32];
	const int64_t times[] = { p->elapsed, p->user, p->kernel,
				  p->idle,    p->held, p->elapsed - p->user - p->kernel - p->idle };

	for (unsigned i = 0; i < 6; i++)
		time_cell(cell[i], sizeof(cell[i]), style, times[i]);
	buffer_printf(
		b,
		"\nall CPUs: %s%s = user %s (%.1f %%) + kernel %s (%.1f %%) + idle %s (%.1f %%);"
		" error %s\n",
		style->gaps && style->ranged ? "about " : "", cell[0], cell[1],
		percent(p->user, p->elapsed), cell[2], percent(p->kernel, p->elapsed), cell[3],
		percent(p->idle, p->elapsed), cell[5]);
	if (!style->ranged)
		buffer_printf(b, "of the kernel's, waiting for room in the trace ring: %s\n",
			      cell[4]);
}

void profile_text(struct buffer *b, const struct profile *p, const struct profile_style *style)
{
	rows_print(b, style, p);
	waits_print(b, style, p);
	shares_of_print(b, style, p);
	shares_print(b, style, p);
	tracing_print(b, style, p);
}
