/* Putting a trace file away: as small as it can be and still be all there.
 *
 * Blocks are packed anew, with more work than a recording can afford; of what was decoded
 * only what does not grow with the events stays, as with --tables none: whoever asks for
 * the rest gets it made in a copy. */
#ifndef TRACER_STORE_PACK_H
#define TRACER_STORE_PACK_H

#include "tracer/error.h"
#include "tracer/tables/tables.h"

/* The file is as before when it fails.  0; 2: it cannot be read or written, or somebody
 * records into it; 3: it is no whole trace. */
int trace_pack(const char *path, tables_progress progress, struct error *why);

#endif
