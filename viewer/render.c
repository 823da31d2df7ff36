#include "viewer/render.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "viewer/paint.h"
#include "viewer/phrase.h"
#include "viewer/prompt.h"
#include "viewer/text.h"
#include "viewer/teach.h"
#include "viewer/tutor.h"

#define PANEL_ROWS    40  /* that a lesson may take */
#define PANEL_LEAST   12  /* of a large screen, so that the view does not jump */
#define BAR_WIDE_COLS 130 /* that the titles of all views and the keys beside them need */

enum style state_style(enum actor_state state)
{
	static const enum style styles[] = {
#define STATE(name, letter, word) STYLE_##name,
#include "viewer/states.def"
	};

	return state < ACTOR_STATES ? styles[state] : STYLE_DIM;
}

enum style state_chip(enum actor_state state)
{
	static const enum style styles[] = {
#define STATE(name, letter, word) STYLE_##name##_CHIP,
#include "viewer/states.def"
	};

	return state < ACTOR_STATES ? styles[state] : STYLE_DIM;
}

/* Time since the event before, "" at the first. */
static void delta_text(const struct session *s, char *text, size_t size)
{
	struct event before;

	text[0] = '\0';
	if (s->now.id > 1 && reader_event(s->reader, s->now.id - 1, &before, NULL))
		phrase_ns(s->now.time - before.time, text, size);
}

static const struct {
	const char *brief, *title; /* each begins with its key and a blank */
	void (*paint)(const struct session *s, struct grid *grid);
	const char *hints;
} views[VIEW_COUNT] = {
#define VIEW(name, brief, title, paint, hints) { brief, title, paint, hints },
#include "viewer/views.def"
};

static void paint_header(const struct session *s, struct grid *grid)
{
	char id[32], count[32], delta[24], text[16], place[128];
	const uint64_t lost = reader_lost(s->reader);
	bool wide = grid->cols >= 100;
	int col = 1, used, room;

	phrase_count(s->now.id, id, sizeof(id));
	phrase_count(s->count, count, sizeof(count));
	delta_text(s, delta, sizeof(delta));
	grid_fill(grid, (struct rect){ 0, 0, grid->cols, 1 }, STYLE_TITLE, ' ');
	used = grid_print_right(grid, 0, 0, grid->cols - 1, STYLE_TITLE, "%s  %s",
				s->playing ? "PLAYING" : "PAUSED", session_pace_text(s));
	if (lost > 0) {
		phrase_short(lost, text, sizeof(text));
		used += 2 + grid_print_right(grid, 0, 0, grid->cols - used - 3, STYLE_FAULT_CHIP,
					     "LOST %s", text);
	}
	col += grid_print(grid, col, 0, wide ? 40 : 12, STYLE_TITLE, "%s", s->title);
	if (wide)
		col += 2 + grid_print(grid, col + 2, 0, 12, STYLE_TITLE, "%s",
				      views[s->view].title + 2);
	room = grid->cols - used - col - 4;
	snprintf(place, sizeof(place), "event %s/%s  t %" PRId64 ".%09" PRId64 " s", id, count,
		 s->now.time / 1000000000, s->now.time % 1000000000);
	/* Half a number would be another one. */
	if (delta[0] != '\0' && (int)(strlen(place) + strlen(delta)) + 3 <= room)
		snprintf(place + strlen(place), sizeof(place) - strlen(place), "  +%s", delta);
	grid_print(grid, col + 2, 0, room, STYLE_TITLE, "%s", place);
}

static void paint_legend(const struct session *s, struct grid *grid, int cols)
{
	uint32_t alive = s->now.actor_count, shown = 0;
	int col = 1;

	for (int state = 0; state < ACTOR_STATES; state++) {
		col += grid_print(grid, col, 1, 1, state_style((enum actor_state)state), "%c",
				  state_letter((enum actor_state)state));
		col += 1 + grid_print(grid, col, 1, 12, STYLE_DIM, " %s",
				      state_word((enum actor_state)state));
	}
	for (uint32_t i = 0; i < s->now.actor_count; i++) {
		alive -= s->now.actors[i].kernel;
		shown += stage_place(&s->stage, s->now.actors[i].tid) >= 0;
	}
	if (alive > shown)
		grid_print_right(grid, col, 1, cols - col - 1, STYLE_DIM, "+%u not shown",
				 alive - shown);
}

