/* What the descriptors of a process refer to, followed from its calls: a file by its
 * path, a pipe by its number in the process, so that two recordings can be compared
 * whatever numbers the descriptors have. */
#ifndef TRACER_ANALYSIS_DESCRIPTORS_H
#define TRACER_ANALYSIS_DESCRIPTORS_H

#include <stdint.h>

#include "tracer/analysis/walk.h"

/* Descriptors above are compared by their numbers. */
#define DESCRIPTORS_MAX 4096u

struct descriptors {
	uint64_t *labels; /* 0: not known how it came */
	uint32_t size;
	uint32_t made; /* pipes, sockets and the like so far */
};

/* A label that is equal where the descriptor refers to the same thing. */
uint64_t descriptors_label(const struct descriptors *d, int64_t fd);
/* The process's call t->call has ended with a result. */
void descriptors_call(struct descriptors *d, const struct call *c);
/* A child begins with its parent's descriptors. */
void descriptors_copy(struct descriptors *to, const struct descriptors *from);
void descriptors_free(struct descriptors *d);

#endif
