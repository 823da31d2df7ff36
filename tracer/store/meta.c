#include "tracer/store/meta.h"

#include <stdio.h>

#include "tracer/store/sql.h"

int meta_set_text(sqlite3 *db, const char *name, const char *value)
{
	sqlite3_stmt *s = sql_prepare(db, "INSERT OR REPLACE INTO meta VALUES (?, ?)", NULL);
	const int code = s ? sql_row(s, "tt", name, value) : SQLITE_ERROR;

	sqlite3_finalize(s);
	return code;
}

int meta_set_integer(sqlite3 *db, const char *name, int64_t value)
{
	sqlite3_stmt *s = sql_prepare(db, "INSERT OR REPLACE INTO meta VALUES (?, ?)", NULL);
	const int code = s ? sql_row(s, "ti", name, value) : SQLITE_ERROR;

	sqlite3_finalize(s);
	return code;
}

static sqlite3_stmt *meta_find(sqlite3 *db, const char *name)
{
	sqlite3_stmt *s = sql_prepare(db, "SELECT value FROM meta WHERE name = ?", NULL);

	if (!s)
		return NULL;
	sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
	if (sqlite3_step(s) == SQLITE_ROW)
		return s;
	sqlite3_finalize(s);
	return NULL;
}

int64_t meta_integer(sqlite3 *db, const char *name, int64_t otherwise)
{
	sqlite3_stmt *s = meta_find(db, name);

	if (s && sqlite3_column_type(s, 0) == SQLITE_INTEGER)
		otherwise = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return otherwise;
}

void meta_text(sqlite3 *db, const char *name, char *value, size_t size)
{
	sqlite3_stmt *s = meta_find(db, name);
	const char *text = s ? (const char *)sqlite3_column_text(s, 0) : NULL;

	snprintf(value, size, "%s", text ? text : "");
	sqlite3_finalize(s);
}
