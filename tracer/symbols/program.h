/* Which files a recording's programs ran, and their functions by the files of this host that
 * had those names, if they are still the same. */
#ifndef TRACER_SYMBOLS_PROGRAM_H
#define TRACER_SYMBOLS_PROGRAM_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tracer/error.h"

struct programs;

/* When a recording ends: what tells the files that were mapped from others, and the vDSO out
 * of the kernel's file (NULL: no stacks were recorded, none is wanted).  0, or status 2. */
int programs_store(sqlite3 *db, const char *kernel, struct error *why);
/* What was kept of a file: symbol_identity then, "" unknown. */
void program_identity(sqlite3 *db, const char *path, char *text, size_t size);

/* NULL without memory.  For one thread at a time. */
struct programs *programs_open(sqlite3 *db);
void programs_close(struct programs *p);
/* The file of a mapping, whose path may have lost its beginning ("..."): open, with its
 * whole path until programs_close; -1: it is not there, or another one now. */
int program_open(struct programs *p, const char *path, const char **whole);
/* The function at this offset of it into text, or the file's name and the offset. */
void program_name_at(struct programs *p, const char *path, uint64_t offset, char *text,
		     size_t size);
/* A line on each file that is missing or another one; NULL after the last. */
const char *programs_complaint(const struct programs *p, unsigned index);

#endif
