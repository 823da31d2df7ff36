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

/* Fill the tables of db, in one transaction.  0, 2 the file cannot be read or
 * written, 3 it ends before the clock is known. */
int tables_build(sqlite3 *db, tables_progress progress, struct error *why);

/* Have they been filled? */
bool tables_ready(sqlite3 *db);

/* For every CPU and event: emitted = stored + lost?  1 yes, 0 no (why says where
 * first), -1 the guest's counts never came.  After tables_build. */
int tables_identity(sqlite3 *db, struct error *why);

#endif
