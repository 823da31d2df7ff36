/* The last few lines of a text that may be long, kept for a message. */
#ifndef TRACER_VM_TAIL_H
#define TRACER_VM_TAIL_H

#include <stddef.h>

#define TAIL_BYTES 16384

struct tail {
	char text[TAIL_BYTES];
	size_t length;
};

void tail_append(struct tail *t, const char *bytes, size_t count);
/* Read what a descriptor has into the tail; 0 at its end. */
long tail_read(struct tail *t, int fd);
/* The last lines, at most so many; NUL-terminated, inside t. */
const char *tail_lines(struct tail *t, unsigned lines);

#endif
