/* The side pane of wide screens: events around the cursor, and this event's
 * fields as recorded. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "viewer/label.h"
#include "viewer/paint.h"
#include "viewer/phrase.h"

#define LABEL_COLS 16 /* that labels take at least, with a blank */

/* Room for the longest label of the event's fields. */
static int label_cols(const struct event *e)
{
	const struct field_info *field;
	int cols = LABEL_COLS;

	for (unsigned place = 0; (field = label_field(e->kind, place)) != NULL; place++)
		if (field->kind != FIELD_KIND_pad && (int)strlen(field->label) >= cols)
			cols = (int)strlen(field->label) + 1;
	return cols;
}

int paint_fields(const struct session *s, struct grid *grid, struct rect area,
		 const struct event *e)
{
	const struct field_info *field;
	char value[128];
	const int labels = label_cols(e);
	int row = 0;

	for (unsigned place = 0; (field = label_field(e->kind, place)) != NULL; place++) {
		if (field->kind == FIELD_KIND_pad || row >= area.rows)
			continue;
		phrase_field(s->reader, e, place, value, sizeof(value));
		grid_print(grid, area.col, area.row + row, labels - 1, STYLE_DIM, "%s",
			   field->label);
		grid_print(grid, area.col + labels, area.row + row, area.cols - labels, STYLE_PLAIN,
			   "%s", value);
		row++;
	}
	return row;
}

static void paint_near(const struct session *s, struct grid *grid, int col, int row, int cols,
		       int64_t offset)
{
	uint64_t id = s->now.id + (uint64_t)offset;
	enum style style = offset == 0 ? STYLE_CURSOR : offset < 0 ? STYLE_DIM : STYLE_PLAIN, told;
	char who[96], what[512];
	struct event e;
	int used;

	if (id == 0 || id > s->count || !reader_event(s->reader, id, &e, NULL))
		return;
	if (offset == 0)
		grid_fill(grid, (struct rect){ col, row, cols, 1 }, style, ' ');
	phrase_thread(s->reader, e.tid, e.id, who, sizeof(who));
	grid_print_right(grid, col, row, 3, style, "%+" PRId64, offset);
	used = 4 + grid_print_name(grid, col + 4, row, 12, style, who);
	used = used < 16 ? 16 : used + 1;
	told = offset != 0 && event_is_error(&e) ? STYLE_ERROR : style;
	grid_put(grid, col + used, row, told,
		 event_direction(&e) == CROSS_DOWN ? 0x25bc
		 : event_direction(&e) == CROSS_UP ? 0x25b2
						   : ' ');
	paint_told(s, grid, (struct rect){ col + used + 2, row, cols - used - 11, 1 }, told, &e);
	phrase_duration(s->reader, &e, what, sizeof(what));
	grid_print_right(grid, col, row, cols - 1, style, "%s", what);
	grid_aim(grid, (struct rect){ col, row, cols, 1 }, AIM_EVENT, (int64_t)id);
}

void paint_side(const struct session *s, struct grid *grid, const struct layout *l)
{
	int col = l->side_col + 1, cols = l->side_cols - 1, rows = l->status_row - 2;
	int fields = 10, near = rows - fields - 2;

	for (int row = 1; row < l->status_row; row++)
		grid_put(grid, l->side_col - 1, row, STYLE_DIM, 0x2502);
	grid_print(grid, col, 1, cols, STYLE_KEY, "EVENTS     into ring 0     back to ring 3");
	grid_put(grid, col + 9, 1, STYLE_KEY, 0x25bc);
	grid_put(grid, col + 25, 1, STYLE_KEY, 0x25b2);
	grid_print_right(grid, col, 1, cols - 1, STYLE_DIM, "took");
	if (s->now.id == 0)
		return;
	for (int row = 0; row < near; row++)
		paint_near(s, grid, col, 2 + row, cols, row - near / 2);
	grid_print(grid, col, 2 + near, cols, STYLE_KEY, "THIS EVENT  %s",
		   label_event(s->event.kind));
	paint_fields(s, grid, (struct rect){ col + 1, 3 + near, cols - 1, fields }, &s->event);
}
