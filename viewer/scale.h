/* What part of the trace the timeline shows, and the picture of it.
 *
 * The pictures come from reader_lod, in a thread with a reader of its own: the screen does
 * not wait.  scale_ask (each frame) starts it when what is shown has changed; until the new
 * picture is there the last one is drawn where it belongs by now (scale_source).  Times are
 * ns since the trace began; what is shown stays within the trace. */
#ifndef VIEWER_SCALE_H
#define VIEWER_SCALE_H

#include <stdbool.h>
#include <stdint.h>

#include "tracer/lod.h"
#include "viewer/filter.h"
#include "viewer/job.h"

#define SCALE_LANE_NONE UINT32_MAX

/* Rows that are drawn at most, the selected one among them: a trace may have tens of
 * thousands of threads. */
#define SCALE_DRAWN 384u

/* A lane that there is in what is shown. */
struct scale_row {
	struct lane who; /* of a CPU only .lane is set */
	bool cpu;
	bool drawn; /* it is in the sums, at index */
	unsigned index;
	int64_t busy;  /* ns on a CPU, of what is shown */
	uint64_t lost; /* records missing, of what is shown */
};

/* What a picture is of. */
struct scale_query {
	bool whole; /* the CPUs only, from the beginning */
	int64_t from, to;
	unsigned columns; /* 0: there is no picture */
	uint64_t growth;  /* of the trace, when it was asked for */
	uint32_t lane;    /* to be drawn */
	struct filter filter;
};

struct scale_picture {
	struct scale_query query;
	struct lod_picture sums;
	struct scale_row *rows; /* CPUs, programs, threads of the kernel; none of the whole */
	unsigned row_count;
	unsigned first;      /* row that is drawn */
	bool more;           /* there are threads besides these */
	struct error failed; /* why there are no sums, "" if there are */
};

struct scale_work;

struct scale {
	int64_t length;   /* of the trace */
	int64_t from, to; /* what is shown: from <= time < to */
	uint64_t seen;    /* event that was last brought into sight */
	uint64_t growth;  /* how often the trace has become longer */
	uint32_t lane;    /* selected, or SCALE_LANE_NONE */

	struct scale_picture shown, whole; /* the latest ones */
	struct job job;
	struct scale_work *work; /* the job's while it runs */
	bool turn;               /* the whole is next, if both are to be made */
	bool skipped;            /* the last job was given up: the next one is not */
	bool here;               /* the file cannot be opened any more: no thread */
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

/* Have what is to be drawn in so many columns made of the file at path, unless it is made
 * already.  path NULL, or the file cannot be opened: it is made from r before this returns. */
void scale_ask(struct scale *t, const char *path, struct reader *r, const struct filter *filter,
	       int columns);
/* Take what the thread has made. */
void scale_poll(struct scale *t);
/* A thread works. */
bool scale_busy(const struct scale *t);

/* What is drawn is of from..to. */
bool scale_fresh(const struct scale *t);
/* The column of shown that tells of a column of the screen, which has so many; -1: none. */
int scale_source(const struct scale *t, int column, int columns);

#endif
