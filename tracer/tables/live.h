/* Filling the tables of a recording while it goes on: a thread that has the store's
 * connection for a few milliseconds at a time, and gives it back when blocks wait to be
 * stored. */
#ifndef TRACER_TABLES_LIVE_H
#define TRACER_TABLES_LIVE_H

#include "tracer/store/store.h"
#include "tracer/tables/tables.h"

struct live;

/* Begin on what s stores; s is there until live_end or live_drop.  0 or 2. */
int live_start(struct live **out, struct store *s, bool large, struct error *why);
/* It touches the store no more: before others do, but for what is stored in turns.  NULL:
 * nothing. */
void live_stop(struct live *l);

/* Nothing more will be stored: do what is left, on this thread.  Frees l in any case.
 * 0, or as tables_build. */
int live_end(struct live *l, tables_progress progress, struct error *why);
/* Give up, leave it to whoever opens the file.  NULL: nothing. */
void live_drop(struct live *l);

#endif
