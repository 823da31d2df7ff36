/* What the event at the cursor does, drawn over the boundary: a thread going
 * down or up through the line, the CPU changing hands, a wake-up. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "viewer/label.h"
#include "viewer/paint.h"
#include "viewer/phrase.h"

#define TEXT_BYTES   512
#define CHIP_CELLS   14
#define MARCH_FRAMES 4
#define VERTICAL     600 /* thousandths of a crossing spent on the way through the line */

#define GLYPH_ACROSS     0x2501
#define GLYPH_DOWN       0x2503
#define GLYPH_LEFT       0x25c0
#define GLYPH_RIGHT      0x25b6
#define GLYPH_POINT_DOWN 0x25bc
#define GLYPH_POINT_UP   0x25b2

/* Cells of row from column from towards column to, the share done of 1000. */
static void draw_across(struct grid *grid, int row, int from, int to, int done, enum style style,
			bool dotted)
{
	int length = from < to ? to - from : from - to;
	int way = from < to ? 1 : -1, shown = length * done / 1000;

	for (int i = 0; i <= shown; i++)
		grid_put(grid, from + way * i, row, style, dotted ? 0x2508 : GLYPH_ACROSS);
	if (shown > 0)
		grid_put(grid, from + way * shown, row, style, way > 0 ? GLYPH_RIGHT : GLYPH_LEFT);
}

/* Where an arrow turns from a column into a row, leading off to the side. */
static void draw_corner(struct grid *grid, const struct layout *l, int lane, int side,
			enum style style)
{
	if (side != lane)
		grid_put(grid, lane, l->turn_row, style, side > lane ? 0x2517 : 0x251b);
	else
		grid_put(grid, lane, l->turn_row, style, GLYPH_DOWN);
}

/* Text beside a lane, on the side with more room. */
static void draw_label(struct grid *grid, const struct layout *l, int row, int left, int right,
		       enum style style, const char *text)
{
	int after = l->main_cols - right - 1, before = left - LAYOUT_GUTTER;

	if (after >= (int)strlen(text) + 2 || after >= before)
		grid_print(grid, right + 1, row, after, style, " %s ", text);
	else
		grid_print_right(grid, LAYOUT_GUTTER, row, before, style, " %s ", text);
}

static enum style crossing_style(const struct event *e, bool chip)
{
	switch (e->kind) {
	case EV_page_fault:
	case EV_page_fault_end:
	case EV_exception:
	case EV_exception_end:
		return chip ? STYLE_FAULT_CHIP : STYLE_FAULT;
	case EV_interrupt:
	case EV_interrupt_end:
	case EV_nmi:
	case EV_nmi_end:
		return chip ? STYLE_IRQ_CHIP : STYLE_IRQ;
	default:
		return chip ? STYLE_KERNEL_CHIP : STYLE_KERNEL;
	}
}

/* The line, opened where somebody goes through, with the mechanism's name. */
static void draw_gate(const struct session *s, struct grid *grid, const struct layout *l, int lane,
		      bool down)
{
	char text[64];

	snprintf(text, sizeof(text), " %s  ring %s ", event_mechanism(&s->event),
		 down ? "3 -> 0" : "0 -> 3");
	grid_put(grid, lane, l->line_row, crossing_style(&s->event, true),
		 down ? GLYPH_POINT_DOWN : GLYPH_POINT_UP);
	if (lane + 5 + (int)strlen(text) < l->main_cols)
		grid_print(grid, lane + 5, l->line_row, 64, crossing_style(&s->event, false), "%s",
			   text);
	else
		grid_print_right(grid, LAYOUT_GUTTER, l->line_row, lane - 4 - LAYOUT_GUTTER,
				 crossing_style(&s->event, false), "%s", text);
}

