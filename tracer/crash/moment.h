/* The moment at which somebody wants to stop who runs a crash again. */
#ifndef TRACER_CRASH_MOMENT_H
#define TRACER_CRASH_MOMENT_H

#include "tracer/crash/story.h"

/* The event to go to: the fault or exception that was fatal, else where the signal took the
 * program, of a panic its record.  *instruction: the one that failed; 0: none did. */
uint64_t crash_moment(struct reader *r, const struct crash *c, uint64_t *instruction);

#endif
