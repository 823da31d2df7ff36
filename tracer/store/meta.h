/* The meta table: named facts about a recording. */
#ifndef TRACER_STORE_META_H
#define TRACER_STORE_META_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

/* 0, or an SQLite error code. */
int meta_set_text(sqlite3 *db, const char *name, const char *value);
int meta_set_integer(sqlite3 *db, const char *name, int64_t value);

int64_t meta_integer(sqlite3 *db, const char *name, int64_t otherwise);
/* Text (or a number as text) into value, "" if there is none. */
void meta_text(sqlite3 *db, const char *name, char *value, size_t size);

#endif
