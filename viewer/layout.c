#include "viewer/layout.h"

#include "viewer/stage.h"

#define SIDE_FROM_COLS 130

/* Take up to wanted of the rows that are left over. */
static int spend(int *spare, int wanted)
{
	int taken = *spare < wanted ? *spare : wanted;

	taken = taken < 0 ? 0 : taken;
	*spare -= taken;
	return taken;
}

static void layout_boxes(struct layout *l)
{
	int room = l->main_cols - LAYOUT_GUTTER;
	int least = l->main_cols >= 100 ? 18 : 17;

	l->boxes = (room + 1) / (least + 1);
	l->boxes = l->boxes < 1 ? 1 : l->boxes > STAGE_PLACES ? STAGE_PLACES : l->boxes;
	l->box_cols = (room + 1) / l->boxes - 1;
	if (l->box_cols > 26)
		l->box_cols = 26;
}

struct layout layout_make(int cols, int rows, unsigned cpus)
{
	struct layout l = { .main_cols = cols };
	int spare = rows - LAYOUT_ROWS, above, below, per_row;

	l.compact = cols < LAYOUT_COLS || rows < LAYOUT_ROWS;
	if (cols >= SIDE_FROM_COLS) {
		l.side_cols = cols * 36 / 100 > 64 ? 64 : cols * 36 / 100;
		l.side_col = cols - l.side_cols;
		l.main_cols = l.side_col - 1;
	}
	layout_boxes(&l);
	per_row = (l.main_cols - LAYOUT_GUTTER) / LAYOUT_CPU_COLS;
	per_row = per_row < 1 ? 1 : per_row;
	l.box_rows = 4 + spend(&spare, 2);
	above = 2 + spend(&spare, 1);
	below = 2 + spend(&spare, 1);
	l.why_rows = 3 + spend(&spare, 2);
	l.part_rows = 5 + spend(&spare, 2);
	above += spend(&spare, 2);
	below += spend(&spare, 1);
	l.cpu_rows = 1 + spend(&spare, ((int)cpus + per_row - 1) / per_row - 1);
	l.why_rows += spend(&spare, 1);
	if (spare >= 4)
		l.lanes_rows = spend(&spare, l.boxes + 4);
	above += spend(&spare, 3);
	below += spend(&spare, 2);
	l.lanes_rows += l.lanes_rows > 0 ? spend(&spare, 64) : 0;

	l.box_row = 2;
	l.line_row = l.box_row + l.box_rows + above;
	l.part_row = l.line_row + 1 + below;
	l.turn_row = l.part_row - 1;
	l.cpu_row = l.part_row + l.part_rows;
	l.scrub_row = l.cpu_row + l.cpu_rows;
	l.why_row = l.scrub_row + 1;
	l.lanes_row = l.why_row + l.why_rows;
	l.strip_row = l.lanes_row + l.lanes_rows;
	l.status_row = rows - 2;
	l.bar_row = rows - 1;
	return l;
}

int layout_lane(const struct layout *l, int place)
{
	return LAYOUT_GUTTER + place * (l->box_cols + 1) + l->box_cols / 2;
}