/* The acting thread as a chip, with what it carries or does beside it. */
static void draw_chip(const struct session *s, struct grid *grid, const struct layout *l, int lane,
		      int row, enum style style)
{
	char text[TEXT_BYTES], who[TEXT_BYTES];
	int width, left;

	phrase_thread(s->reader, s->event.tid, s->now.id, who, sizeof(who));
	width = (int)strlen(who) + 2;
	width = width > CHIP_CELLS ? CHIP_CELLS : width;
	left = lane - width / 2;
	grid_fill(grid, (struct rect){ left, row, width, 1 }, style, ' ');
	grid_print_name(grid, left + 1, row, width - 2, style, who);
	phrase_event(s->reader, &s->event, text, sizeof(text));
	draw_label(grid, l, row, left, left + width - 1,
		   event_is_error(&s->event) ? STYLE_ERROR : STYLE_BOLD, text);
}

/* From ring 3 to ring 0 and on to the kernel's part, or the same way back. */
static void paint_crossing(const struct session *s, struct grid *grid, const struct layout *l,
			   int lane, bool down)
{
	enum style style = crossing_style(&s->event, false);
	int part = part_lane(l, event_part(&s->event));
	int top = l->box_row + l->box_rows, low = l->line_row + 1, done = session_progress(s);
	int through = down ? done * 1000 / VERTICAL : (done - 1000 + VERTICAL) * 1000 / VERTICAL;
	int aside = down ? (done - VERTICAL) * 1000 / (1000 - VERTICAL)
			 : done * 1000 / (1000 - VERTICAL);
	int row;

	through = through < 0 ? 0 : through > 1000 ? 1000 : through;
	aside = aside < 0 ? 0 : aside > 1000 ? 1000 : aside;
	row = down ? top + (low - top) * through / 1000 : low - (low - top) * through / 1000;
	for (int i = top; i < l->turn_row; i++)
		if (i != l->line_row && (down ? i <= row : i >= row))
			grid_put(grid, lane, i, style, GLYPH_DOWN);
	if (down && aside > 0) {
		draw_across(grid, l->turn_row, lane, part, aside, style, false);
		for (int i = row + 1; i < l->turn_row; i++)
			grid_put(grid, lane, i, style, GLYPH_DOWN);
		draw_corner(grid, l, lane, part, style);
		if (aside == 1000)
			grid_put(grid, part, l->turn_row, style, GLYPH_POINT_DOWN);
	} else if (!down) {
		draw_across(grid, l->turn_row, part, lane, aside, style, false);
		grid_put(grid, part, l->turn_row, style,
			 part < lane   ? 0x250f
			 : part > lane ? 0x2513
				       : GLYPH_DOWN);
		if (aside == 1000 && part != lane)
			draw_corner(grid, l, lane, part, style);
	}
	if (down ? row > l->line_row : row < l->line_row)
		draw_gate(s, grid, l, lane, down);
	draw_chip(s, grid, l, lane, row,
		  row < l->line_row ? STYLE_USER_CHIP : crossing_style(&s->event, true));
}

static int lane_of(const struct session *s, const struct layout *l, uint32_t tid, enum part part)
{
	int place = stage_place(&s->stage, tid);

	return place < 0 ? part_lane(l, part) : layout_lane(l, place);
}

/* One end of a way inside ring 0: up to a thread, or down into the box of a part. */
static void draw_end(struct grid *grid, const struct layout *l, int lane, int side, bool part,
		     bool head, enum style style)
{
	int top = l->line_row + 2;

	grid_put(grid, lane, l->turn_row, style,
		 part          ? (head ? GLYPH_POINT_DOWN : GLYPH_ACROSS)
		 : side > lane ? 0x2517
			       : 0x251b);
	if (part)
		return;
	for (int row = top; row < l->turn_row; row++)
		grid_put(grid, lane, row, style, GLYPH_DOWN);
	if (head)
		grid_put(grid, lane, top < l->turn_row ? top : l->turn_row, style, GLYPH_POINT_UP);
}

/* Inside ring 0, from one column to another's: the line stays shut.  A thread
 * without a box is stood for by the scheduler's. */
