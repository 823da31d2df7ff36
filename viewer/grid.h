/* A screen as cells, with no terminal in it: what the renderer writes, what the
 * terminal shows, what the tests compare.
 *
 * Everything clips: drawing outside the grid, or outside the width given, is
 * allowed and does nothing.  Coordinates count from 0 at the top left. */
#ifndef VIEWER_GRID_H
#define VIEWER_GRID_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "viewer/palette.h"

/* What a click on a cell is about. */
enum aim {
	AIM_NONE,
	AIM_EVENT, /* value: its number */
	AIM_TIME,  /* ns in the trace */
	AIM_ROW,   /* of what the view lists, as so many rows from the selected one */
	AIM_LANE,  /* of the timeline */
	AIM_VIEW,  /* enum view */
};

struct cell {
	uint32_t glyph; /* code point of one cell's width */
	uint8_t style;  /* enum style */
	uint8_t aim;    /* enum aim */
	int64_t value;  /* of that */
};

struct grid {
	int cols, rows;
	bool ascii;               /* draw with ASCII only */
	int covered;              /* rows from here on something else is copied over; 0: none */
	int focus_col, focus_row; /* where the hardware cursor rests */
	struct cell *cells;
};

struct rect {
	int col, row, cols, rows;
};

/* Make grid cols by rows blank cells (at least 1 by 1).  False: no memory, and
 * the grid is as before. */
bool grid_resize(struct grid *grid, int cols, int rows);
void grid_free(struct grid *grid);
void grid_clear(struct grid *grid);

/* The cell, NULL outside. */
struct cell *grid_at(const struct grid *grid, int col, int row);

void grid_put(struct grid *grid, int col, int row, enum style style, uint32_t glyph);
void grid_fill(struct grid *grid, struct rect area, enum style style, uint32_t glyph);
/* A frame of thin lines around area's edge, title set into its top line. */
void grid_box(struct grid *grid, struct rect area, enum style style, const char *title);

/* Say what a click into area is about; drawing over it takes that away again. */
void grid_aim(struct grid *grid, struct rect area, enum aim aim, int64_t value);

/* Copy rows of from, from its top, to row and col of grid. */
void grid_copy(struct grid *grid, int col, int row, const struct grid *from, int rows);

/* Make area's cells those that from, of the same size, has there. */
void grid_keep(struct grid *grid, const struct grid *from, struct rect area);

/* Text made safe by text_clean, in at most width cells from col; what does not
 * fit ends in an ellipsis.  Returns the cells used. */
int grid_print(struct grid *grid, int col, int row, int width, enum style style, const char *format,
	       ...) __attribute__((format(printf, 6, 7)));
/* A thread as phrase_thread or role_text names it; too long, it loses the end of its name,
 * never its number: "preempt… 6", "pipe_pin…#1". */
int grid_print_name(struct grid *grid, int col, int row, int width, enum style style,
		    const char *name);
/* Likewise, ending at the right edge of the width cells. */
int grid_print_right(struct grid *grid, int col, int row, int width, enum style style,
		     const char *format, ...) __attribute__((format(printf, 6, 7)));
/* Text wrapped at spaces into area; returns the rows used. */
int grid_wrap(struct grid *grid, struct rect area, enum style style, const char *text);

#endif
