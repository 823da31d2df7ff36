/* One side of a comparison: a recording, or a baseline kept as text.
 *
 * A baseline is what sequences_load makes of a recording, written line by line so
 * that git shows its changes: it holds hashes, costs and the text of each item, not
 * the recording's records. */
#ifndef TRACER_ANALYSIS_SIDE_H
#define TRACER_ANALYSIS_SIDE_H

#include <stdbool.h>

#include "tracer/analysis/manifest.h"
#include "tracer/analysis/sequence.h"
#include "tracer/reader.h"

struct side {
	const char *path; /* the caller's, outlives the side */
	struct sequences all;
	bool exact;        /* costs are instructions */
	bool complete;     /* it ended properly */
	uint64_t lost;     /* records */
	char command[512]; /* as it was given to `ringscope run` */
	struct manifest manifest;
	int64_t started;       /* seconds since 1970, 0: not known */
	struct reader *reader; /* NULL: a baseline */
	char digest[20];       /* trace_hash, "": it has none */
	bool loaded;
	char **texts; /* of a baseline: by event id, which counts its items */
	uint64_t text_count;
};

/* Open a recording or a baseline.  Of a recording all is empty until side_load has read
 * it.  0, or status 2 or 3; of side_load 2 with an empty text if it was cancelled. */
int side_open(struct side *s, const char *path, struct error *why);
int side_load(struct side *s, const struct load_watch *watch, struct error *why);
/* Are two known equal by their hashes, so that they need not be read?  Sets their
 * totals then. */
bool side_identical(struct side *a, struct side *b);
void side_close(struct side *s);

/* One line about an item, safe for a terminal: "openat(...) = 3". */
void side_item_text(struct side *s, const struct item *i, char *text, size_t size);

/* Write a baseline of s to path, replacing it at once or not at all.  0 or status 2. */
int side_save(struct side *s, const char *path, struct error *why);

#endif
