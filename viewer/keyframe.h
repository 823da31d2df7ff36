/* Copies of the model along the trace, so that going back costs a short replay.
 *
 * One copy each `step` events; when the table is full, every second copy goes
 * and step doubles, so memory is bounded whatever the length of the trace. */
#ifndef VIEWER_KEYFRAME_H
#define VIEWER_KEYFRAME_H

#include "viewer/model.h"

#define KEYFRAME_STEP  4096 /* events, at first */
#define KEYFRAME_LIMIT 256

struct keyframes {
	uint64_t step;
	unsigned count;
	struct model models[KEYFRAME_LIMIT]; /* models[i] is after event (i + 1) * step */
};

void keyframes_init(struct keyframes *keys);
void keyframes_free(struct keyframes *keys);
/* Keep a copy of m if its place is next in the table. */
void keyframes_offer(struct keyframes *keys, const struct model *m);
/* The latest kept model at or before event id, NULL if none is. */
const struct model *keyframes_before(const struct keyframes *keys, uint64_t id);

#endif
