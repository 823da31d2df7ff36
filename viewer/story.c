/* The lower half of the boundary screen: where in the trace, why, and what
 * came before and comes next. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "viewer/paint.h"
#include "viewer/phrase.h"
#include "viewer/teach.h"

#define WHY_BYTES 1024
#define NAME_COLS 12

/* The dividing line doubles as the trace from start to end. */
static void paint_scrub(const struct session *s, struct grid *grid, const struct layout *l)
{
	int width = l->main_cols - 7;
	int at = s->count == 0 ? 0 : (int)((double)s->now.id / (double)s->count * (width - 1));
	unsigned percent =
		s->count == 0 ? 0 : (unsigned)((double)s->now.id * 100 / (double)s->count);

	for (int i = 0; i < width; i++)
		grid_put(grid, i, l->scrub_row, i <= at ? STYLE_USER : STYLE_DIM,
			 i < at ? 0x2501 : 0x2500);
	grid_put(grid, at, l->scrub_row, STYLE_BOLD, 0x25cf);
	for (int i = 0; i < width; i++)
		grid_aim(grid, (struct rect){ i, l->scrub_row, 1, 1 }, AIM_EVENT,
			 (int64_t)((double)s->count * i / (width > 1 ? width - 1 : 1)));
	grid_print_right(grid, width, l->scrub_row, 6, STYLE_DIM, "%u%%", percent);
}

static void paint_reason(const struct session *s, struct grid *grid, const struct layout *l)
{
	struct rect area = { 5, l->why_row, l->main_cols - 6, l->why_rows };
	char text[WHY_BYTES], more[WHY_BYTES];
	const char *rule;
	int used;

	if (grid->covered > 0 && area.row + area.rows > grid->covered)
		area.rows = grid->covered - area.row;
	grid_print(grid, 0, l->why_row, 4, STYLE_KEY, "WHY");
	if (s->now.id == 0) {
		grid_wrap(grid, area, STYLE_PLAIN, live_nothing(s));
		return;
	}
	rule = teach_why(s, text, sizeof(text), more, sizeof(more));
	used = grid_wrap(grid, area, STYLE_PLAIN, text);
	if (l->why_rows > 3)
		grid_print(grid, 0, l->why_row + 1, 4, STYLE_DIM, "%s", rule);
	area.row += used;
	area.rows -= used;
	if (area.rows > 1)
		grid_wrap(grid, area, STYLE_DIM, more);
}

/* One row a thread, one column an event, the present at the right. */
static void paint_lanes(const struct session *s, struct grid *grid, const struct layout *l)
{
	int row = l->lanes_row, first = NAME_COLS + 2, width = l->main_cols - first - 2;

	if (l->lanes_rows < 4 || s->now.id == 0)
		return;
	grid_print(grid, 0, row++, l->main_cols, STYLE_KEY,
		   "STATES over the last %d events; one column is one event, now is at the right",
		   width);
	for (unsigned place = 0; place < s->stage.places && row < l->lanes_row + l->lanes_rows;
	     place++) {
		const struct actor *a = model_actor(&s->now, s->stage.tids[place]);
		char who[96];

		if (a == NULL)
			continue;
		phrase_thread(s->reader, a->tid, s->now.id, who, sizeof(who));
		grid_print_name(grid, 0, row, NAME_COLS, STYLE_PLAIN, who);
		grid_put(grid, first - 1, row, STYLE_DIM, 0x2502);
		for (int i = 0; i < width; i++) {
			uint64_t back = (uint64_t)(width - 1 - i);
			enum actor_state state = back >= s->now.id
							 ? ACTOR_STATES
							 : actor_state_at(a, s->now.id - back);

			grid_put(grid, first + i, row,
				 i == width - 1 ? state_chip(state) : state_style(state),
				 state == ACTOR_STATES ? 0xb7 : (unsigned char)state_letter(state));
		}
		grid_put(grid, first + width, row, STYLE_DIM, 0x2502);
		row++;
	}
}

static void strip_print(const struct session *s, struct grid *grid, int col, int row,
			int64_t offset, enum style style, const char *text)
{
	const int used = (int)strlen(text);

	grid_print(grid, col, row, used, style, "%s", text);
	grid_aim(grid, (struct rect){ col, row, used, 1 }, AIM_EVENT, (int64_t)s->now.id + offset);
}

/* A neighbour in the strip; returns the cells it takes. */
static int strip_text(const struct session *s, int64_t offset, char *text, size_t size)
{
	uint64_t id = s->now.id + (uint64_t)offset;
	struct event e;
	char brief[48];

	if (id == 0 || id > s->count || !reader_event(s->reader, id, &e, NULL))
		return 0;
	phrase_brief(s->reader, &e, brief, sizeof(brief));
	snprintf(text, size, offset == 0 ? "[%+lld %s]" : "%+lld %s", (long long)offset, brief);
	return (int)strlen(text);
}

/* Neighbours of the event at the cursor, as many as fit on both sides. */
static void paint_strip(const struct session *s, struct grid *grid, const struct layout *l)
{
	int left, right, used, row = l->strip_row;
	char text[96];

	used = strip_text(s, 0, text, sizeof(text));
	if (used == 0)
		return;
	left = l->main_cols * 2 / 5 - used / 2;
	strip_print(s, grid, left, row, 0, STYLE_CURSOR, text);
	right = left + used + 2;
	for (int64_t offset = -1; (used = strip_text(s, offset, text, sizeof(text))) > 0;
	     offset--) {
		left -= used + 2;
		if (left < 0)
			break;
		strip_print(s, grid, left, row, offset, STYLE_DIM, text);
	}
	for (int64_t offset = 1; (used = strip_text(s, offset, text, sizeof(text))) > 0; offset++) {
		if (right + used > l->main_cols)
			break;
		strip_print(s, grid, right, row, offset, STYLE_PLAIN, text);
		right += used + 2;
	}
}

/* Instead of a reason and neighbours nobody could read at this pace. */
static void paint_sum(const struct session *s, struct grid *grid, const struct layout *l)
{
	struct rect area = { 5, l->why_row, l->main_cols - 6, l->why_rows };
	struct tally sum;
	unsigned frames = session_tally(s, &sum);

	grid_print(grid, 0, l->why_row, 4, STYLE_KEY, "WHY");
	grid_wrap(grid, area, STYLE_PLAIN,
		  "Too fast to explain each event: crossings are counted, none is left out. "
		  "Space pauses at an event and tells why it happened; < plays slower.");
	grid_print(grid, 5, l->strip_row, l->main_cols - 6, STYLE_PLAIN,
		   "%s: %" PRIu64 " events, %" PRIu64 " calls, %" PRIu64 " faults, %" PRIu64
		   " switches, %" PRIu64 " wake-ups, %" PRIu64 " irq",
		   frames == 1 ? "frame" : "10 frames", sum.events, sum.calls, sum.faults,
		   sum.switches, sum.wakeups, sum.irqs);
}

void paint_story(const struct session *s, struct grid *grid, const struct layout *l)
{
	paint_scrub(s, grid, l);
	paint_lanes(s, grid, l);
	if (session_counted(s)) {
		paint_sum(s, grid, l);
	} else {
		paint_reason(s, grid, l);
		paint_strip(s, grid, l);
	}
}
