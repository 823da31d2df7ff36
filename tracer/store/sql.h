/* Short forms over SQLite: run, prepare, bind a row of values, step. */
#ifndef TRACER_STORE_SQL_H
#define TRACER_STORE_SQL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "tracer/error.h"

/* Stands for NULL among integers of sql_row. */
#define SQL_NULL INT64_MIN

/* "what failed: which file: what SQLite says"; status 2. */
int sql_error(struct error *why, sqlite3 *db, const char *what);

int sql_exec(sqlite3 *db, const char *sql, struct error *why);
sqlite3_stmt *sql_prepare(sqlite3 *db, const char *sql, struct error *why);

/* Bind values from the first parameter on and run an INSERT or the like.  format
 * has a letter a value: i int64_t (SQL_NULL: NULL), t const char * (NULL: NULL),
 * b const void * and size_t.  0, or an SQLite error code. */
int sql_row(sqlite3_stmt *s, const char *format, ...);

/* One integer answered by sql, or otherwise when there is no row or it is NULL. */
int64_t sql_integer(sqlite3 *db, const char *sql, int64_t otherwise);

/* Expect hostile content: no triggers, no views, no trust in the schema. */
void sql_harden(sqlite3 *db);

#endif
