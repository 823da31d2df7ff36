/* Filling the tables of a recording while it goes on: a thread with a connection of its
 * own that writes for a few milliseconds at a time, and ends that when blocks wait to be
 * stored. */
#ifndef TRACER_TABLES_LIVE_H
#define TRACER_TABLES_LIVE_H

#include "tracer/store/store.h"
#include "tracer/tables/tables.h"

struct live;

/* Begin on the file at path, which s stores into.  0 or 2. */
int live_start(struct live **out, const char *path, struct store *s, bool large, struct error *why);

/* Nothing more will be stored: do what is left, on this thread.  Frees l in any case.
 * 0, or as tables_build. */
int live_end(struct live *l, tables_progress progress, struct error *why);
/* Give up, leave it to whoever opens the file.  NULL: nothing. */
void live_drop(struct live *l);

#endif
