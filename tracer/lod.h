/* Level of detail: what a stretch of a trace was made of, column by column, in time
 * that does not depend on the length of the trace.
 *
 * Time is cut into buckets; level k has buckets 4 times as long as level k - 1.  For
 * each bucket and each lane in which something happened there, the file holds a sum
 * (schemas/sql/index.sql, table lod).  Lanes are CPUs and threads; each event counts
 * once in the lane of its CPU and once in that of its thread.  Sums are exact at every
 * level: over the CPU lanes, and over the thread lanes together with LANE_IDLE, n adds
 * up to the number of events. */
#ifndef TRACER_LOD_H
#define TRACER_LOD_H

#include <stdbool.h>
#include <stdint.h>

#include "tracer/error.h"
#include "tracer/reader.h"
#include "tracer/state.h"

#define LOD_LEVELS      12
#define LOD_SHIFT       12 /* the finest buckets possible are 2^12 ns long */
#define LOD_FACTOR_BITS 2

/* What happened to a lane in one bucket or column. */
struct lod_sum {
	uint32_t lane;
	uint64_t n;              /* events */
	int64_t time[RUN_COUNT]; /* ns spent as enum run_state; adds up to the column */
	int64_t worst;           /* longest call or fault that ended here, ns */
	uint64_t worst_id;       /* the event that began it, 0: none */
	uint64_t kinds;          /* event_set of those that are here */
	uint64_t errors;         /* system calls that failed */
	uint64_t lost;           /* records missing just before or in it (CPU lanes); where it
				  * is shorter than the finest bucket, near it */
};

/* One query: from <= time < to (ns) in so many columns of equal length. */
struct lod_query {
	int64_t from, to;
	unsigned columns; /* 1 to LOD_COLUMNS_MAX */
	/* Only these lanes, ascending: memory is taken for no others.  NULL: all. */
	const uint32_t *only;
	unsigned only_count;
	/* Stop soon when *cancel becomes true; may be NULL. */
	const volatile bool *cancel;
};

#define LOD_COLUMNS_MAX 4096u
#define LOD_LANES_MAX   8192u /* of those in the range the ones met first, if there are more */

/* The lanes that existed in the range, each with one sum a column. */
struct lod_picture {
	unsigned lanes, columns;
	uint32_t *lane;      /* [lanes], ascending */
	struct lod_sum *sum; /* [lanes * columns]: sum[i * columns + column] */
	unsigned level;      /* of the buckets used; LOD_LEVELS: single events */
	bool exact;          /* false: buckets over a column's edge were shared out by time */
	bool more;           /* there are lanes besides these */
};

/* Make the picture; free it with lod_free.  0; 2 cannot be read, or cancelled (then
 * why->text is empty). */
int reader_lod(struct reader *r, const struct lod_query *q, struct lod_picture *out,
	       struct error *why);
void lod_free(struct lod_picture *p);

/* Who a lane is. */
struct lane {
	uint32_t lane, tid, pid, parent;
	bool kernel;
	int64_t start, end; /* ns; INT64_MAX: it was still there at the end */
	char name[STATE_NAME];
};

/* False: no such lane. */
bool reader_lane(struct reader *r, uint32_t lane, struct lane *out);

#endif
