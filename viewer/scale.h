/* What part of the trace the timeline shows, and the picture of it.
 *
 * The picture comes from reader_lod, whose cost does not depend on the length of the
 * trace: scale_make asks only when what is shown has changed.  Times are ns since
 * the trace began; what is shown stays within the trace. */
#ifndef VIEWER_SCALE_H
#define VIEWER_SCALE_H

#include <stdbool.h>
#include <stdint.h>

#include "tracer/lod.h"
#include "viewer/filter.h"

#define SCALE_LANE_NONE UINT32_MAX

/* Rows that are drawn at most, the selected one among them: a trace may have tens of
 * thousands of threads. */
#define SCALE_DRAWN 384u

/* A lane that there is in what is shown. */
struct scale_row {
	struct lane who; /* of a CPU only .lane is set */
	bool cpu;
	bool drawn; /* it is in the picture, at index */
	unsigned index;
	int64_t busy;  /* ns on a CPU, of what is shown */
	uint64_t lost; /* records missing, of what is shown */
};

struct scale {
	int64_t length;   /* of the trace */
	int64_t from, to; /* what is shown: from <= time < to */
	uint64_t seen;    /* event that was last brought into sight */
	uint32_t lane;    /* selected, or SCALE_LANE_NONE */

	struct lod_picture picture, all; /* of what is shown; of the CPUs in the whole trace */
	int64_t made_from, made_to;      /* what picture shows */
	unsigned made_columns;           /* and in how many columns, as all */
	unsigned made_first;             /* the first row that is drawn */
	struct filter made_filter;       /* what rows passed */
	struct scale_row *rows;          /* CPUs, programs, threads of the kernel */
	unsigned row_count;
	bool more;           /* there are threads besides these */
	struct error failed; /* why there is no picture, "" if there is one */
};

void scale_open(struct scale *t, struct reader *r);
/* The trace has become longer. */
void scale_grow(struct scale *t, struct reader *r);
void scale_free(struct scale *t);

/* Show from..to, moved and cut to fit the trace. */
void scale_show(struct scale *t, int64_t from, int64_t to);
/* Half or twice as much, with time about staying where it is. */
void scale_zoom(struct scale *t, int64_t about, bool in);
/* A quarter to the left (-1) or right (1). */
void scale_pan(struct scale *t, int way);
/* Move so that event id at time is in sight, if it is another than last time. */
void scale_follow(struct scale *t, uint64_t id, int64_t time);
/* Select the lane before (-1) or after (1). */
void scale_select(struct scale *t, int way);
/* Column of a time in so many columns; may be outside them. */
int64_t scale_column(const struct scale *t, int64_t time, int columns);
/* Row of a lane, -1 if it is not there. */
int scale_row_of(const struct scale *t, uint32_t lane);

/* Make what is to be drawn in so many columns, unless it is made already. */
void scale_make(struct scale *t, struct reader *r, const struct filter *filter, int columns);

#endif
