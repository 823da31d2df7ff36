/* Running hashes of an exact recording, kept in its file when it ends: every
 * RUNNING_EVENTS events one of structure (who did what, and how it was answered) and
 * one of costs.  Two recordings that are alike up to somewhere have the same hashes up
 * to there, so that equal ones are known at once, and where others part by bisection. */
#ifndef TRACER_ANALYSIS_RUNNING_H
#define TRACER_ANALYSIS_RUNNING_H

#include <sqlite3.h>

#include "tracer/analysis/sequence.h"
#include "tracer/error.h"

/* Read the whole recording, and write hashes and totals into its file: the tables
 * running_hash and, in meta, trace_hash (of every byte of every record), structure_hash,
 * cost_hash and totals.  0 or status 2, 3. */
int running_write(sqlite3 *db, struct error *why);
/* Totals as running_write left them; false: there are none. */
bool running_totals(sqlite3 *db, struct sequence_totals *totals);

struct running_alike {
	uint64_t structure, cost; /* the last event up to which they are alike; 0: none, or
				   * not known */
	bool known;
};

/* How long two recordings with hashes are alike. */
struct running_alike running_compare(sqlite3 *a, sqlite3 *b);

/* Totals as one line of numbers, and back: false if it is none. */
void totals_text(const struct sequence_totals *t, char *text, size_t size);
bool totals_read(struct sequence_totals *t, const char *text);

#endif
