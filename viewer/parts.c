#include <stddef.h>

#include "viewer/paint.h"
#include "viewer/phrase.h"

/* What each box shows, in the order of what matters most: low screens show the
 * first rows only. */
static const struct part_row {
	enum part part;
	const char *label;
	size_t offset; /* of a uint64_t in struct counts */
} part_rows[] = {
	{ PART_CALLS, "calls", offsetof(struct counts, calls) },
	{ PART_CALLS, "errors", offsetof(struct counts, errors) },
	{ PART_CALLS, "absent", offsetof(struct counts, absent) },
	{ PART_CALLS, "in 3>0", offsetof(struct counts, down) },
	{ PART_CALLS, "out 0>3", offsetof(struct counts, up) },
	{ PART_MEMORY, "zero", offsetof(struct counts, zero) },
	{ PART_MEMORY, "file", offsetof(struct counts, file) },
	{ PART_MEMORY, "copied", offsetof(struct counts, copied) },
	{ PART_MEMORY, "stack", offsetof(struct counts, stack) },
	{ PART_MEMORY, "bad", offsetof(struct counts, bad) },
	{ PART_SCHED, "switch", offsetof(struct counts, switches) },
	{ PART_SCHED, "wake", offsetof(struct counts, wakeups) },
	{ PART_SCHED, "preempt", offsetof(struct counts, preempted) },
	{ PART_SCHED, "migrate", offsetof(struct counts, migrations) },
	{ PART_PROCESS, "made", offsetof(struct counts, created) },
	{ PART_PROCESS, "exec", offsetof(struct counts, execs) },
	{ PART_PROCESS, "signal", offsetof(struct counts, signals) },
	{ PART_PROCESS, "ended", offsetof(struct counts, ended) },
	{ PART_IRQ, "timer", offsetof(struct counts, timer) },
	{ PART_IRQ, "all", offsetof(struct counts, irqs) },
	{ PART_IRQ, "IPI", offsetof(struct counts, ipis) },
	{ PART_IRQ, "user", offsetof(struct counts, irqs_user) },
	{ PART_IRQ, "except", offsetof(struct counts, exceptions) },
};

static const char *const part_titles[PART_COUNT] = {
	[PART_CALLS] = "calls",     [PART_MEMORY] = "memory", [PART_SCHED] = "sched",
	[PART_PROCESS] = "process", [PART_IRQ] = "irq",
};

static int part_cols(const struct layout *l)
{
	return (l->main_cols - LAYOUT_GUTTER + 1) / PART_COUNT - 1;
}

int part_lane(const struct layout *l, enum part part)
{
	return LAYOUT_GUTTER + (int)part * (part_cols(l) + 1) + part_cols(l) / 2;
}

const char *part_title(enum part part)
{
	return part_titles[part];
}

static void paint_part(const struct session *s, struct grid *grid, struct rect box, enum part part)
{
	bool now = s->now.id != 0 && !session_counted(s) && event_part(&s->event) == part &&
		   (event_direction(&s->event) != CROSS_DOWN || session_progress(s) == 1000);
	int row = box.row + 1, label = box.cols > 24 ? 12 : 7;

	grid_box(grid, box, now ? STYLE_KERNEL : STYLE_DIM, NULL);
	grid_print(grid, box.col + 2, box.row, box.cols - 4, now ? STYLE_KERNEL_CHIP : STYLE_KERNEL,
		   " %s ", part_titles[part]);
	for (size_t i = 0; i < sizeof(part_rows) / sizeof(part_rows[0]); i++) {
		const char *base = (const char *)&s->now.counts;
		char count[16];

		if (part_rows[i].part != part || row >= box.row + box.rows - 1)
			continue;
		phrase_short(*(const uint64_t *)(base + part_rows[i].offset), count, sizeof(count));
		grid_print(grid, box.col + 1, row, label, STYLE_DIM, "%s", part_rows[i].label);
		grid_print_right(grid, box.col + 1, row, box.cols - 2, STYLE_PLAIN, "%s", count);
		row++;
	}
}

void paint_parts(const struct session *s, struct grid *grid, const struct layout *l)
{
	for (int part = 0; part < PART_COUNT; part++) {
		struct rect box = { LAYOUT_GUTTER + part * (part_cols(l) + 1), l->part_row,
				    part_cols(l), l->part_rows };

		paint_part(s, grid, box, (enum part)part);
	}
}