static void paint_inside(const struct session *s, struct grid *grid, const struct layout *l,
			 uint32_t from, uint32_t to, enum style style, bool dotted)
{
	int start = lane_of(s, l, from, PART_SCHED), end = lane_of(s, l, to, PART_SCHED);
	int done = session_progress(s);

	draw_across(grid, l->turn_row, start, end, done, style, dotted);
	if (start != end)
		draw_end(grid, l, start, end, stage_place(&s->stage, from) < 0, false, style);
	if (done == 1000)
		draw_end(grid, l, end, start, stage_place(&s->stage, to) < 0, true, style);
}

/* Events that move nobody: a dotted way to the part that they concern. */
static void paint_note(const struct session *s, struct grid *grid, const struct layout *l, int lane)
{
	int part = part_lane(l, event_part(&s->event)), done = session_progress(s);

	draw_across(grid, l->turn_row, lane, part, done, STYLE_DIM, true);
	if (done == 1000)
		grid_put(grid, part, l->turn_row, STYLE_DIM, GLYPH_POINT_DOWN);
}

void paint_motion(const struct session *s, struct grid *grid, const struct layout *l)
{
	const struct event *e = &s->event;
	enum direction way;
	int lane;

	if (s->now.id == 0)
		return;
	way = event_direction(e);
	lane = lane_of(s, l, e->tid, e->tid == 0 ? PART_SCHED : event_part(e));
	if (way != CROSS_NONE) {
		paint_crossing(s, grid, l, lane, way == CROSS_DOWN);
		return;
	}
	if (event_whole(e) && e->kind == EV_context_switch)
		paint_inside(s, grid, l, (uint32_t)event_field(e, AT_context_switch_prev),
			     (uint32_t)event_field(e, AT_context_switch_next), STYLE_KERNEL, false);
	else if (event_whole(e) && e->kind == EV_wakeup)
		paint_inside(s, grid, l, e->tid, event_other(e), STYLE_READY, true);
	else
		paint_note(s, grid, l, lane);
	draw_chip(s, grid, l, lane, l->line_row + 1, crossing_style(e, true));
}

/* Marching arrows, a step every few frames, so that play is seen to go on; each step
 * writes them all anew. */
static void paint_march(const struct session *s, struct grid *grid, const struct layout *l,
			int lane, uint32_t count, bool down)
{
	int top = l->box_row + l->box_rows;

	if (count == 0)
		return;
	for (int row = top + 1; row < l->part_row; row++) {
		int beat = (int)(s->frame / MARCH_FRAMES % 3),
		    at = down ? row + 3 - beat : row + beat;

		if (row != l->line_row)
			grid_put(grid, lane, row, down ? STYLE_KERNEL : STYLE_USER,
				 at % 3 != 0 ? GLYPH_DOWN
				 : down      ? GLYPH_POINT_DOWN
					     : GLYPH_POINT_UP);
	}
	grid_put(grid, lane, l->line_row, down ? STYLE_KERNEL_CHIP : STYLE_USER_CHIP,
		 down ? GLYPH_POINT_DOWN : GLYPH_POINT_UP);
}

void paint_counted(const struct session *s, struct grid *grid, const struct layout *l)
{
	struct tally sum;
	unsigned frames = session_tally(s, &sum);

	for (int place = 0; place < l->boxes && place < (int)s->stage.places; place++) {
		int lane = layout_lane(l, place), top = l->box_row + l->box_rows;
		uint32_t down, up;

		tally_of(&sum, s->stage.tids[place], &down, &up);
		paint_march(s, grid, l, lane - 2, down, true);
		paint_march(s, grid, l, lane + 2, up, false);
		if (down > 0)
			grid_print_right(grid, lane - 8, top, 7, STYLE_KERNEL, "%u in", down);
		if (up > 0)
			grid_print(grid, lane + 1, top, 8, STYLE_USER, "%u out", up);
	}
	grid_print(
		grid, LAYOUT_GUTTER + 2, l->turn_row, l->main_cols - LAYOUT_GUTTER - 4, STYLE_BOLD,
		" %" PRIu64 " crossings %s: %" PRIu64 " into ring 0, %" PRIu64 " back to ring 3 ",
		sum.down + sum.up, frames == 1 ? "this frame" : "in 10 frames", sum.down, sum.up);
}
