/* Where in the guest's trace ring the record of an event was made. */
#ifndef TRACER_DEBUG_POSITION_H
#define TRACER_DEBUG_POSITION_H

#include <stdbool.h>
#include <stdint.h>

#include "tracer/error.h"
#include "tracer/reader.h"

/* Bytes from the beginning of time, as kernel/trace/ring.h counts: of the block, of the
 * record.  For recordings of one CPU.  0 or status 3. */
int position_find(struct reader *r, uint64_t event, uint64_t *block, uint64_t *record,
		  struct error *why);

#endif
