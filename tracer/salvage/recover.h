/* A block of a ring as it lies in memory, made whole: also one that was being filled. */
#ifndef TRACER_SALVAGE_RECOVER_H
#define TRACER_SALVAGE_RECOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/trace.h"

struct recovery {
	struct trace_block head; /* of what is in `to`: bytes, records, times are right */
	unsigned unfinished;     /* records that were reserved, and not or not wholly written */
	unsigned missing;        /* committed, but not there any more */
	bool unsure;             /* which of several records was unfinished is a guess */
};

/* The committed records of the block in raw[0..capacity) into to (as large), without gaps.
 * reserved: bytes that were given out, 0 unknown.  False: this is no block. */
bool block_recover(const uint8_t *raw, size_t capacity, uint32_t reserved, uint8_t *to,
		   struct recovery *out);

#endif