/* What is typed; of what is too long, the end, where typing goes on. */
static void paint_prompt(const struct session *s, struct grid *grid, int row)
{
	const char *title = prompt_title(s->prompt.sign), *text = s->prompt.text;
	const char sign[2] = { title[0] == '\0' ? s->prompt.sign : '\0', '\0' };
	const size_t room =
		grid->cols > (int)strlen(title) + 4 ? (size_t)grid->cols - strlen(title) - 4 : 0;
	uint32_t cells[sizeof(s->prompt.text)];
	int used;

	while (text[0] != '\0' &&
	       text_clean(cells, sizeof(s->prompt.text), text, strlen(text), grid->ascii) > room)
		for (text++; ((unsigned char)text[0] & 0xc0) == 0x80;)
			text++;
	grid_fill(grid, (struct rect){ 0, row, grid->cols, 1 }, STYLE_PROMPT, ' ');
	used = grid_print(grid, 0, row, grid->cols - 1, STYLE_PROMPT, "%s%s%s", title, sign,
			  text == s->prompt.text ? "" : "<");
	used += grid_print(grid, used, row, grid->cols - 1 - used, STYLE_PROMPT, "%s", text);
	grid->focus_col = used;
	grid->focus_row = row;
}

/* What a person is being asked, told, or may press: one line. */
static void paint_status(const struct session *s, struct grid *grid, int row)
{
	uint64_t at = s->find.query.kind != FIND_NONE ? find_at(s) : s->now.id;

	if (s->prompt.sign != 0) {
		paint_prompt(s, grid, row);
	} else if (session_busy(s)) {
		grid_print(grid, 1, row, grid->cols - 2, STYLE_KEY,
			   "%s event %" PRIu64 " of %" PRIu64 "  (Esc stops)",
			   s->find.query.kind != FIND_NONE ? "searching" : "going to the event:",
			   at, s->count);
	} else if (s->message[0] != '\0') {
		grid_print(grid, 1, row, grid->cols - 2, STYLE_KEY, "%s", s->message);
	} else if (s->fate != FILE_THERE) {
		grid_print(
			grid, 1, row, grid->cols - 2, STYLE_ERROR,
			s->fate == FILE_DELETED
				? "%s was deleted; what is open can still be stepped through"
				: "%s is another file now; what is open can still be stepped through",
			s->title);
	} else if (s->filter.count > 0) {
		grid_print(grid, 1, row, grid->cols - 2, STYLE_READY,
			   "only %s  (\\ and an empty line shows all)", s->filter_text);
	} else {
		grid_print(grid, 1, row, grid->cols - 2, STYLE_DIM, "%s", views[s->view].hints);
	}
}

static void paint_bar(const struct session *s, struct grid *grid, int row)
{
	const bool wide = grid->cols >= BAR_WIDE_COLS;
	const int gap = wide ? 2 : 1;
	int col = 1;

	grid_fill(grid, (struct rect){ 0, row, grid->cols, 1 }, STYLE_BAR, ' ');
	col += gap + grid_print(grid, col, row, grid->cols - col, STYLE_BAR, "? Help");
	for (int view = 0; view < VIEW_COUNT; view++) {
		const int used = grid_print(grid, col, row, grid->cols - col,
					    view == (int)s->view ? STYLE_TITLE : STYLE_BAR, "%s",
					    wide ? views[view].title : views[view].brief);

		grid_aim(grid, (struct rect){ col, row, used, 1 }, AIM_VIEW, view);
		col += gap + used;
	}
	grid_print(grid, col, row, grid->cols - col, STYLE_BAR, "%s",
		   wide ? "F3 / Find  F4 \\ Filter  : Command  w Why  F10 q Quit"
			: "/ Find  q Quit");
}

/* The part of the kernel that an arrow leads to, by name. */
static void paint_goal(const struct session *s, struct grid *grid, const struct layout *l)
{
	const enum part part = event_part(&s->event);
	const char *title = part_title(part);
	const int width = (int)strlen(title) + 2;

	grid_print(grid, part_lane(l, part) - width / 2, l->part_row, width, STYLE_KERNEL_CHIP,
		   " %s ", title);
}

