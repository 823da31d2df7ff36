/* Where a format that is a file goes, and opening what it is made of. */
#ifndef TRACER_EXPORT_OUTPUT_H
#define TRACER_EXPORT_OUTPUT_H

#include <sqlite3.h>
#include <stdio.h>

#include "tracer/buffer.h"
#include "tracer/export/format.h"

struct output {
	FILE *to;
	const char *name;
	struct buffer line; /* what is being written; output_flush empties it */
	sqlite3 *db;        /* the recording */
};

/* Open the recording, with all its tables or only its events, and the file.  0, or an
 * exit status; output_close in any case. */
int output_open(struct output *o, const struct export_job *job, bool tables, struct error *why);
/* Write what is in line. */
void output_flush(struct output *o);
/* Close both.  status, or 2 if something could not be written. */
int output_close(struct output *o, int status, struct error *why);

#endif
