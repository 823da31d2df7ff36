/* Judges what a consumer of a ring gets: every property that the trace promises,
 * checked block by block and once more at the end.  Used by the ring's tests. */
#ifndef TESTS_HOST_RING_CHECK_H
#define TESTS_HOST_RING_CHECK_H

#include "kernel/trace/ring.h"

struct ring_check {
	struct ring *ring;
	uint64_t blocks, records; /* seen so far */
	uint64_t last_time;       /* of the latest record */
	uint64_t stored[RING_EVENTS];
	uint64_t next[RING_EVENTS]; /* least serial number that may come next, by event */
	const char *error;          /* the first broken promise, or NULL */
};

/* A ring, all of whose events are wanted.  NULL: no memory. */
struct ring *ring_check_make(unsigned blocks, size_t block_bytes);
void ring_check_free(struct ring *r);
/* Emit a record of this event whose payload can be checked: its serial number,
 * then words made from it.  On the ring's CPU.  False: lost. */
bool ring_check_emit(struct ring *r, unsigned id, uint64_t serial, unsigned words);
/* The same, calling nested between reserve and commit. */
bool ring_check_emit_nested(struct ring *r, unsigned id, uint64_t serial, unsigned words,
			    void (*nested)(void));
/* Judge a block that ring_take gave. */
void ring_check_block(struct ring_check *c, const struct trace_block *b);
/* When all is taken: emitted = stored + lost + filtered for each event. */
void ring_check_end(struct ring_check *c);

#endif
