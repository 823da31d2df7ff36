/* What happened in the last frames, counted: drawn instead of single crossings
 * when the pace is too fast to draw each, so that none vanishes silently. */
#ifndef VIEWER_TALLY_H
#define VIEWER_TALLY_H

#include <stdint.h>

#include "tracer/reader.h"

#define TALLY_ACTORS 32

struct tally {
	uint64_t events, down, up, calls, faults, switches, wakeups, irqs;
	unsigned actors;
	struct {
		uint32_t tid;
		uint32_t down, up;
	} by[TALLY_ACTORS];
};

void tally_add(struct tally *tally, const struct event *e);
/* Add another tally to sum. */
void tally_join(struct tally *sum, const struct tally *other);
/* Crossings of one thread. */
void tally_of(const struct tally *tally, uint32_t tid, uint32_t *down, uint32_t *up);

#endif
