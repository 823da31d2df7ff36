/* Two matched threads as one list of steps: what both did, what one did, what ended
 * differently. */
#ifndef TRACER_ANALYSIS_STEPS_H
#define TRACER_ANALYSIS_STEPS_H

#include "tracer/analysis/diff.h"

struct diff_step {
	char mark;     /* ' ' both, '-' A only, '+' B only, '!' other result */
	uint32_t a, b; /* indexes of items; of one side only, where it would be on the other */
};

/* All steps of a thread of both sides, in order; the caller frees them.  NULL without
 * memory. */
struct diff_step *diff_steps(const struct diff_thread *t, uint32_t *count);

#endif
