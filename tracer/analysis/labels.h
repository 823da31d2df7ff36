/* Spans and threads by the names that profiles give them. */
#ifndef TRACER_ANALYSIS_LABELS_H
#define TRACER_ANALYSIS_LABELS_H

#include "tracer/analysis/walk.h"

/* The program that a thread runs. */
void program_name(const struct walk_thread *t, char *to, size_t size);
/* "read", "page fault: file page", "interrupt: timer". */
void span_label(const struct walk_span *s, char to[WALK_NAME_BYTES]);

#endif
