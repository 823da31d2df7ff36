/* A recording's clock: TSC ticks to ns since the kernel's first line. */
#ifndef TRACER_TABLES_TIME_BASE_H
#define TRACER_TABLES_TIME_BASE_H

#include <sqlite3.h>
#include <stdint.h>

#include "tracer/error.h"

struct time_base {
	uint64_t boot_tsc, tsc_hz;
};

/* From meta; 0 or status 3: the file has no usable clock. */
int time_base_load(struct time_base *base, sqlite3 *db, struct error *why);
/* INT64_MAX at most; before the boot 0. */
int64_t time_base_ns(const struct time_base *base, uint64_t tsc);

#endif
