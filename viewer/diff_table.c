/* The diff view's tables: totals, threads, and the states of each over time. */
#include <stdio.h>

#include "tracer/analysis/verdict.h"
#include "viewer/diff_paint.h"
#include "viewer/lane_cell.h"
#include "viewer/phrase.h"

enum { NAME_COLS = 17, DIFFER_COLS = 8 };

double thread_aligned(const struct diff_thread *t)
{
	const double all = t->align.same + t->align.removed + t->align.added;

	return all > 0 ? t->align.same * 100 / all : 100;
}

void thread_text(const struct diff_thread *t, char *text, size_t size)
{
	role_text(t->a != NULL ? t->a : t->b, text, size);
}

/* --- Totals and threads -------------------------------------------------------------------------
 */

static bool metric_cost(enum verdict_metric m)
{
	return m == METRIC_USER || m == METRIC_KERNEL || m == METRIC_INSTRUCTIONS ||
	       m == METRIC_ELAPSED;
}

static void metric_text(enum verdict_metric m, bool exact, double value, char *text, size_t size)
{
	if (metric_cost(m) && !exact)
		phrase_ns((int64_t)value, text, size);
	else
		phrase_count(value < 0 ? 0 : (uint64_t)value, text, size);
}

static void paint_metric(const struct diff *d, struct grid *grid, struct rect line,
			 enum verdict_metric m)
{
	const bool exact = d->side[0]->exact && d->side[1]->exact;
	const double a = verdict_metric(d, m, 0), b = verdict_metric(d, m, 1);
	const bool sure = exact || !metric_cost(m);
	char was[32], is[32], change[32] = "=";

	metric_text(m, exact, a, was, sizeof(was));
	metric_text(m, exact, b, is, sizeof(is));
	if (a != b && a > 0)
		snprintf(change, sizeof(change), "%+.1f%%", (b - a) / a * 100);
	else if (a != b)
		snprintf(change, sizeof(change), "new");
	grid_print(grid, line.col + 1, line.row, 15, STYLE_PLAIN, "%s", verdict_metric_name(m));
	grid_print_right(grid, line.col + 16, line.row, 14, STYLE_PLAIN, "%s", was);
	grid_print_right(grid, line.col + 30, line.row, 14, STYLE_PLAIN, "%s", is);
	grid_print_right(grid, line.col + 44, line.row, 11,
			 a == b ? STYLE_DIM
			 : sure ? STYLE_ERROR
				: STYLE_READY,
			 "%s", change);
	grid_print(grid, line.col + 57, line.row, line.cols - 58, sure ? STYLE_PLAIN : STYLE_DIM,
		   "%s",
		   a == b ? ""
		   : sure ? metric_cost(m) ? "YES exact cost" : "YES exact count"
			  : "no, one run each");
}

void paint_metrics(const struct session *s, struct grid *grid, struct rect area)
{
	const struct diff *d = &s->versus.shot->diff;
	static const enum verdict_metric order[] = {
		METRIC_DIFFERENCES, METRIC_CALLS,   METRIC_ERRORS,     METRIC_FAULTS,
		METRIC_SWITCHES,    METRIC_WAKEUPS, METRIC_KERNEL,     METRIC_USER,
		METRIC_ELAPSED,     METRIC_SIGNALS, METRIC_INTERRUPTS, METRIC_EXCEPTIONS,
	};

	grid_fill(grid, (struct rect){ area.col, area.row, area.cols, 1 }, STYLE_BAR, ' ');
	grid_print(grid, area.col + 1, area.row, 15, STYLE_BAR, "in all");
	grid_print_right(grid, area.col + 16, area.row, 14, STYLE_BAR, "A");
	grid_print_right(grid, area.col + 30, area.row, 14, STYLE_BAR, "B");
	grid_print_right(grid, area.col + 44, area.row, 11, STYLE_BAR, "change");
	grid_print(grid, area.col + 57, area.row, area.cols - 58, STYLE_BAR, "sure?");
	for (int i = 0; i + 1 < area.rows && i < (int)(sizeof(order) / sizeof(order[0])); i++)
		paint_metric(d, grid, (struct rect){ area.col, area.row + 1 + i, area.cols, 1 },
			     order[i]);
}

