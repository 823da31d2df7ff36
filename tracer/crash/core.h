/* Core files out of a recording. */
#ifndef TRACER_CRASH_CORE_H
#define TRACER_CRASH_CORE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "tracer/error.h"

/* One of a recording's core files. */
struct core_file {
	int64_t id;
	uint32_t pid, signal;
	int64_t bytes;   /* of the file; -1: the recording ended before it did */
	int64_t omitted; /* bytes of memory that were left out */
};

/* The last core of a process (pid -1: of any).  1 found, 0 there is none, -1 the file
 * cannot be read (why: status 2 or 3). */
int core_find(struct core_file *out, sqlite3 *db, int64_t pid, struct error *why);
/* Write it to path, with holes where it has zeros; what cannot be written whole is
 * removed.  0, 2, or 3: what the recording has is damaged. */
int core_write(sqlite3 *db, const struct core_file *c, const char *path, struct error *why);

#endif
