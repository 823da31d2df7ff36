/* Answers of SQL queries as aligned tables for people or JSON for programs.
 *
 * In text a column whose name ends in _ns is shown as a time; in JSON it stays a
 * number. */
#ifndef TRACER_CLI_TABLE_H
#define TRACER_CLI_TABLE_H

#include <sqlite3.h>
#include <stdbool.h>

/* A time of so many ns in at most 4 digits and a unit: "12.3 us". */
void time_format(char *to, unsigned size, long long ns);

/* The rows of sql under a title; nothing if there are none.  False: the query
 * failed. */
bool table_text(sqlite3 *db, const char *title, const char *sql);
/* The rows as "key": [ {...}, ... ] without a comma. */
bool table_json(sqlite3 *db, const char *key, const char *sql);
/* The one row as members "name": value, separated by commas. */
bool members_json(sqlite3 *db, const char *sql);
/* The one row as lines "name  value". */
bool members_text(sqlite3 *db, const char *sql);

#endif
