/* The event list: the cursor's event in the middle, its neighbours around it. */
#include <inttypes.h>
#include <stdio.h>

#include "viewer/paint.h"
#include "viewer/phrase.h"

#define SCAN_LIMIT 4000 /* events looked at for one more row under a filter */

enum { COL_ID = 0, COL_TIME = 12, COL_CPU = 27, COL_WHO = 31, COL_WHAT = 43, DURATION_COLS = 8 };

/* The next event that passes the filter from id on in direction way; 0 if none is
 * within reach. */
static uint64_t neighbour(const struct session *s, uint64_t id, int way, struct event *e)
{
	for (unsigned i = 0; i < SCAN_LIMIT; i++) {
		id += (uint64_t)(int64_t)way;
		if (id == 0 || id > s->count || !reader_event(s->reader, id, e, NULL))
			return 0;
		if (filter_match(&s->filter, s->reader, e))
			return id;
	}
	return 0;
}

static uint32_t direction_glyph(const struct event *e)
{
	switch (event_direction(e)) {
	case CROSS_DOWN:
		return 0x25bc;
	case CROSS_UP:
		return 0x25b2;
	default:
		return ' ';
	}
}

static enum style event_style(const struct event *e)
{
	if (event_is_error(e))
		return STYLE_ERROR;
	switch (event_part(e)) {
	case PART_MEMORY:
		return STYLE_FAULT;
	case PART_SCHED:
		return STYLE_READY;
	case PART_PROCESS:
		return STYLE_ZOMBIE;
	case PART_IRQ:
		return STYLE_IRQ;
	default:
		return STYLE_PLAIN;
	}
}

void paint_told(const struct session *s, struct grid *grid, struct rect area, enum style style,
		const struct event *e)
{
	char text[1024];
	int used;

	phrase_gap(s->reader, e, false, text, sizeof(text));
	used = grid_print(grid, area.col, area.row, area.cols,
			  style == STYLE_CURSOR ? style : STYLE_ERROR, "%s", text);
	phrase_event(s->reader, e, text, sizeof(text));
	grid_print(grid, area.col + used, area.row, area.cols - used, style, "%s", text);
}

static void paint_row(const struct session *s, struct grid *grid, int row, int cols,
		      const struct event *e)
{
	bool here = e->id == s->now.id;
	enum style plain = here ? STYLE_CURSOR : STYLE_PLAIN, dim = here ? STYLE_CURSOR : STYLE_DIM;
	enum style style = here ? STYLE_CURSOR : event_style(e);
	int what = cols - COL_WHAT - DURATION_COLS - 3;
	char text[1024];

	if (here)
		grid_fill(grid, (struct rect){ 0, row, cols, 1 }, STYLE_CURSOR, ' ');
	phrase_count(e->id, text, sizeof(text));
	grid_print_right(grid, COL_ID, row, COL_TIME - COL_ID - 1, dim, "%s", text);
	grid_print_right(grid, COL_TIME, row, COL_CPU - COL_TIME - 1, dim, "%" PRId64 ".%09" PRId64,
			 e->time / 1000000000, e->time % 1000000000);
	grid_print(grid, COL_CPU, row, COL_WHO - COL_CPU - 1, dim, "%u", e->cpu);
	phrase_thread(s->reader, e->tid, e->id, text, sizeof(text));
	grid_print_name(grid, COL_WHO, row, COL_WHAT - COL_WHO - 1, plain, text);
	grid_put(grid, COL_WHAT, row, style, direction_glyph(e));
	paint_told(s, grid, (struct rect){ COL_WHAT + 2, row, what, 1 }, style, e);
	phrase_duration(s->reader, e, text, sizeof(text));
	grid_print_right(grid, cols - DURATION_COLS, row, DURATION_COLS - 1, dim, "%s", text);
	if (here)
		grid->focus_row = row;
	grid_aim(grid, (struct rect){ 0, row, cols, 1 }, AIM_EVENT, (int64_t)e->id);
}

void paint_events(const struct session *s, struct grid *grid, struct rect area)
{
	int top = area.row + 1, bottom = area.row + area.rows, middle = top + (bottom - top) / 2;
	struct event e = s->event;
	uint64_t id = s->now.id;

	grid_fill(grid, (struct rect){ 0, area.row, area.cols, 1 }, STYLE_BAR, ' ');
	grid_print_right(grid, COL_ID, area.row, COL_TIME - COL_ID - 1, STYLE_BAR, "event");
	grid_print_right(grid, COL_TIME, area.row, COL_CPU - COL_TIME - 1, STYLE_BAR, "seconds");
	grid_print(grid, COL_CPU, area.row, 3, STYLE_BAR, "cpu");
	grid_print(grid, COL_WHO, area.row, 12, STYLE_BAR, "thread");
	grid_print(grid, COL_WHAT + 2, area.row, 30, STYLE_BAR, "what happened");
	grid_print_right(grid, area.cols - DURATION_COLS, area.row, DURATION_COLS - 1, STYLE_BAR,
			 "took");
	if (id == 0) {
		grid_print(grid, 1, top, area.cols - 2, STYLE_DIM, "%s", live_nothing(s));
		return;
	}
	paint_row(s, grid, middle, area.cols, &e);
	for (int row = middle - 1; row >= top; row--) {
		id = neighbour(s, id, -1, &e);
		if (id == 0)
			break;
		paint_row(s, grid, row, area.cols, &e);
	}
	id = s->now.id;
	for (int row = middle + 1; row < bottom; row++) {
		id = neighbour(s, id, 1, &e);
		if (id == 0)
			break;
		paint_row(s, grid, row, area.cols, &e);
	}
}
