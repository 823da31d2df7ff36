/* Of reader.c, for the other files of the reader. */
#ifndef TRACER_READER_ROWS_H
#define TRACER_READER_ROWS_H

#include <sqlite3.h>

#include "tracer/buffer.h"
#include "tracer/index/chunks.h"
#include "tracer/reader.h"

/* The decoded row of a system call by its first event: name, arguments, arguments
 * known at the entry, result.  NULL if there is none; valid until the next use. */
sqlite3_stmt *reader_call(struct reader *r, uint64_t call);
/* "openat(AT_FDCWD, \"/etc/passwd\", O_RDONLY)", done with its result: the call that event
 * `call` begins.  False: it begins none. */
bool reader_call_print(struct buffer *b, struct reader *r, uint64_t call, bool done);

struct chunks *reader_chunks(struct reader *r);
struct summary_reader *reader_summary(struct reader *r);

#endif
