/* A state as bytes, for keyframes: numbers of 7 bits a byte, low ones first, strings
 * with their length before them.  Equal states have equal bytes. */
#ifndef TRACER_STATE_BLOB_H
#define TRACER_STATE_BLOB_H

#include <stddef.h>
#include <stdint.h>

#include "tracer/state.h"

struct blob {
	uint8_t *data;
	size_t size, room;
};

void blob_free(struct blob *b);
/* One number at the end; false: no memory. */
bool blob_put(struct blob *b, uint64_t value);
/* The number at *at, which moves on; false: the bytes end or make no number. */
bool blob_get(const uint8_t *data, size_t size, size_t *at, uint64_t *value);

/* Append s (without s->last) to b.  False: no memory. */
bool state_save(const struct state *s, struct blob *b);
/* Make s, which is empty, from bytes that may be hostile.  False: they are no state, or
 * no memory; s is then to be freed. */
bool state_load(struct state *s, const uint8_t *data, size_t size);

#endif
