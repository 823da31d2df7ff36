/* Rows that reader.c finds for describe.c. */
#ifndef TRACER_READER_ROWS_H
#define TRACER_READER_ROWS_H

#include <sqlite3.h>

#include "tracer/reader.h"

/* The decoded row of a system call by its first event: name, arguments, arguments
 * known at the entry, result.  NULL if there is none; valid until the next use. */
sqlite3_stmt *reader_call(struct reader *r, uint64_t call);

#endif
