/* Screens of the viewer drawn without a terminal and compared with tests/viewer/golden. */
#ifndef TESTS_VIEWER_SCREEN_H
#define TESTS_VIEWER_SCREEN_H

#include <stdbool.h>

/* What of each cell is compared. */
enum screen_cells {
	CELLS_TEXT,
	CELLS_STYLE, /* its style as a letter: 'A' is the first of palette.def */
	CELLS_MONO,  /* its attributes without colours: n none, b bold, d dim, r reverse */
};

struct screen {
	const char *name, *path, *keys; /* path: of a trace, for reader_open */
	int cols, rows;
	int ms;     /* that pass after the keys, in frames of 33 */
	bool ascii; /* draw with ASCII only */
	enum screen_cells cells;
};

/* Draw the screen and fail the test if it is not the golden one; with update, write that
 * anew instead. */
void screen_check(const struct screen *screen, bool update);

#endif
