#include "tracer/store/sql.h"

#include <stdarg.h>
#include <stddef.h>
#include <string.h>

int sql_error(struct error *why, sqlite3 *db, const char *what)
{
	const int system = sqlite3_system_errno(db);
	const int code = sqlite3_errcode(db);
	const char *file = db ? sqlite3_db_filename(db, "main") : NULL;
	const char *text = sqlite3_errmsg(db);

	if (system && (code == SQLITE_IOERR || code == SQLITE_CANTOPEN))
		text = strerror(system);
	if (!file || !*file)
		return error_set(why, 2, "%s: %s", what, text);
	return error_set(why, 2, "%s: %s: %s", what, file, text);
}

int sql_exec(sqlite3 *db, const char *sql, struct error *why)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return sql_error(why, db, "cannot use the trace file");
	return 0;
}

sqlite3_stmt *sql_prepare(sqlite3 *db, const char *sql, struct error *why)
{
	sqlite3_stmt *s;

	if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL) != SQLITE_OK) {
		sql_error(why, db, "cannot use the trace file");
		return NULL;
	}
	return s;
}

int sql_row(sqlite3_stmt *s, const char *format, ...)
{
	va_list list;
	const void *bytes;
	int64_t value;
	int code;

	va_start(list, format);
	for (int i = 1; *format; format++, i++) {
		switch (*format) {
		case 'i':
			value = va_arg(list, int64_t);
			if (value == SQL_NULL)
				sqlite3_bind_null(s, i);
			else
				sqlite3_bind_int64(s, i, value);
			break;
		case 't':
			sqlite3_bind_text(s, i, va_arg(list, const char *), -1, SQLITE_STATIC);
			break;
		case 'b':
			bytes = va_arg(list, const void *);
			sqlite3_bind_blob64(s, i, bytes, va_arg(list, size_t), SQLITE_STATIC);
			break;
		}
	}
	va_end(list);
	code = sqlite3_step(s);
	sqlite3_reset(s);
	return code == SQLITE_DONE || code == SQLITE_ROW ? 0 : code;
}

int64_t sql_integer(sqlite3 *db, const char *sql, int64_t otherwise)
{
	sqlite3_stmt *s;
	int64_t value = otherwise;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
		return otherwise;
	if (sqlite3_step(s) == SQLITE_ROW && sqlite3_column_type(s, 0) == SQLITE_INTEGER)
		value = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return value;
}

void sql_harden(sqlite3 *db)
{
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 64 << 20);
	sqlite3_exec(db, "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;", NULL, NULL, NULL);
}
