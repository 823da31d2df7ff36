/* Who called whom in a program that died: by the call-frame information of its files and
 * its memory as it was.  Where a file says nothing, the next word of the stack that lies
 * behind a call instruction is taken for the caller: a guess. */
#ifndef TRACER_CRASH_FRAMES_H
#define TRACER_CRASH_FRAMES_H

#include "tracer/crash/image.h"
#include "tracer/crash/teller.h"

struct program_frame {
	uint64_t address;
	bool behind; /* it is a return address */
	bool guessed;
};

/* The frames of a thread with these registers, the innermost first, itself included; how
 * many of at most max.  *more: there may be more. */
unsigned frames_walk(struct teller *t, const struct image *m,
		     const uint64_t registers[FRAME_REGISTERS], struct program_frame *out,
		     unsigned max, bool *more);

#endif
