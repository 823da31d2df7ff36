/* Frames from the host.  Its bytes are hostile: the parser holds one small frame,
 * takes nothing it cannot check, and finds the next frame after rubbish. */
#ifndef KERNEL_TRACE_WIRE_INPUT_H
#define KERNEL_TRACE_WIRE_INPUT_H

#include "kernel/lib/types.h"
#include "schemas/trace.h"

#define WIRE_INPUT_PAYLOAD 8 /* no frame to the guest carries more */

struct wire_input {
	union {
		struct trace_frame frame;
		unsigned char bytes[sizeof(struct trace_frame) + WIRE_INPUT_PAYLOAD];
	};
	size_t filled;
	uint64_t rejected; /* bytes skipped */
};

/* Take bytes up to the end of the next good frame.  Its kind, with its number (0
 * without payload) in *value; 0: all bytes are used up.  *used bytes were taken. */
unsigned wire_input_next(struct wire_input *in, const unsigned char *bytes, size_t count,
			 size_t *used, uint64_t *value);

#endif
