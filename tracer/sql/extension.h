/* Included before everything else where the library is built as an extension: SQLite's
 * functions are then those of the program that loads it. */
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT3