/* Threads, those that differ first. */
void paint_threads(const struct session *s, struct grid *grid, struct rect area)
{
	const struct diff *d = &s->versus.shot->diff;
	const struct versus_difference *here = versus_difference(&s->versus);
	int row = area.row + 1;

	grid_fill(grid, (struct rect){ area.col, area.row, area.cols, 1 }, STYLE_BAR, ' ');
	grid_print(grid, area.col + 1, area.row, 24, STYLE_BAR, "threads (%u)", d->thread_count);
	grid_print(grid, area.col + 26, area.row, area.cols - 27, STYLE_BAR,
		   " aligned  only A  only B changed   moved");
	for (int same = 0; same < 2; same++) {
		for (uint32_t i = 0; i < d->thread_count && row < area.row + area.rows; i++) {
			const struct diff_thread *t = &d->threads[i];
			const bool differs = t->a == NULL || t->b == NULL || t->first.any;
			const enum style style = here != NULL && here->thread == i ? STYLE_CURSOR
						 : differs                         ? STYLE_PLAIN
										   : STYLE_DIM;
			char name[96];

			if (differs != (same == 0))
				continue;
			thread_text(t, name, sizeof(name));
			grid_print_name(grid, area.col + 1, row, 25, style, name);
			if (t->a == NULL || t->b == NULL)
				grid_print(grid, area.col + 27, row, area.cols - 28, STYLE_ERROR,
					   "only in %c", t->a != NULL ? 'A' : 'B');
			else
				grid_print(grid, area.col + 26, row, area.cols - 27, style,
					   "%7.1f%% %7u %7u %7u %7u", thread_aligned(t),
					   t->align.removed, t->align.added, t->changed, t->moved);
			row++;
		}
	}
}

/* --- Lanes
 * ----------------------------------------------------------------------------------------- */

int versus_columns(int cols)
{
	return cols - NAME_COLS - DIFFER_COLS - 3 < 1 ? 0 : cols - NAME_COLS - DIFFER_COLS - 3;
}

static void paint_lane_side(const struct versus_lane *lane, int side, struct grid *grid, int row)
{
	const struct lod_picture *p = &lane->picture[side], *other = &lane->picture[1 - side];

	grid_put(grid, NAME_COLS - 1, row, STYLE_KEY, side == 0 ? 'A' : 'B');
	grid_put(grid, NAME_COLS, row, STYLE_DIM, 0x2502);
	for (unsigned i = 0; p->lanes > 0 && i < p->columns; i++) {
		const struct lane_cell cell = lane_cell(&p->sum[i], false);
		const bool differs = other->lanes > 0 && i < other->columns &&
				     lane_cell(&other->sum[i], false).glyph != cell.glyph;

		grid_put(grid, NAME_COLS + 1 + (int)i, row, differs ? cell.style : STYLE_DIM,
			 cell.glyph);
	}
}

/* How many columns differ. */
static unsigned lane_differs(const struct versus_lane *lane)
{
	const struct lod_picture *a = &lane->picture[0], *b = &lane->picture[1];
	unsigned n = 0;

	for (unsigned i = 0; a->lanes > 0 && b->lanes > 0 && i < a->columns && i < b->columns; i++)
		n += lane_cell(&a->sum[i], false).glyph != lane_cell(&b->sum[i], false).glyph;
	return n;
}

void paint_versus_lanes(const struct session *s, struct grid *grid, int row, int rows)
{
	const struct versus_shot *shot = s->versus.shot;
	const struct versus_difference *here = versus_difference(&s->versus);
	unsigned first = 0;

	for (int i = 0; i < grid->cols; i++)
		grid_put(grid, i, row, STYLE_DIM, 0x2500);
	grid_print(grid, 1, row, grid->cols - 2, STYLE_KEY,
		   " when each thread was in which state, from its birth to its end ");
	grid_print_right(grid, 0, row, grid->cols - 1, STYLE_DIM, " differ");
	for (unsigned i = 0; here != NULL && i < shot->lanes; i++)
		if (shot->lane[i].thread == here->thread)
			first = i;
	for (unsigned i = first; i < shot->lanes && rows >= 3; i++, row += 2, rows -= 2) {
		const struct versus_lane *lane = &shot->lane[i];
		char name[96];

		thread_text(&shot->diff.threads[lane->thread], name, sizeof(name));
		grid_print_name(grid, 1, row + 1, NAME_COLS - 3,
				here != NULL && here->thread == lane->thread ? STYLE_CURSOR
									     : STYLE_PLAIN,
				name);
		paint_lane_side(lane, 0, grid, row + 1);
		paint_lane_side(lane, 1, grid, row + 2);
		grid_print_right(grid, grid->cols - DIFFER_COLS, row + 2, DIFFER_COLS - 1,
				 lane_differs(lane) > 0 ? STYLE_READY : STYLE_DIM, "%u",
				 lane_differs(lane));
	}
}
