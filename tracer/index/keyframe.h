/* Keyframes: the whole state every READER_CHUNK events, each with where the blocks of
 * each CPU stand, so that a walk can begin there. */
#ifndef TRACER_INDEX_KEYFRAME_H
#define TRACER_INDEX_KEYFRAME_H

#include <sqlite3.h>

#include "tracer/state.h"
#include "tracer/state/blob.h"
#include "tracer/tables/timeline.h"

/* Every so many keyframes one stands alone; the others are differences to it. */
#define KEYFRAME_GROUP 16u

struct keyframe_writer {
	sqlite3 *db;
	sqlite3_stmt *insert;
	struct blob base, bytes, packed;
	uint64_t base_id, written;
};

int keyframe_writer_init(struct keyframe_writer *w, sqlite3 *db, struct error *why);
void keyframe_writer_free(struct keyframe_writer *w);
/* Store s and where t stands (NULL: at the start); kinds and errors of the events since the one
 * before. */
int keyframe_write(struct keyframe_writer *w, const struct state *s, const struct timeline *t,
		   uint64_t kinds, uint64_t errors, struct error *why);

struct keyframe_reader {
	sqlite3_stmt *find;
	struct blob base, bytes;
	uint64_t base_id;
	bool base_known;
};

int keyframe_reader_init(struct keyframe_reader *r, sqlite3 *db, struct error *why);
void keyframe_reader_free(struct keyframe_reader *r);
/* The state after event id into s (which is freed first) and the position.  0, or 2 if
 * there is none or it is damaged. */
int keyframe_read(struct keyframe_reader *r, uint64_t id, struct state *s,
		  struct timeline_position *p, struct error *why);
/* The position alone. */
int keyframe_position(struct keyframe_reader *r, uint64_t id, struct timeline_position *p,
		      struct error *why);

#endif
