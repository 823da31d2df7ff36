/* QEMU's arguments: a machine as its command line. */
#ifndef TRACER_VM_ARGUMENTS_H
#define TRACER_VM_ARGUMENTS_H

#include <stdbool.h>

#include "tracer/buffer.h"
#include "tracer/vm/machine.h"

#define ARGUMENTS_MAX 256

struct arguments {
	const char *list[ARGUMENTS_MAX + 1]; /* as exec wants them: NULL behind the last */
	unsigned count;
	char *made[64]; /* those to free */
	unsigned made_count;
	bool failed; /* too many, or no memory: some are missing */
};

/* Those of this machine, whose RAM is the open file `memory`; theirs: by port, what QEMU
 * gets.  Texts of the config are not copied. */
void arguments_make(struct arguments *a, const struct machine_config *c, int memory,
		    const int theirs[PORT_LIMIT]);
void arguments_free(struct arguments *a);
/* Append them as a shell would show them. */
void arguments_tell(struct buffer *to, const struct arguments *a);

#endif
