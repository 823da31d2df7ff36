/* Where things stand on the boundary screen, from its size alone.  Rows of 0
 * mean: not shown. */
#ifndef VIEWER_LAYOUT_H
#define VIEWER_LAYOUT_H

#include <stdbool.h>

#define LAYOUT_COLS     80 /* below these the compact view is drawn */
#define LAYOUT_ROWS     24
#define LAYOUT_GUTTER   8  /* columns at the left that name the rings */
#define LAYOUT_CPU_COLS 20 /* that one CPU takes */

struct layout {
	bool compact;
	int main_cols;           /* of the boundary picture; the side pane is right of it */
	int side_col, side_cols; /* 0: no side pane */
	int boxes, box_cols;     /* of threads, STAGE_PLACES at most */
	int box_row, box_rows;
	int line_row;            /* ring 3 above, ring 0 below */
	int turn_row;            /* where arrows go sideways */
	int part_row, part_rows; /* boxes of the kernel's parts */
	int cpu_row, cpu_rows;
	int scrub_row;
	int why_row, why_rows;
	int lanes_row, lanes_rows; /* states of threads over the last events */
	int strip_row, status_row, bar_row;
};

struct layout layout_make(int cols, int rows, unsigned cpus);
/* Middle column of the thread box at a place. */
int layout_lane(const struct layout *layout, int place);

#endif
