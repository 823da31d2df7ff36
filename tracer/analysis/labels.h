/* Spans and threads by the names that profiles give them. */
#ifndef TRACER_ANALYSIS_LABELS_H
#define TRACER_ANALYSIS_LABELS_H

#include <string.h>

#include "tracer/analysis/walk.h"

/* A name, cut to size; there are too many for a format. */
static inline void name_copy(char *to, size_t size, const char *name)
{
	size_t length = strlen(name);

	if (length > size - 1)
		length = size - 1;
	memcpy(to, name, length);
	to[length] = 0;
}

/* The program that a thread runs. */
void program_name(const struct walk_thread *t, char *to, size_t size);
/* "read", "page fault: file page", "interrupt: timer". */
void span_label(const struct walk_span *s, char to[WALK_NAME_BYTES]);

#endif
