/* One number for all that a recording says: equal for equal recordings. */
#ifndef TRACER_ANALYSIS_DIGEST_H
#define TRACER_ANALYSIS_DIGEST_H

#include <sqlite3.h>
#include <stdint.h>

#include "tracer/error.h"

/* Over every event in order: CPU, thread, time, kind and payload.  0 or status 2, 3. */
int digest_make(uint64_t *out, sqlite3 *db, struct error *why);

#endif
