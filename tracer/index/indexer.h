/* Keyframes, level of detail and lanes, made while a trace is walked from its start. */
#ifndef TRACER_INDEX_INDEXER_H
#define TRACER_INDEX_INDEXER_H

#include <sqlite3.h>

#include "tracer/state.h"
#include "tracer/tables/timeline.h"

struct indexer;

int indexer_open(struct indexer **out, sqlite3 *db, struct error *why);
void indexer_close(struct indexer *x);

/* The event that t gave last. */
int indexer_event(struct indexer *x, const struct event *e, const struct timeline *t,
		  struct error *why);
void indexer_gap(struct indexer *x, const struct gap *gap);
/* Words that are said of event id, which is the next one or was before. */
int indexer_text(struct indexer *x, uint64_t id, const char *text, struct error *why);
/* Put what is known so far into the file; again later, with more. */
int indexer_store(struct indexer *x, struct error *why);

/* The state after the last event. */
const struct state *indexer_state(const struct indexer *x);

#endif
