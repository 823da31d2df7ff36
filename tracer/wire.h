/* The frame parser: bytes in any pieces become checked frames.
 *
 * Give it memory with wire_room, say with wire_filled how many bytes came, then
 * take frames with wire_next until it gives 0.  A payload points into the parser
 * and holds until the next wire_room.  After an error the stream is lost: there
 * is no way to find the next frame in bytes that lied once. */
#ifndef TRACER_WIRE_H
#define TRACER_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "schemas/trace.h"
#include "tracer/block.h"
#include "tracer/error.h"

struct wire {
	uint8_t *data;
	size_t size;       /* allocated */
	size_t start, end; /* bytes not yet taken */
	uint64_t frames;   /* taken so far */
	uint32_t limit;    /* longest payload accepted */
};

struct frame {
	unsigned kind; /* enum trace_frame_kind */
	uint32_t length;
	const void *payload;
};

int wire_init(struct wire *w, struct error *why);
void wire_free(struct wire *w);

/* Where at least *count bytes may be stored; sets *count.  NULL: no memory. */
void *wire_room(struct wire *w, size_t *count);
void wire_filled(struct wire *w, size_t count);

/* 1 and a frame, 0 more bytes are needed, -1 the stream is broken. */
int wire_next(struct wire *w, struct frame *out, struct error *why);

/* A frame to send: header for this payload. */
struct trace_frame wire_header(unsigned kind, const void *payload, uint32_t length);

#endif
