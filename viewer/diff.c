/* The diff view: this recording (A) beside another (B): the selected difference with what
 * is around it, the totals, the threads, and when each was in which state. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "viewer/diff_paint.h"
#include "viewer/paint.h"
#include "viewer/phrase.h"

enum { ROW_SIDES = 1, ROW_WHICH = 2, ROW_STEPS = 3, WIDE_COLS = 130, ID_COLS = 11 };
enum { METRIC_COLS = 78, PARTING_ROWS = 2 };

/* --- Heads ---------------------------------------------------------------------------------- */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static int paint_side_head(struct grid *grid, int col, const struct side *s, char letter)
{
	char calls[24];

	phrase_count(s->all.totals.calls, calls, sizeof(calls));
	col += grid_print(grid, col, ROW_SIDES, 2, STYLE_KEY, "%c ", letter);
	col += grid_print(grid, col, ROW_SIDES, 24, STYLE_BOLD, "%s", base_name(s->path));
	col += grid_print(grid, col, ROW_SIDES, 50, STYLE_PLAIN, " %s calls, %u threads%s%s", calls,
			  s->all.count, s->exact ? ", exact" : "",
			  s->lost > 0    ? ", LOST"
			  : !s->complete ? ", CUT OFF"
					 : "");
	return col + 3;
}

static void paint_heads(const struct session *s, struct grid *grid)
{
	const struct versus_shot *shot = s->versus.shot;
	int col = paint_side_head(grid, 1, &shot->a, 'A');

	col = paint_side_head(grid, col, &shot->b, 'B');
	if (strcmp(shot->a.command, shot->b.command) != 0)
		grid_print(grid, col, ROW_SIDES, grid->cols - col, STYLE_READY,
			   grid->cols >= WIDE_COLS ? "they ran different commands" : "other cmd");
}

static void paint_which(const struct session *s, struct grid *grid)
{
	const struct versus *v = &s->versus;
	const struct versus_difference *d = versus_difference(v);
	const struct diff_thread *t;
	char name[96];

	grid_fill(grid, (struct rect){ 0, ROW_WHICH, grid->cols, 1 }, STYLE_BAR, ' ');
	if (d == NULL) {
		grid_print(grid, 1, ROW_WHICH, grid->cols - 2, STYLE_BAR,
			   "no difference in what was done%s",
			   v->shot->diff.equal ? ", and none in what it cost" : "");
		return;
	}
	t = &v->shot->diff.threads[d->thread];
	thread_text(t, name, sizeof(name));
	if (d->mark == 'A' || d->mark == 'B')
		grid_print(grid, 1, ROW_WHICH, grid->cols - 2, STYLE_BAR,
			   "difference %u of %u%s  %s is only in %c, with %u items",
			   v->selected + 1, v->shot->count, v->shot->more > 0 ? "+" : "", name,
			   d->mark, d->count);
	else
		grid_print(
			grid, 1, ROW_WHICH, grid->cols - 2, STYLE_BAR,
			"difference %u of %u%s  %s: %.1f%% aligned, only A %u, B %u, changed %u, moved %u",
			v->selected + 1, v->shot->count, v->shot->more > 0 ? "+" : "", name,
			thread_aligned(t), t->align.removed, t->align.added, t->changed, t->moved);
}

/* --- Steps in two columns ----------------------------------------------------------------------
 */

static void paint_item(struct grid *grid, struct rect area, struct side *side,
		       const struct role *role, uint32_t index, enum style style)
{
	char id[32], text[512];

	if (index >= role->count)
		return;
	phrase_count(role->items[index].id, id, sizeof(id));
	grid_print_right(grid, area.col, area.row, ID_COLS - 1, STYLE_DIM, "%s", id);
	side_item_text(side, &role->items[index], text, sizeof(text));
	grid_print(grid, area.col + ID_COLS, area.row, area.cols - ID_COLS, style, "%s", text);
}

static void paint_step(const struct session *s, struct grid *grid, int row,
		       const struct diff_step *step, bool first)
{
	struct versus_shot *shot = s->versus.shot;
	const struct diff_thread *t = &shot->diff.threads[versus_difference(&s->versus)->thread];
	const int half = (grid->cols - 3) / 2;
	const enum style style = step->mark == ' '   ? STYLE_PLAIN
				 : step->mark == '!' ? STYLE_READY
						     : STYLE_ERROR;

	if (first)
		grid_put(grid, 0, row, STYLE_KEY, '>');
	grid_put(grid, 1, row, style, (unsigned char)step->mark);
	if (step->mark != '+')
		paint_item(grid, (struct rect){ 2, row, half, 1 }, &shot->a, t->a, step->a, style);
	if (step->mark != '+' && step->a < t->a->count)
		grid_aim(grid, (struct rect){ 2, row, half, 1 }, AIM_EVENT,
			 (int64_t)t->a->items[step->a].id);
	if (step->mark == '+')
		grid_print(grid, 2 + ID_COLS, row, half - ID_COLS, STYLE_DIM, "<not in A>");
	grid_put(grid, 2 + half, row, STYLE_DIM, 0x2502);
	if (step->mark != '-')
		paint_item(grid, (struct rect){ 3 + half, row, half, 1 }, &shot->b, t->b, step->b,
			   style);
	else
		grid_print(grid, 3 + half + ID_COLS, row, half - ID_COLS, STYLE_DIM, "<not in B>");
	if (first)
		grid->focus_row = row;
}

/* The item on either side of the selected difference: of what was done in place of one
 * thing, both. */
