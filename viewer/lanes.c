/* The timeline: a lane a CPU and a thread, a column a stretch of time, a letter what
 * most of it was spent as; below, what the cursor's column holds and its events. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "viewer/lane_cell.h"
#include "viewer/paint.h"
#include "viewer/phrase.h"

#define BUSY_COLS  5
#define TICK_COLS  15 /* at least, from one time on the axis to the next */
#define EVENT_ROWS 5

enum { ROW_RANGE = 1, ROW_ALL = 2, ROW_AXIS = 3, ROW_LINE = 4, ROW_LANES = 5 };

int lanes_columns(int cols)
{
	return cols - LANE_NAME_COLS - BUSY_COLS - 2;
}

static int lane_columns(const struct grid *grid)
{
	return lanes_columns(grid->cols);
}

static void paint_range(const struct session *s, struct grid *grid)
{
	const struct scale *t = &s->scale;
	const bool few = t->shown.more, narrow = grid->cols < 110;
	char length[24], column[24];
	int used;

	phrase_ns(t->to - t->from, length, sizeof(length));
	phrase_ns((t->to - t->from) / lane_columns(grid), column, sizeof(column));
	used = grid_print(grid, 1, ROW_RANGE, grid->cols - 2, STYLE_BOLD,
			  "%" PRId64 ".%09" PRId64 " .. %" PRId64 ".%09" PRId64 " s",
			  t->from / 1000000000, t->from % 1000000000, t->to / 1000000000,
			  t->to % 1000000000);
	grid_print(grid, used + 3, ROW_RANGE, grid->cols - used - 4, STYLE_PLAIN,
		   "%s  1 column = %s  %s%s", length, column,
		   !scale_fresh(t)                     ? "being made"
		   : few && narrow                     ? "not all threads"
		   : t->shown.sums.level == LOD_LEVELS ? "from single events"
		   : t->shown.sums.exact               ? "from sums"
						       : "from shared sums",
		   few && !narrow ? "; not all threads: zoom in" : "");
}

/* How busy the whole trace is, and which part of it is shown below. */
static void paint_all(const struct session *s, struct grid *grid)
{
	const struct scale *t = &s->scale;
	const int columns = lane_columns(grid), made = (int)t->whole.sums.columns;
	const double part = (double)(t->to - t->from) * 100 / (double)t->length;
	uint64_t most = 1;

	for (int i = 0; i < made; i++)
		most = density(&t->whole.sums, i).n > most ? density(&t->whole.sums, i).n : most;
	grid_print(grid, 1, ROW_ALL, LANE_NAME_COLS - 1, STYLE_DIM, "whole trace");
	grid_put(grid, LANE_NAME_COLS, ROW_ALL, STYLE_DIM, 0x2502);
	for (int i = 0; i < columns; i++) {
		const int64_t time = (int64_t)((__int128)t->length * i / columns);
		const int64_t next = (int64_t)((__int128)t->length * (i + 1) / columns);
		const bool shown = next > t->from && time < t->to;

		grid_put(grid, LANE_NAME_COLS + 1 + i, ROW_ALL, shown ? STYLE_CURSOR : STYLE_DIM,
			 made == 0 ? ' '
				   : density_glyph(density(&t->whole.sums, i * made / columns),
						   most));
		grid_aim(grid, (struct rect){ LANE_NAME_COLS + 1 + i, ROW_ALL, 1, 1 }, AIM_TIME,
			 time);
	}
	grid_put(grid, LANE_NAME_COLS + 1 + columns, ROW_ALL, STYLE_DIM, 0x2502);
	grid_print_right(grid, LANE_NAME_COLS + 2 + columns, ROW_ALL, BUSY_COLS, STYLE_DIM,
			 part < 9.5 ? "%.1f%%" : "%.0f%%", part);
}

/* The next of 1, 2, 5, 10, ... that is at least ns; digits: of a second that it needs. */
static int64_t tick_round(int64_t ns, int *digits)
{
	static const int steps[] = { 1, 2, 5 };
	int64_t ten = 1;

	for (*digits = 9;; ten *= 10, *digits -= *digits > 0)
		for (unsigned i = 0; i < 3; i++)
			if (ten * steps[i] >= ns || ten > INT64_MAX / 100)
				return ten * steps[i];
}

