/* Making the level-of-detail sums while a trace is walked.
 *
 * lod_event for each event after state_event, lod_store whenever what there is shall be
 * in the file, lod_end at last.  What lod_store writes of buckets that are not over yet
 * is replaced later. */
#ifndef TRACER_INDEX_LOD_WRITE_H
#define TRACER_INDEX_LOD_WRITE_H

#include <sqlite3.h>

#include "tracer/lod.h"

struct lod;

struct lod *lod_new(sqlite3 *db, struct error *why);
void lod_delete(struct lod *l);

/* What the event that s was just moved over did. */
int lod_event(struct lod *l, const struct state *s, const struct event *e, struct error *why);
/* Records that are missing on a CPU just before time. */
void lod_lost(struct lod *l, const struct state *s, uint32_t cpu, int64_t time, uint64_t count);
int lod_store(struct lod *l, struct error *why);

#endif
