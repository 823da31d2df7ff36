/* Spans and threads by the names that pictures give them. */
#ifndef TRACER_EXPORT_LABEL_H
#define TRACER_EXPORT_LABEL_H

#include "tracer/analysis/walk.h"

/* "read", "page fault", "interrupt: timer". */
void label_span(const struct walk_span *s, char *to, size_t size);
/* The program's name, else the thread's. */
const char *label_thread(const struct walk_thread *t);

#endif
