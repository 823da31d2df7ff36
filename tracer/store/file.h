/* The file that a recording is stored in: making an empty one, opening and locking it. */
#ifndef TRACER_STORE_FILE_H
#define TRACER_STORE_FILE_H

#include <sqlite3.h>
#include <stdbool.h>

#include "tracer/error.h"

/* Make path a whole trace file without a recording.  A trace file or an empty file there is
 * replaced, with force any file; anything else is refused.  0, or status 2. */
int file_make(const char *path, bool force, struct error *why);

/* Open path to write, and lock it: others then do not.  flags: of open(2), besides.  *db and
 * *lock, a descriptor, are the caller's to close.  0, or status 2. */
int file_lock(sqlite3 **db, int *lock, const char *path, int flags, struct error *why);

#endif
