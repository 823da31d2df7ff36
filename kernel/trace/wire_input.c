#include "kernel/trace/wire_input.h"

#include "kernel/lib/string.h"
#include "kernel/trace/crc.h"

/* Payload of each kind; UINT32_MAX: no such frame. */
static uint32_t payload_of(unsigned kind)
{
	switch (kind) {
	case FRAME_CREDIT:
	case FRAME_PING:
		return sizeof(uint64_t);
	case FRAME_FLUSH:
	case FRAME_STOP:
	case FRAME_FREEZE:
		return 0;
	case FRAME_RULE:
		return sizeof(struct trace_rule);
	default:
		return UINT32_MAX;
	}
}

static bool header_ok(const struct trace_frame *f)
{
	return f->magic == TRACE_FRAME_MAGIC && f->version == TRACE_VERSION &&
	       f->length == payload_of(f->kind);
}

static bool crc_ok(const struct wire_input *in)
{
	uint32_t crc = crc32c(0, in->bytes, offsetof(struct trace_frame, crc));

	return crc32c(crc, in->bytes + sizeof(in->frame), in->frame.length) == in->frame.crc;
}

/* The bytes held cannot be a frame: drop the first. */
static void reject(struct wire_input *in)
{
	memmove(in->bytes, in->bytes + 1, --in->filled);
	in->rejected++;
}

/* A good frame is held: true.  False: more bytes are needed. */
static bool frame_whole(struct wire_input *in)
{
	while (in->filled >= sizeof(in->frame)) {
		if (!header_ok(&in->frame))
			reject(in);
		else if (in->filled < sizeof(in->frame) + in->frame.length)
			return false;
		else if (!crc_ok(in))
			reject(in);
		else
			return true;
	}
	return false;
}

unsigned wire_input_next(struct wire_input *in, const unsigned char *bytes, size_t count,
			 size_t *used, union wire_payload *payload)
{
	size_t length;
	unsigned kind;

	for (*used = 0; !frame_whole(in);) {
		if (*used == count)
			return 0;
		in->bytes[in->filled++] = bytes[(*used)++];
	}
	kind = in->frame.kind;
	length = sizeof(in->frame) + in->frame.length;
	memset(payload, 0, sizeof(*payload));
	memcpy(payload, in->bytes + sizeof(in->frame), in->frame.length);
	in->filled -= length;
	memmove(in->bytes, in->bytes + length, in->filled); /* held beyond it, after rubbish */
	return kind;
}