static void paint_axis(const struct session *s, struct grid *grid)
{
	const struct scale *t = &s->scale;
	const int columns = lane_columns(grid), left = LANE_NAME_COLS + 1;
	int digits;
	const int64_t step = tick_round((t->to - t->from) / columns * TICK_COLS + 1, &digits);

	grid_print(grid, 1, ROW_LINE, LANE_NAME_COLS - 1, STYLE_DIM, "lane");
	grid_print_right(grid, left + columns + 1, ROW_LINE, BUSY_COLS, STYLE_DIM, "busy");
	for (int i = -1; i <= columns; i++)
		grid_put(grid, left + i, ROW_LINE, STYLE_DIM, 0x2500);
	for (int64_t time = (t->from + step - 1) / step * step; time < t->to; time += step) {
		const int col = (int)scale_column(t, time, columns);
		char text[40];
		int whole = snprintf(text, sizeof(text), "%" PRId64 ".%09" PRId64,
				     time / 1000000000, time % 1000000000);

		text[digits == 0 ? whole - 10 : whole - 9 + digits] = '\0';
		grid_put(grid, left + col, ROW_LINE, STYLE_DIM, 0x253c);
		if (col + (int)strlen(text) <= columns)
			grid_print(grid, left + col, ROW_AXIS, columns - col, STYLE_DIM, "%s",
				   text);
	}
}

static void paint_mark(const struct session *s, struct grid *grid, int64_t time, uint32_t glyph)
{
	const int columns = lane_columns(grid);
	const int64_t col = scale_column(&s->scale, time, columns);

	if (col >= 0 && col < columns)
		grid_put(grid, LANE_NAME_COLS + 1 + (int)col, ROW_LINE, STYLE_KEY, glyph);
}

/* What the lane did in a column of the picture. */
static const struct lod_sum *sum_of(const struct scale *t, const struct scale_row *lane, int column)
{
	return &t->shown.sums.sum[(size_t)lane->index * t->shown.sums.columns + (size_t)column];
}

/* The cursor's event is of that thread; a number may have been another one's before. */
static bool lane_acts(const struct session *s, const struct scale_row *lane)
{
	return !lane->cpu && s->event.tid != 0 && lane->who.tid == s->event.tid &&
	       s->now.time >= lane->who.start && s->now.time <= lane->who.end;
}

static void paint_lane(const struct session *s, struct grid *grid, int row,
		       const struct scale_row *lane)
{
	const struct scale *t = &s->scale;
	const int columns = lane_columns(grid), left = LANE_NAME_COLS + 1;
	const int64_t cursor = scale_column(t, s->now.time, columns);
	const bool selected = lane->who.lane == t->lane;
	const bool here =
		lane->cpu ? s->now.id != 0 && lane->who.lane == s->event.cpu : lane_acts(s, lane);
	const bool pointed = !lane->cpu && s->highlight != 0 && lane->who.tid == s->highlight;
	const enum style name = selected ? STYLE_TITLE : here ? STYLE_BOLD : STYLE_PLAIN;
	char text[96];

	lane_name(lane, text, sizeof(text));
	grid_fill(grid, (struct rect){ 0, row, LANE_NAME_COLS, 1 }, selected ? name : STYLE_PLAIN,
		  ' ');
	grid_print(grid, 0, row, 1, name, pointed ? "*" : here ? ">" : " ");
	grid_print_name(grid, 1, row, LANE_NAME_COLS - 1, name, text);
	grid_aim(grid, (struct rect){ 0, row, LANE_NAME_COLS, 1 }, AIM_LANE, lane->who.lane);
	grid_put(grid, left - 1, row, STYLE_DIM, 0x2502);
	for (int i = 0; lane->drawn && i < columns; i++) {
		const int from = scale_source(t, i, columns);
		const struct lane_cell cell =
			from < 0 ? (struct lane_cell){ .glyph = ' ', .style = STYLE_PLAIN }
				 : lane_cell(sum_of(t, lane, from), lane->cpu);

		grid_put(grid, left + i, row, i == cursor ? STYLE_CURSOR : cell.style, cell.glyph);
		grid_aim(grid, (struct rect){ left + i, row, 1, 1 }, AIM_TIME,
			 t->from + (int64_t)((__int128)(t->to - t->from) * i / columns));
	}
	grid_put(grid, left + columns, row, STYLE_DIM, 0x2502);
	grid_print_right(grid, left + columns + 1, row, BUSY_COLS, STYLE_PLAIN, "%.0f%%",
			 (double)lane->busy * 100 /
				 (double)(t->shown.query.to - t->shown.query.from));
	if (selected)
		grid->focus_row = row;
}

/* The row of the thread that acts, where it would not be seen: the last is its then.  -1: it is, or
 * nothing is known of it. */
static int row_apart(const struct session *s, int top, int rows)
{
	const struct scale *t = &s->scale;

	for (int i = 0; i < (int)t->shown.row_count; i++)
		if (lane_acts(s, &t->shown.rows[i]))
			return (i >= top && i < top + rows) || !t->shown.rows[i].drawn ? -1 : i;
	return -1;
}