/* For the back row of a room: the crossing and why, and nothing besides. */
static void paint_big(const struct session *s, struct grid *grid, const struct layout *l)
{
	const int top = l->part_row + 2, cols = l->main_cols < 76 ? l->main_cols : 76;
	char text[1024];
	int used;

	grid_fill(grid, (struct rect){ 0, l->part_row, grid->cols, grid->rows - 2 - l->part_row },
		  STYLE_PLAIN, ' ');
	if (session_counted(s)) {
		paint_counted(s, grid, l);
		return;
	}
	paint_motion(s, grid, l);
	if (s->now.id == 0)
		return;
	paint_goal(s, grid, l);
	phrase_line(s->reader, &s->event, text, sizeof(text));
	used = 1 + grid_wrap(grid, (struct rect){ 2, top, cols, 2 }, STYLE_KEY, text);
	teach_why(s, text, sizeof(text), NULL, 0);
	grid_wrap(grid, (struct rect){ 2, top + used, cols, grid->rows - 2 - top - used },
		  STYLE_BOLD, text);
}

void paint_boundary_view(const struct session *s, struct grid *grid)
{
	struct layout l = layout_make(grid->cols, grid->rows, s->cpus);

	paint_legend(s, grid, l.main_cols);
	paint_boundary(s, grid, &l);
	if (s->big) {
		paint_big(s, grid, &l);
		return;
	}
	paint_parts(s, grid, &l);
	if (session_counted(s))
		paint_counted(s, grid, &l);
	else
		paint_motion(s, grid, &l);
	paint_story(s, grid, &l);
	if (l.side_cols > 0)
		paint_side(s, grid, &l);
}

void paint_events_view(const struct session *s, struct grid *grid)
{
	paint_events(s, grid, (struct rect){ 0, 1, grid->cols, grid->rows - 3 });
}

static void paint_full(const struct session *s, struct grid *grid)
{
	views[s->view].paint(s, grid);
	paint_header(s, grid);
	paint_status(s, grid, grid->rows - 2);
	paint_bar(s, grid, grid->rows - 1);
}

/* The screen of a view, in all of the grid. */
static void paint_screen(const struct session *s, struct grid *grid)
{
	if (layout_make(grid->cols, grid->rows, s->cpus).compact) {
		paint_compact(s, grid);
		if (s->prompt.sign != 0 || s->message[0] != '\0' || s->fate != FILE_THERE)
			paint_status(s, grid, grid->rows - 1);
	} else {
		paint_full(s, grid);
	}
}

/* The lesson below the view where there is room, else over its lower part; its rows are
 * kept from the view's. */
static void paint_with_lesson(const struct session *s, struct grid *grid)
{
	struct grid panel = { .ascii = grid->ascii };
	const int rows = grid->rows;
	int used, top;

	if (!grid_resize(&panel, grid->cols, PANEL_ROWS)) {
		paint_screen(s, grid);
		return;
	}
	used = paint_lesson(s, &panel);
	if (used < PANEL_LEAST && rows >= LAYOUT_ROWS + PANEL_LEAST)
		used = PANEL_LEAST;
	grid->rows = rows - used >= LAYOUT_ROWS ? rows - used : rows;
	top = grid->rows < rows ? grid->rows : rows - 2 - used;
	grid->covered = top;
	paint_screen(s, grid);
	grid->covered = 0;
	grid->rows = rows;
	top = top < 1 ? 1 : top;
	grid_copy(grid, 0, top, &panel, used);
	grid_free(&panel);
}

unsigned render_lists(const struct session *s, int cols, int rows, struct rect area[RENDER_LISTS])
{
	const struct layout l = layout_make(cols, rows, s->cpus);
	unsigned count = 0;

	if (l.compact || s->tutor != NULL || s->big)
		return 0;
	if (s->view == VIEW_EVENTS)
		area[count++] = (struct rect){ 0, 1, cols, rows - 3 };
	if (s->view != VIEW_BOUNDARY)
		return count;
	area[count++] = (struct rect){ 0, l.lanes_row, l.main_cols, l.lanes_rows };
	if (l.side_cols > 0)
		area[count++] = (struct rect){ l.side_col, 1, l.side_cols, l.status_row - 1 };
	return count;
}

void render(const struct session *s, struct grid *grid)
{
	grid->ascii = s->ascii;
	grid_clear(grid);
	if (s->tutor != NULL && !s->tutor->hidden)
		paint_with_lesson(s, grid);
	else
		paint_screen(s, grid);
	if (s->popup == POPUP_HELP)
		paint_help(s, grid);
	else if (s->popup == POPUP_WHY)
		paint_why(s, grid);
	else if (s->popup == POPUP_PICK)
		paint_pick(s, grid);
	else if (s->popup == POPUP_LESSONS)
		paint_lessons(grid);
}
