/* Frames from the host.  Its bytes are hostile: the parser holds one small frame,
 * takes nothing it cannot check, and finds the next frame after rubbish. */
#ifndef KERNEL_TRACE_WIRE_INPUT_H
#define KERNEL_TRACE_WIRE_INPUT_H

#include "kernel/lib/types.h"
#include "schemas/trace.h"

/* What a frame to the guest carries. */
union wire_payload {
	uint64_t value; /* CREDIT, PING */
	struct trace_rule rule;
};

struct wire_input {
	union {
		struct trace_frame frame;
		unsigned char bytes[sizeof(struct trace_frame) + sizeof(union wire_payload)];
	};
	size_t filled;
	uint64_t rejected; /* bytes skipped */
};

/* Take bytes up to the end of the next good frame.  Its kind, with its payload (zero
 * where it has none); 0: all bytes are used up.  *used bytes were taken. */
unsigned wire_input_next(struct wire_input *in, const unsigned char *bytes, size_t count,
			 size_t *used, union wire_payload *payload);

#endif
