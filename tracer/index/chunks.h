/* The events of a trace by number: chunks of READER_CHUNK events are walked from the
 * keyframe before them and kept, the least used one making room for another.
 *
 * Needs a file that is indexed at least in part.  Used by one thread at a time. */
#ifndef TRACER_INDEX_CHUNKS_H
#define TRACER_INDEX_CHUNKS_H

#include <sqlite3.h>

#include "tracer/index/keyframe.h"
#include "tracer/state.h"

struct chunks;

/* What is known of an event beside its words. */
struct chunk_event {
	int64_t time;
	uint64_t begin;   /* the event that it ends, 0 none */
	uint64_t end;     /* the one that ends it, if that is in the same chunk, else 0 */
	int64_t block;    /* row */
	uint32_t offset;  /* in the block, bytes */
	uint32_t payload; /* in the chunk's words */
	uint32_t tid, pid;
	uint16_t cpu, kind, words;
	bool failed; /* result of a system call that failed */
};

struct chunk {
	uint64_t number; /* events number * READER_CHUNK + 1 .. + count */
	uint64_t used;
	uint32_t count;
	struct chunk_event *event;
	uint64_t *words;
	size_t word_count, word_room;
};

/* One row of keyframes, as the list of them has it. */
struct chunk_mark {
	uint64_t id;
	int64_t time;
	uint64_t kinds, errors; /* of the events up to it, since the mark before */
};

/* Does a chunk have event id?  A damaged file has fewer than it says. */
static inline bool chunk_has(const struct chunk *k, uint64_t id)
{
	return (id - 1) / READER_CHUNK == k->number && (id - 1) % READER_CHUNK < k->count;
}

/* keep: how many chunks. */
int chunks_open(struct chunks **out, sqlite3 *db, unsigned keep, struct error *why);
void chunks_close(struct chunks *c);
/* From now on no more than so many, and not more than before. */
void chunks_keep(struct chunks *c, unsigned keep);

/* Indexed events. */
uint64_t chunks_count(const struct chunks *c);
/* After the file grew, at the beginning of a read transaction.  True: it did. */
bool chunks_refresh(struct chunks *c);

/* The chunk of event id, NULL with why if id is not there or the file is damaged; holds
 * until the next call of a function here. */
const struct chunk *chunks_find(struct chunks *c, uint64_t id, struct error *why);
/* Which events of a chunk may() lets through by what their records say; their pid is not told.
 * A bit each, by the place in the chunk; the first that is not there has one, too.  Cheaper than
 * making the chunk: no state is kept.  0 or 2. */
int chunks_scan(struct chunks *c, uint64_t number, bool (*may)(void *cookie, const struct event *e),
		void *cookie, uint64_t marked[READER_CHUNK / 64], struct error *why);
/* Copy an event of a chunk. */
void chunk_copy(const struct chunk *k, uint64_t id, struct event *out);

/* The state after event id, from the keyframe before it.  False as chunks_find. */
bool chunks_state(struct chunks *c, uint64_t id, struct state *s, struct error *why);
/* The state before a chunk, and where each CPU's blocks stand.  0 or 2. */
int chunks_position(struct chunks *c, uint64_t number, struct state *s, struct timeline_position *p,
		    struct error *why);
/* First event at or after time. */
uint64_t chunks_seek(struct chunks *c, int64_t time);
/* The marks in order; mark i is at event i * READER_CHUNK. */
const struct chunk_mark *chunks_marks(const struct chunks *c, size_t *count);

#endif
