/* Formats that recordings are exported to.  A new one: a file here that defines its
 * struct export_format, and a line in formats.def. */
#ifndef TRACER_EXPORT_FORMAT_H
#define TRACER_EXPORT_FORMAT_H

#include <stdbool.h>

#include "tracer/error.h"
#include "tracer/tables/tables.h"

/* What the user asked for. */
struct export_job {
	const char *target; /* a URL where the format has one, else the file to write; NULL:
			     * standard output */
	char *const *files; /* recordings, ended by NULL; at least one */
	bool force;         /* again, though it is there */
	tables_progress progress;
};

struct export_format {
	const char *name;
	const char *summary; /* one line for --help */
	const char *url;     /* what the first argument is, "http://HOST:PORT/..."; NULL: no URL */
	bool many;           /* takes more than one recording */
	/* 0, or an exit status with why filled in. */
	int (*run)(const struct export_job *job, struct error *why);
};

/* NULL: there is no such format. */
const struct export_format *export_format_find(const char *name);
/* The i-th, NULL after the last. */
const struct export_format *export_format_at(unsigned i);

#endif
