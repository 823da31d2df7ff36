/* Decoding a whole recording into ordinary tables (schemas/sql/tables.sql).  Done once, at the end
 * of a run or when a cut-off file is first read. */
#ifndef TRACER_TABLES_TABLES_H
#define TRACER_TABLES_TABLES_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "tracer/error.h"

/* Told now and then how far it is, at the end that all is done; may be NULL. */
typedef void (*tables_progress)(uint64_t done, uint64_t all);

/* Make the tables anew and fill them, in one transaction.  large: those too that grow with
 * the events.  0, 2 the file cannot be read or written, 3 it ends before the clock is
 * known. */
int tables_build(sqlite3 *db, bool large, tables_progress progress, struct error *why);

/* The same in steps, while blocks are still added.  The caller holds a transaction around
 * each call but the last. */
struct builder;
int tables_begin(struct builder **out, sqlite3 *db, bool large, struct error *why);
/* Take in blocks that were added. */
int tables_more(struct builder *b, struct error *why);
/* At most so many events more of the blocks taken in, none younger than the TSC.
 * *walked: how many. */
int tables_walk(struct builder *b, uint64_t events, uint64_t tsc, uint64_t *walked,
		struct error *why);
/* Let readers see what was walked: level of detail, how many events. */
int tables_show(struct builder *b, struct error *why);
/* All that is left, in transactions of its own, then what only the end tells. */
int tables_end(struct builder *b, tables_progress progress, struct error *why);
void tables_close(struct builder *b);
/* The youngest TSC among the blocks so far, 0 none. */
uint64_t tables_youngest(const struct builder *b);
/* The TSC up to which a CPU has sent all, 0 none. */
uint64_t tables_reach(const struct builder *b, unsigned cpu);
/* Has any event come too late to be put in its place?  Then all is to be built anew. */
bool tables_late(const struct builder *b);

/* Have they been filled?  TABLES_INDEX: all but the large ones. */
enum tables_state { TABLES_NONE, TABLES_ALL, TABLES_INDEX };
enum tables_state tables_ready(sqlite3 *db);

/* The statements that make them, for whoever makes a new file. */
int tables_create(sqlite3 *db, struct error *why);
/* Empty the tables that grow with the events. */
int tables_large_clear(sqlite3 *db, struct error *why);
/* The views of our own connections: those of a file are anybody's. */
int tables_views(sqlite3 *db, struct error *why);

/* For every CPU and event: emitted = stored + lost + filtered + missing, and those missing
 * of a CPU are as many as were in the blocks that its sequence numbers lack?  1 yes, 0 no
 * (why says where first), -1 the guest's counts never came.  After tables_build. */
int tables_identity(sqlite3 *db, struct error *why);

#endif
