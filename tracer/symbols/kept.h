/* Answers about files that a recording carries, for whoever reads it where the files are
 * not, or are others by now. */
#ifndef TRACER_SYMBOLS_KEPT_H
#define TRACER_SYMBOLS_KEPT_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "tracer/error.h"
#include "tracer/symbols/symbol.h"

/* Numbers are in the file: never reused. */
enum kept_question {
	KEPT_AT_OFFSET = 1,
	KEPT_AT_ADDRESS = 2,
	KEPT_AFTER_CALL = 3,
	KEPT_BUILD_ID = 4, /* in name */
	KEPT_SOURCE = 5,   /* of a source file, by line: its text, in name */
	KEPT_CODE = 6,     /* bytes from an offset on, as hex, in name */
	KEPT_FRAME = 7,    /* frame_rules_print, in name */
	KEPT_INLINED = 8,  /* file and line */
	KEPT_DIGEST = 9,   /* symbol_head: of so many bytes, 0 all; in name */
	KEPT_CHANGED = 10, /* when the file was, s since 1970, in offset */
};

struct kept;

/* What a recording has; db NULL: nothing.  NULL without memory. */
struct kept *kept_open(sqlite3 *db);
void kept_close(struct kept *k);
/* True: it was asked and answered before; *found is the answer, *out what was found. */
bool kept_find(const struct kept *k, const char *path, enum kept_question question,
	       uint64_t address, bool *found, struct symbol *out);
/* Does the recording know anything of this file? */
bool kept_file(const struct kept *k, const char *path);
void kept_add(struct kept *k, const char *path, enum kept_question question, uint64_t address,
	      bool found, const struct symbol *answer);
/* Into a recording.  0 or status 2. */
int kept_store(const struct kept *k, sqlite3 *db, struct error *why);

#endif
