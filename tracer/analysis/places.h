/* Where a thread is in, from the outside in: its spans, and the kernel functions within
 * them. */
#ifndef TRACER_ANALYSIS_PLACES_H
#define TRACER_ANALYSIS_PLACES_H

#include "tracer/analysis/walk.h"

#define PLACES_MAX (SPAN_DEPTH + FRAME_DEPTH)

/* One of both. */
struct place {
	struct walk_span *span;
	struct walk_frame *frame;
};

/* How many there are.  They point into t. */
static inline unsigned places_find(struct walk_thread *t, struct place to[PLACES_MAX])
{
	unsigned count = 0, frame = 0;

	for (unsigned span = 0; span <= t->depth; span++) {
		while (frame < t->frame_count && t->frames[frame].spans <= span)
			to[count++] = (struct place){ .frame = &t->frames[frame++] };
		if (span < t->depth)
			to[count++] = (struct place){ .span = &t->spans[span] };
	}
	return count;
}

/* What the watcher keeps of a place. */
static inline uint32_t *place_mine(const struct place *p)
{
	return p->span ? &p->span->mine : &p->frame->mine;
}

#endif
