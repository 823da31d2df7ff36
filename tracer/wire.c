#include "tracer/wire.h"

#include <stdlib.h>
#include <string.h>

#include "tracer/crc.h"

/* One read takes up to this much: below 64 KiB the reader cannot keep up. */
#define WIRE_READ (256u << 10)

int wire_init(struct wire *w, struct error *why)
{
	*w = (struct wire){ .limit = TRACE_BLOCK_MAX, .size = 4 * WIRE_READ };
	w->data = malloc(w->size);
	if (!w->data)
		return error_set(why, 125, "cannot receive the trace: out of memory");
	return 0;
}

void wire_free(struct wire *w)
{
	free(w->data);
	*w = (struct wire){ 0 };
}

void *wire_room(struct wire *w, size_t *count)
{
	const size_t held = w->end - w->start;
	uint8_t *data;

	/* Nothing to be moved: the same memory again, which is in the cache. */
	if (held == 0 || w->size - w->end < WIRE_READ) {
		memmove(w->data, w->data + w->start, held);
		w->start = 0;
		w->end = held;
	}
	if (w->size - w->end < WIRE_READ) {
		data = realloc(w->data, w->size * 2);
		if (!data)
			return NULL;
		w->data = data;
		w->size *= 2;
	}
	*count = w->size - w->end;
	return w->data + w->end;
}

void wire_filled(struct wire *w, size_t count)
{
	w->end += count;
}

static uint32_t frame_crc(const struct trace_frame *head, const void *payload)
{
	return crc32c(crc32c(0, head, offsetof(struct trace_frame, crc)), payload,
		      trace_frame_covered(head));
}

int wire_next(struct wire *w, struct frame *out, struct error *why)
{
	struct trace_frame head;
	const uint8_t *payload;

	if (w->end - w->start < sizeof(head))
		return 0;
	memcpy(&head, w->data + w->start, sizeof(head));
	if (head.magic != TRACE_FRAME_MAGIC)
		goto broken;
	if (head.version != TRACE_VERSION) {
		error_set(why, 125, "the trace is broken: frame %llu is of version %u, not %u",
			  (unsigned long long)w->frames, head.version, TRACE_VERSION);
		return -1;
	}
	if (head.length > w->limit)
		goto broken;
	if (w->end - w->start - sizeof(head) < head.length)
		return 0;
	payload = w->data + w->start + sizeof(head);
	if (frame_crc(&head, payload) != head.crc) {
		error_set(why, 125, "the trace is broken: wrong checksum in frame %llu",
			  (unsigned long long)w->frames);
		return -1;
	}
	w->start += sizeof(head) + head.length;
	w->frames++;
	*out = (struct frame){ head.kind, head.length, payload };
	return 1;
broken:
	error_set(why, 125, "the trace is broken: no frame begins after frame %llu",
		  (unsigned long long)w->frames);
	return -1;
}

struct trace_frame wire_header(unsigned kind, const void *payload, uint32_t length)
{
	struct trace_frame head = {
		.magic = TRACE_FRAME_MAGIC,
		.version = TRACE_VERSION,
		.kind = (uint16_t)kind,
		.length = length,
	};

	head.crc = frame_crc(&head, payload);
	return head;
}
