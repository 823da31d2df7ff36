/* Blocks as bytes: check one, walk its records.  Every byte is hostile. */
#ifndef TRACER_BLOCK_H
#define TRACER_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/trace.h"
#include "tracer/error.h"

#define TRACE_CPUS_MAX  64u         /* CPUs a guest may have */
#define TRACE_BLOCK_MAX (16u << 20) /* bytes of the largest block we take */

/* Is the header of these count bytes sound?  Copies it to out.  0 or error_set. */
int block_check(const void *bytes, size_t count, struct trace_block *out, struct error *why);

/* One record in a block. */
struct record {
	unsigned id;            /* below EV_LIMIT, maybe an event that we do not know */
	unsigned words;         /* of payload */
	uint32_t offset;        /* of the header word, bytes from the block's start */
	uint64_t time;          /* TSC */
	const uint8_t *payload; /* may be unaligned: memcpy from it */
};

struct block_cursor {
	const uint8_t *bytes;
	uint32_t offset, end;
	uint64_t first, last, time;
	bool bad; /* the walk stopped at bytes that are no record */
};

/* Do the records of a block that block_check accepted fill it, as many as its header
 * says?  A frame's CRC does not cover them. */
bool block_adds_up(const void *bytes, const struct trace_block *header);

/* Walk the records of a block that block_check accepted. */
void block_walk(struct block_cursor *c, const void *bytes, const struct trace_block *header);
bool block_next(struct block_cursor *c, struct record *out);

#endif