static bool step_items(const struct versus *v, const struct item **a, const struct item **b)
{
	const struct versus_difference *d = versus_difference(v);
	const struct diff_thread *t = &v->shot->diff.threads[d->thread];
	uint32_t other = v->step;

	*a = d->mark != '+' && d->a < t->a->count ? &t->a->items[d->a] : NULL;
	*b = d->mark != '-' && d->b < t->b->count ? &t->b->items[d->b] : NULL;
	while (d->mark == '-' && other < v->step_count && v->steps[other].mark == '-')
		other++;
	if (d->mark == '-' && other < v->step_count && v->steps[other].mark == '+')
		*b = &t->b->items[v->steps[other].b];
	return *a != NULL || *b != NULL;
}

/* Both texts in full, from a little before where they part. */
static void paint_parting(const struct session *s, struct grid *grid, int row)
{
	struct versus_shot *shot = s->versus.shot;
	const struct item *item[2];
	char text[2][1024] = { "", "" };
	size_t same = 0, from;

	if (!step_items(&s->versus, &item[0], &item[1]))
		return;
	for (int i = 0; i < 2; i++)
		if (item[i] != NULL)
			side_item_text(i == 0 ? &shot->a : &shot->b, item[i], text[i],
				       sizeof(text[i]));
	while (text[0][same] != '\0' && text[0][same] == text[1][same])
		same++;
	from = same > (size_t)grid->cols / 3 ? same - (size_t)grid->cols / 3 : 0;
	for (int i = 0; i < 2; i++) {
		int col = 1 + grid_print(grid, 1, row + i, 2, STYLE_KEY, "%c ", i == 0 ? 'A' : 'B');

		if (item[i] == NULL) {
			grid_print(grid, col, row + i, grid->cols - col, STYLE_DIM,
				   "nothing in its place");
			continue;
		}
		if (from > 0)
			col += grid_print(grid, col, row + i, 4, STYLE_DIM, "... ");
		col += grid_print(grid, col, row + i, (int)(same - from), STYLE_PLAIN, "%.*s",
				  (int)(same - from), text[i] + from);
		grid_print(grid, col, row + i, grid->cols - col - 1, STYLE_ERROR, "%s",
			   text[i] + same);
	}
}

static void paint_steps(const struct session *s, struct grid *grid, int rows)
{
	const struct versus *v = &s->versus;
	const int shown = rows - PARTING_ROWS;
	const uint32_t before = (uint32_t)shown / 3;
	const uint32_t from = v->step > before ? v->step - before : 0;

	for (uint32_t i = 0; i < (uint32_t)shown && from + i < v->step_count; i++)
		paint_step(s, grid, ROW_STEPS + (int)i, &v->steps[from + i], from + i == v->step);
	paint_parting(s, grid, ROW_STEPS + shown);
}

/* The items of a thread that only one side has. */
static void paint_lonely(const struct session *s, struct grid *grid, int rows)
{
	struct versus_shot *shot = s->versus.shot;
	const struct versus_difference *d = versus_difference(&s->versus);
	const struct diff_thread *t = &shot->diff.threads[d->thread];
	const struct role *role = t->a != NULL ? t->a : t->b;

	for (uint32_t i = 0; i < (uint32_t)rows && i < role->count; i++)
		paint_item(grid, (struct rect){ 2, ROW_STEPS + (int)i, grid->cols - 3, 1 },
			   t->a != NULL ? &shot->a : &shot->b, role, i, STYLE_ERROR);
}

/* --- The view
 * ---------------------------------------------------------------------------------------- */

static void paint_nothing(const struct session *s, struct grid *grid)
{
	const struct versus *v = &s->versus;
	const struct rect area = { 1, ROW_WHICH, grid->cols - 2, 3 };

	if (v->failed.text[0] != '\0')
		grid_wrap(grid, area, STYLE_ERROR, v->failed.text);
	else if (v->other[0] == '\0')
		grid_wrap(grid, area, STYLE_PLAIN,
			  "Compare with what?  Type :diff FILE, or start with two files: ringscope "
			  "view A.db B.db");
	else
		grid_print(grid, area.col, area.row, area.cols, STYLE_KEY,
			   "comparing with %s: %u%%  (other views go on)", base_name(v->other),
			   versus_percent(v));
}

void paint_diff(const struct session *s, struct grid *grid)
{
	const struct versus *v = &s->versus;
	const struct versus_difference *d = versus_difference(v);
	const bool wide = grid->cols >= WIDE_COLS;
	const int end = grid->rows - 2, below = end - ROW_STEPS;
	const int steps = below * 2 / 5 + 1;
	const int metrics = below / 4 + 1;
	const int table = ROW_STEPS + steps;

	if (v->shot == NULL) {
		paint_nothing(s, grid);
		return;
	}
	paint_heads(s, grid);
	paint_which(s, grid);
	if (d != NULL && (d->mark == 'A' || d->mark == 'B'))
		paint_lonely(s, grid, steps);
	else if (d != NULL)
		paint_steps(s, grid, steps);
	if (wide) {
		paint_metrics(s, grid, (struct rect){ 0, table, METRIC_COLS, metrics });
		paint_threads(s, grid,
			      (struct rect){ METRIC_COLS + 1, table, grid->cols - METRIC_COLS - 1,
					     metrics });
	} else {
		paint_metrics(s, grid, (struct rect){ 0, table, grid->cols, metrics });
	}
	paint_versus_lanes(s, grid, table + metrics, end - table - metrics);
}
