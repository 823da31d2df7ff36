/* What strace adds to a result: which files are ready, what flags there are. */
#ifndef TRACER_DECODE_OUTCOME_H
#define TRACER_DECODE_OUTCOME_H

#include "tracer/decode/call.h"

/* The result of a call that succeeded, with what belongs to it.  False: nothing was
 * printed, the number alone says it. */
bool outcome_print(struct buffer *b, const struct call *c);

#endif
