/* The records of the memory behind a call's arguments (syscall_data), gathered as they come. */
#ifndef TRACER_DECODE_RECORDED_H
#define TRACER_DECODE_RECORDED_H

#include <stddef.h>

#include "tracer/decode/call.h"

#define RECORDED_MOST  64u         /* records kept of one call */
#define RECORDED_BYTES (64u << 10) /* and their bytes */

/* Zeroed at first. */
struct recorded {
	struct call_data data[RECORDED_MOST];
	uint8_t *bytes;
	size_t used;
};

/* A call begins: it has none so far.  c->data points into r from now on. */
void recorded_begin(struct recorded *r, struct call *c);
/* Add one by its payload of so many words.  What there is no room for is left out. */
void recorded_add(struct recorded *r, struct call *c, const uint64_t *payload, unsigned words);
void recorded_free(struct recorded *r);

#endif
