/* The crash view: the story as steps that cite their events, beside it registers, callers
 * and memory, below it what CPUs and threads did in the last moments. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "viewer/label.h"
#include "viewer/lane_cell.h"
#include "viewer/paint.h"
#include "viewer/phrase.h"

enum { ROW_HEAD = 1, ROW_STORY = 2, WIDE_COLS = 130, EVENT_COLS = 11, NAME_COLS = 17 };
enum { RIGHT_COLS = 76 /* three registers a line */ };

#define FACT_BYTES 1024
#define FAR        100000 /* below any screen: what is drawn there is only measured */

static const char *const headings[] = {
#define SECTION(id, name, heading) [STORY_##id] = heading,
	STORY_SECTIONS(SECTION)
#undef SECTION
};

/* --- Facts ------------------------------------------------------------------------------ */

static int paint_fact(struct grid *grid, struct rect area, const struct fact *f, bool selected)
{
	const enum style style = selected ? STYLE_CURSOR : f->deduced ? STYLE_READY : STYLE_PLAIN;
	const struct rect text = { area.col + EVENT_COLS, area.row, area.cols - EVENT_COLS - 1,
				   area.rows };
	char line[FACT_BYTES], id[32];

	if (f->event != 0) {
		phrase_count(f->event, id, sizeof(id));
		grid_print_right(grid, area.col, area.row, EVENT_COLS - 1,
				 selected ? STYLE_CURSOR : STYLE_DIM, "%s", id);
	}
	snprintf(line, sizeof(line), "%s%s", f->text == NULL ? "" : f->text,
		 f->deduced ? " (?)" : "");
	if (selected && area.row < grid->rows)
		grid->focus_row = area.row;
	return grid_wrap(grid, text, style, line);
}

/* One pane of the story: facts from..to of order.  Scrolled so that the selected one is
 * in sight. */
struct pane {
	const struct fact **order;
	unsigned from, to, selected;
	struct rect area;
};

/* Draw it all with its first row at `row`, or below the screen to measure; where the
 * selected fact ends goes to *end.  Rows outside the pane are drawn over later. */
static int pane_walk(const struct pane *p, struct grid *grid, int row, bool draw, int *end)
{
	const int bottom = p->area.row + p->area.rows;
	int at = row;

	for (unsigned i = p->from; i < p->to; i++) {
		const struct fact *f = p->order[i];
		struct rect area = { p->area.col, 0, p->area.cols, 30 };

		if (i == p->from || p->order[i - 1]->section != f->section) {
			if (draw && at >= p->area.row && at < bottom)
				grid_print(grid, p->area.col + 1, at, p->area.cols - 2, STYLE_KEY,
					   "%s", headings[f->section]);
			at++;
		}
		area.row = FAR;
		area.rows = paint_fact(grid, area, f, false);
		area.row = at;
		if (draw && at >= p->area.row && at < bottom) {
			if (at + area.rows > bottom)
				area.rows = bottom - at;
			paint_fact(grid, area, f, i == p->selected);
			if (f->event != 0)
				grid_aim(grid, area, AIM_EVENT, (int64_t)f->event);
			at += area.rows;
		} else {
			at += area.rows;
		}
		if (i == p->selected)
			*end = at;
	}
	return at - row;
}

static void paint_pane(const struct pane *whole, struct grid *grid)
{
	struct pane p = *whole;
	int end = 0, scroll = 0, below;
	const int all = pane_walk(&p, grid, 0, false, &end);

	if (all > p.area.rows) {
		p.area.rows--; /* a line that says how many more there are */
		scroll = end > p.area.rows ? end - p.area.rows : 0;
	}
	pane_walk(&p, grid, p.area.row - scroll, true, &end);
	below = all - scroll - p.area.rows;
	if (below > 0)
		grid_print_right(grid, p.area.col, p.area.row + p.area.rows, p.area.cols - 1,
				 STYLE_READY, " j k: %d more line%s ", below,
				 below == 1 ? "" : "s");
}

static void paint_story_panes(const struct session *s, struct grid *grid, struct rect area)
{
	const struct fact *order[TALE_FACTS];
	const unsigned count = tale_order(&s->tale.shot->story, order, TALE_FACTS);
	const bool wide = area.cols >= WIDE_COLS;
	struct pane left = { order, 0, count, s->tale.selected, area }, right;

	if (!wide) {
		paint_pane(&left, grid);
		return;
	}
	while (left.to > 0 && tale_right(order[left.to - 1]->section))
		left.to--;
	right = left;
	right.from = left.to;
	right.to = count;
	left.area.cols = area.cols > 2 * RIGHT_COLS ? area.cols - RIGHT_COLS : area.cols / 2;
	right.area.col = left.area.cols + 1;
	right.area.cols = area.cols - right.area.col;
	for (int row = area.row; row < area.row + area.rows; row++)
		grid_put(grid, left.area.cols, row, STYLE_DIM, 0x2502);
	paint_pane(&left, grid);
	paint_pane(&right, grid);
}

/* --- The last moments --------------------------------------------------------------------- */

static int moment_column(const struct tale_shot *shot, int64_t time)
{
	return time < shot->from || time >= shot->to
		       ? -1
		       : (int)((__int128)(time - shot->from) * shot->picture.columns /
			       (shot->to - shot->from));
}

