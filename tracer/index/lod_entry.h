/* Sums of one bucket as bytes in table lod: a sequence of buckets, each its distance from
 * the one before, its number of lanes, and these. */
#ifndef TRACER_INDEX_LOD_ENTRY_H
#define TRACER_INDEX_LOD_ENTRY_H

#include "tracer/lod.h"
#include "tracer/state/blob.h"

struct lod_entry {
	struct lod_sum sum;
	enum run_state before, after; /* of the lane, at the bucket's beginning and end */
	int64_t accounted;            /* times are summed up until then; while it is made */
};

/* Width of the buckets of a level, as a shift. */
static inline unsigned lod_shift(unsigned level)
{
	return LOD_SHIFT + LOD_FACTOR_BITS * level;
}

bool lod_entry_put(struct blob *b, const struct lod_entry *e);
bool lod_entry_get(const struct blob *b, size_t *at, struct lod_entry *e);

#endif
