/* What a recording keeps of its inputs, so that it can be run again. */
#ifndef TRACER_STORE_INPUTS_H
#define TRACER_STORE_INPUTS_H

#include <sqlite3.h>
#include <stdint.h>

#include "tracer/error.h"

/* Keep all of a file under a name.  0 or status 2. */
int input_save(sqlite3 *db, const char *name, int fd, struct error *why);
/* Likewise `size` bytes of it, not 0, from `at`. */
int input_save_part(sqlite3 *db, const char *name, int fd, uint64_t at, uint64_t size,
		    struct error *why);
/* A file in memory with what was kept: its descriptor, or -1 with why (status 3: there is
 * none, or it is damaged). */
int input_load(sqlite3 *db, const char *name, struct error *why);

#endif