static void paint_moment_lane(const struct session *s, struct grid *grid, int row,
			      const struct tale_lane *lane)
{
	const struct tale_shot *shot = s->tale.shot;
	const int cursor = moment_column(shot, s->now.time);
	const int end = moment_column(shot, shot->time);
	char who[96];

	if (lane->cpu)
		snprintf(who, sizeof(who), "cpu %u", lane->lane);
	else
		phrase_thread(s->reader, lane->tid, shot->story.event, who, sizeof(who));
	grid_print_name(grid, 1, row, NAME_COLS - 1,
			!lane->cpu && lane->tid == shot->story.tid ? STYLE_ERROR : STYLE_PLAIN,
			who);
	grid_put(grid, NAME_COLS, row, STYLE_DIM, 0x2502);
	for (unsigned i = 0; i < shot->picture.columns; i++) {
		const struct lane_cell cell = lane_cell(
			&shot->picture.sum[(size_t)lane->index * shot->picture.columns + i],
			lane->cpu);

		grid_put(grid, NAME_COLS + 1 + (int)i, row,
			 (int)i == end      ? STYLE_FAULT_CHIP
			 : (int)i == cursor ? STYLE_CURSOR
					    : cell.style,
			 cell.glyph);
		grid_aim(grid, (struct rect){ NAME_COLS + 1 + (int)i, row, 1, 1 }, AIM_TIME,
			 shot->from + (int64_t)((__int128)(shot->to - shot->from) * i /
						shot->picture.columns));
	}
	grid_put(grid, NAME_COLS + 1 + (int)shot->picture.columns, row, STYLE_DIM, 0x2502);
}

static void paint_moments(const struct session *s, struct grid *grid, int row, int rows)
{
	const struct tale_shot *shot = s->tale.shot;
	const int end = moment_column(shot, shot->time);
	char text[24];

	phrase_ns(shot->time - shot->from, text, sizeof(text));
	for (int i = 0; i < grid->cols; i++)
		grid_put(grid, i, row, STYLE_DIM, 0x2500);
	grid_print(grid, 1, row, grid->cols - 2, STYLE_KEY, " the last %s ", text);
	if (end >= 0)
		grid_print(grid, NAME_COLS + 1 + end - 4, row, 8, STYLE_ERROR, "end \xe2\x96\xbc");
	for (int i = 0; i < rows - 1 && i < (int)shot->lanes; i++)
		paint_moment_lane(s, grid, row + 1 + i, &shot->lane[i]);
}

/* --- The view --------------------------------------------------------------------------------- */

static void paint_head(const struct session *s, struct grid *grid)
{
	const struct tale_shot *shot = s->tale.shot;
	const struct story *story = &shot->story;
	char who[96], many[64] = "";
	int col = 1;

	phrase_thread(s->reader, story->tid != 0 ? story->tid : story->pid, story->event, who,
		      sizeof(who));
	if (shot->crashes > 1)
		snprintf(many, sizeof(many), "  %u of %u crashes (c: next)", shot->which + 1,
			 shot->crashes);
	col += grid_print(grid, col, ROW_HEAD, 24, STYLE_FAULT_CHIP, " %s ",
			  story->panic ? "PANIC of the kernel"
				       : label_signal((unsigned)story->signal));
	col += 1 + grid_print(grid, col, ROW_HEAD, 60, STYLE_BOLD, "%s%s",
			      story->panic ? " on the time of " : " ended ", who);
	col += grid_print(grid, col, ROW_HEAD, grid->cols - col, STYLE_PLAIN,
			  "at %" PRId64 ".%09" PRId64 " s%s%s%s", shot->time / 1000000000,
			  shot->time % 1000000000, story->cause[0] == '\0' ? "" : ": ",
			  story->cause, many);
	if (shot->lost > 0 || !shot->complete)
		grid_print_right(grid, col, ROW_HEAD, grid->cols - col - 1, STYLE_ERROR, "%s",
				 shot->lost > 0 ? "records were lost"
						: "the recording was cut off");
}

static void paint_nothing(const struct session *s, struct grid *grid)
{
	const struct tale *t = &s->tale;

	if (t->failed.text[0] != '\0')
		grid_wrap(grid, (struct rect){ 1, ROW_STORY, grid->cols - 2, 3 }, STYLE_ERROR,
			  t->failed.text);
	else if (t->shot == NULL)
		grid_print(grid, 1, ROW_STORY, grid->cols - 2, STYLE_KEY,
			   "looking for what died: %u%%  (other views go on)", tale_percent(t));
	else
		grid_wrap(
			grid, (struct rect){ 1, ROW_STORY, grid->cols - 2, 3 }, STYLE_PLAIN,
			t->shot->complete && t->shot->lost > 0
				? "No crash is in this recording, but records of it were lost, and one "
				  "may be among them."
			: t->shot->complete
				? "Nothing crashed here: no program died of a signal, and the "
				  "kernel did not panic."
				: "Nothing crashed in what there is of this recording; it was cut "
				  "off, or still goes on.");
}

int moments_columns(int cols)
{
	return cols - NAME_COLS - 3 < 1 ? 0 : cols - NAME_COLS - 3;
}

void paint_crash(const struct session *s, struct grid *grid)
{
	const struct tale_shot *shot = s->tale.shot;
	const int end = grid->rows - 2;
	int lanes;

	if (shot == NULL || shot->crashes == 0) {
		paint_nothing(s, grid);
		return;
	}
	lanes = shot->lanes == 0 ? 0 : 1 + (int)shot->lanes;
	lanes = lanes > end / 4 ? end / 4 : lanes;
	paint_head(s, grid);
	paint_story_panes(s, grid,
			  (struct rect){ 0, ROW_STORY, grid->cols, end - lanes - ROW_STORY });
	if (lanes > 0)
		paint_moments(s, grid, end - lanes, lanes);
}
