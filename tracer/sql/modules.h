/* Virtual tables straight over the raw blocks of the trace file that is the main
 * database of a connection:
 *
 *   event       all events, with their numbers, threads and processes
 *   ev_NAME     the events of one kind of schemas/events.def, their fields as columns
 *
 * They are there as soon as they are registered, without CREATE.  Rows come in order of
 * time.  Conditions on time, id, cpu and kind, and which columns a query names, decide
 * which blocks are unpacked at all. */
#ifndef TRACER_SQL_MODULES_H
#define TRACER_SQL_MODULES_H

#include <sqlite3.h>

/* An SQLite code. */
int sql_modules_register(sqlite3 *db);

#endif
