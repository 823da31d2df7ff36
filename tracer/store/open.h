/* Opening a trace file to read it, decoded.
 *
 * A file that a recording left undecoded is decoded now: in place if it is ours
 * to write and nobody records into it, else in a temporary copy. */
#ifndef TRACER_STORE_OPEN_H
#define TRACER_STORE_OPEN_H

#include <sqlite3.h>

#include "tracer/error.h"
#include "tracer/tables/tables.h"

/* 0 and a database to read; 2 no such file, not a trace; 3 cut off beyond use. */
int trace_open(sqlite3 **out, const char *path, tables_progress progress, struct error *why);

#endif