/* The lanes from row on, scrolled so that the selected one is among them. */
static void paint_lanes(const struct session *s, struct grid *grid, int row, int rows)
{
	const struct scale *t = &s->scale;
	const int selected = scale_row_of(t, t->lane);
	int top = selected < rows - 1 ? 0 : selected - rows + 2;
	int hidden, apart;

	if (top + rows > (int)t->shown.row_count)
		top = (int)t->shown.row_count > rows ? (int)t->shown.row_count - rows : 0;
	hidden = (int)t->shown.row_count - rows;
	apart = selected == top + rows - 1 ? -1 : row_apart(s, top, rows);
	for (int i = 0; i < rows && top + i < (int)t->shown.row_count; i++)
		paint_lane(s, grid, row + i,
			   &t->shown.rows[apart >= 0 && i == rows - 1 ? apart : top + i]);
	if (hidden > 0)
		grid_print(grid, 6, ROW_LINE, LANE_NAME_COLS - 6, STYLE_READY, "%d-%d%s/%u",
			   top + 1, top + rows - (apart >= 0), apart >= 0 ? "+1" : "",
			   t->shown.row_count);
}

/* What the selected lane did in the cursor's column. */
static void paint_column(const struct session *s, struct grid *grid, int row)
{
	const struct scale *t = &s->scale;
	const int index = scale_row_of(t, t->lane);
	const int64_t col = scale_column(t, s->now.time, lane_columns(grid));
	const struct scale_row *lane;
	char name[96], text[256];

	if (index < 0 || !t->shown.rows[index].drawn || col < 0 || col >= lane_columns(grid)) {
		grid_print(grid, 1, row, grid->cols - 2, STYLE_DIM,
			   "j k choose a lane: this line then says what it did in the cursor's "
			   "column");
		return;
	}
	if (!scale_fresh(t))
		return;
	lane = &t->shown.rows[index];
	lane_name(lane, name, sizeof(name));
	lane_sum_text(sum_of(t, lane, scale_source(t, (int)col, lane_columns(grid))), text,
		      sizeof(text));
	grid_print(grid, 1, row, grid->cols - 2, STYLE_PLAIN, "%s here: %s", name, text);
}

static void paint_span(const struct session *s, struct grid *grid, int row)
{
	uint64_t lost = 0;
	char text[24];

	for (unsigned i = 0; i < s->scale.shown.row_count; i++)
		lost += s->scale.shown.rows[i].lost;
	if (s->mark[0] >= 0 && s->mark[1] >= 0) {
		phrase_ns(s->mark[1] - s->mark[0], text, sizeof(text));
		grid_print(grid, 1, row, 38, STYLE_KEY, "A to B: %s  (z shows it)", text);
	} else {
		grid_print(grid, 1, row, 38, STYLE_DIM, "a b set the ends A and B of a range");
	}
	phrase_count(lost, text, sizeof(text));
	if (lost > 0)
		grid_print(grid, 40, row, grid->cols - 41, STYLE_ERROR,
			   "%s records lost in here (hatched)", text);
	else
		grid_print(grid, 40, row, grid->cols - 41, STYLE_DIM, "nothing was lost in here");
}

static void paint_key(struct grid *grid, int row)
{
	int col = 1;

	for (int state = 0; state < ACTOR_STATES; state++) {
		col += grid_print(grid, col, row, 1, state_style((enum actor_state)state), "%c",
				  state_letter((enum actor_state)state));
		col += 1 + grid_print(grid, col, row, 12, STYLE_DIM, " %s",
				      state_word((enum actor_state)state));
	}
	grid_print(grid, col, row, grid->cols - col, STYLE_DIM,
		   grid->cols >= 130
			   ? "%% mixed  ' slept, and ran a little (zoom in)  . idle  %s lost"
			   : "%% mixed ' ran",
		   grid->ascii ? "x" : "\xe2\x96\x92");
}

void paint_timeline(const struct session *s, struct grid *grid)
{
	const int events = EVENT_ROWS + (grid->rows - LAYOUT_ROWS) / 3;
	const int key = grid->rows - 3, list = key - events - 1;
	const int lanes = list - 2 - ROW_LANES;

	grid->focus_row = ROW_LINE;
	paint_range(s, grid);
	if (s->scale.shown.failed.text[0] != '\0') {
		grid_print(grid, 1, ROW_LANES, grid->cols - 2, STYLE_ERROR, "%s",
			   s->scale.shown.failed.text);
	} else {
		paint_all(s, grid);
		paint_axis(s, grid);
		paint_mark(s, grid, s->now.time, 0x25bc);
		if (s->mark[0] >= 0)
			paint_mark(s, grid, s->mark[0], 'A');
		if (s->mark[1] >= 0)
			paint_mark(s, grid, s->mark[1], 'B');
		paint_lanes(s, grid, ROW_LANES, lanes);
		paint_column(s, grid, list - 2);
		paint_span(s, grid, list - 1);
	}
	paint_events(s, grid, (struct rect){ 0, list, grid->cols, events + 1 });
	paint_key(grid, key);
}
