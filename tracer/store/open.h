/* Opening a trace file to read it, decoded.
 *
 * A file that a recording left undecoded is decoded now: in place if it is ours
 * to write and nobody records into it, else in a temporary copy.  A file whose recorder
 * fills the tables as it goes is opened as it stands. */
#ifndef TRACER_STORE_OPEN_H
#define TRACER_STORE_OPEN_H

#include <sqlite3.h>
#include <stdbool.h>

#include "tracer/error.h"
#include "tracer/tables/tables.h"

/* 0 and a database to read; 2 no such file, not a trace; 3 cut off beyond use. */
int trace_open(sqlite3 **out, const char *path, tables_progress progress, struct error *why);
/* The same, but the tables that grow with the events may be empty (--tables none): for those
 * who read events by number. */
int trace_open_index(sqlite3 **out, const char *path, tables_progress progress, struct error *why);

/* Is path being recorded into now, and can it be opened while it grows? */
bool trace_live(const char *path);

#endif
