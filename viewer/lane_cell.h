/* One cell of a lane: how a stretch of time becomes one letter. */
#ifndef VIEWER_LANE_CELL_H
#define VIEWER_LANE_CELL_H

#include <stddef.h>

#include "viewer/grid.h"
#include "viewer/scale.h"

#define LANE_NAME_COLS 17

/* Columns that lanes have on a screen of cols. */
int lanes_columns(int cols);

struct lane_cell {
	uint32_t glyph;
	enum style style;
};

/* The letter of the state that took at least three quarters of the time, '%' if none
 * did, a tick where a sleeper ran for less than a quarter, hatched where records were
 * lost.  A thread that was not there is blank, an idle CPU a dot. */
struct lane_cell lane_cell(const struct lod_sum *sum, bool cpu);
/* "ready 1.3ms, user 0.2ms; 12 events, 1 error; longest 1.2ms (event 77)" */
void lane_sum_text(const struct lod_sum *sum, char *text, size_t size);
/* "cpu 0", "cat 8"; guest bytes. */
void lane_name(const struct scale_row *row, char *text, size_t size);

/* All that happened in a column, over the CPUs. */
struct density {
	uint64_t n, errors, lost;
};

struct density density(const struct lod_picture *p, int column);
/* A mark that grows with the number of events, most of them in any column. */
uint32_t density_glyph(struct density d, uint64_t most);

#endif
