#include "viewer/lane_cell.h"

#include <inttypes.h>
#include <stdio.h>

#include "viewer/label.h"
#include "viewer/model.h"
#include "viewer/paint.h"
#include "viewer/phrase.h"

#define HATCH 0x2592

static const enum actor_state states[RUN_COUNT] = {
	[RUN_IDLE] = ACTOR_STATES,     [RUN_USER] = ACTOR_USER,     [RUN_KERNEL] = ACTOR_KERNEL,
	[RUN_FAULT] = ACTOR_FAULT,     [RUN_READY] = ACTOR_READY,   [RUN_SLEEP] = ACTOR_SLEEP,
	[RUN_STOPPED] = ACTOR_STOPPED, [RUN_ZOMBIE] = ACTOR_ZOMBIE,
};

/* Interrupts and nothing else: the time in ring 0 is theirs. */
static bool interrupts_only(uint64_t kinds)
{
	const uint64_t own = EVENT_SET(interrupt) | EVENT_SET(interrupt_end) | EVENT_SET(nmi) |
			     EVENT_SET(nmi_end);

	return kinds != 0 && (kinds & ~own) == 0;
}

static struct lane_cell run_cell(const struct lod_sum *sum, enum run_state run, bool cpu)
{
	enum actor_state state = states[run];

	if (run == RUN_IDLE)
		return (struct lane_cell){ cpu ? '.' : ' ', STYLE_DIM };
	if (run == RUN_KERNEL && interrupts_only(sum->kinds))
		state = ACTOR_IRQ;
	return (struct lane_cell){ (unsigned char)state_letter(state), state_style(state) };
}

struct lane_cell lane_cell(const struct lod_sum *sum, bool cpu)
{
	enum run_state most = RUN_IDLE, second = RUN_IDLE;
	int64_t all = 0, ran = 0;
	struct lane_cell cell;

	for (enum run_state run = 0; run < RUN_COUNT; run++) {
		all += sum->time[run];
		if (run == RUN_USER || run == RUN_KERNEL || run == RUN_FAULT)
			ran += sum->time[run];
		if (sum->time[run] > sum->time[most])
			most = run;
	}
	if (sum->lost > 0)
		return (struct lane_cell){ HATCH, STYLE_ERROR };
	cell = run_cell(sum, most, cpu);
	if (sum->time[most] < all - all / 4) {
		for (enum run_state run = 0; run < RUN_COUNT; run++)
			if (run != most && run != RUN_IDLE &&
			    (second == RUN_IDLE || sum->time[run] > sum->time[second]))
				second = run;
		cell = run_cell(sum, most == RUN_IDLE || most == RUN_SLEEP ? second : most, cpu);
		cell.glyph = '%';
	} else if (ran > 0 && (most == RUN_IDLE || most == RUN_SLEEP)) {
		cell.glyph = '\'';
		cell.style = STYLE_PLAIN;
	}
	return cell;
}

/* "user 1.2ms, ", most time first. */
static size_t times_text(const struct lod_sum *sum, char *text, size_t size)
{
	bool told[RUN_COUNT] = { false };
	size_t used = 0;

	for (;;) {
		int most = -1;
		char ns[24];

		for (int run = 0; run < RUN_COUNT; run++)
			if (!told[run] && sum->time[run] > 0 &&
			    (most < 0 || sum->time[run] > sum->time[most]))
				most = run;
		if (most < 0 || used + 48 > size)
			return used;
		told[most] = true;
		phrase_ns(sum->time[most], ns, sizeof(ns));
		used += (size_t)snprintf(text + used, size - used, "%s%s %s", used ? ", " : "",
					 run_state_name((enum run_state)most), ns);
	}
}

void lane_sum_text(const struct lod_sum *sum, char *text, size_t size)
{
	size_t used = times_text(sum, text, size);
	char ns[24];

	used += (size_t)snprintf(text + used, size - used, "; %" PRIu64 " event%s", sum->n,
				 sum->n == 1 ? "" : "s");
	if (sum->errors > 0 && used < size)
		used += (size_t)snprintf(text + used, size - used, ", %" PRIu64 " failed",
					 sum->errors);
	phrase_ns(sum->worst, ns, sizeof(ns));
	if (sum->worst_id != 0 && used < size)
		snprintf(text + used, size - used, "; longest %s, event %" PRIu64, ns,
			 sum->worst_id);
}

void lane_name(const struct scale_row *row, char *text, size_t size)
{
	if (row->cpu)
		snprintf(text, size, "cpu %" PRIu32, row->who.lane);
	else
		snprintf(text, size, "%s %" PRIu32, row->who.name, row->who.tid);
}

struct density density(const struct lod_picture *p, int column)
{
	struct density d = { 0 };

	for (unsigned i = 0; i < p->lanes && p->lane[i] < LANE_IDLE; i++) {
		const struct lod_sum *sum = &p->sum[(size_t)i * p->columns + (unsigned)column];

		d.n += sum->n;
		d.errors += sum->errors;
		d.lost += sum->lost;
	}
	return d;
}

uint32_t density_glyph(struct density d, uint64_t most)
{
	static const char glyphs[] = ".:|#";

	if (d.lost > 0)
		return HATCH;
	if (d.n == 0)
		return ' ';
	return (unsigned char)glyphs[(unsigned)((double)d.n * 3 / (double)most + 0.5)];
}
