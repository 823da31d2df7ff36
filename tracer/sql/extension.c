/* ringscope_sqlite.so: the virtual tables for plain sqlite3, by `.load`. */
#include <sqlite3ext.h>

#include "tracer/sql/modules.h"

SQLITE_EXTENSION_INIT1

/* The name is what SQLite makes of that of the file. */
int sqlite3_ringscopesqlite_init(sqlite3 *db, char **message, const sqlite3_api_routines *api);

int sqlite3_ringscopesqlite_init(sqlite3 *db, char **message, const sqlite3_api_routines *api)
{
	SQLITE_EXTENSION_INIT2(api);
	(void)message;
	return sql_modules_register(db);
}
