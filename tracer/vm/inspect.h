/* A guest that runs or is stuck, looked at from outside: its memory, without its help.  It
 * stands still meanwhile if its tracer can still be asked. */
#ifndef TRACER_VM_INSPECT_H
#define TRACER_VM_INSPECT_H

#include "tracer/buffer.h"
#include "tracer/salvage/ram.h"

struct inspect {
	struct ram ram;
	bool paused;             /* by us */
	struct buffer registers; /* QEMU's text; empty: nobody could be asked */
	char socket[108];        /* its tracer's */
	char *trace;             /* file that is recorded into; NULL: not known */
};

/* what: the pid of the tracer (or of QEMU), the tracer's socket, or its trace file.  0, 2
 * and why.  inspect_close in any case. */
int inspect_open(struct inspect *i, const char *what, struct error *why);
/* It goes on. */
void inspect_close(struct inspect *i);

#endif
