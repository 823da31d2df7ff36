#include "tracer/index/indexer.h"

#include <stdlib.h>

#include "tracer/index/keyframe.h"
#include "tracer/index/lod_write.h"
#include "tracer/index/summary.h"
#include "tracer/store/sql.h"

struct indexer {
	sqlite3 *db;
	sqlite3_stmt *lane, *lane_end;
	struct state state;
	struct keyframe_writer keyframes;
	struct summary_writer summary;
	struct lod *lod;
	uint64_t kinds, errors; /* since the last keyframe */
};

int indexer_open(struct indexer **out, sqlite3 *db, struct error *why)
{
	struct indexer *x = calloc(1, sizeof(*x));
	int status = 0;

	*out = NULL;
	if (!x)
		return error_set(why, 2, "cannot index the trace: out of memory");
	x->db = db;
	x->lane = sql_prepare(db,
			      "INSERT OR REPLACE INTO lane VALUES (?1, ?2, ?3, ?4, ?5,"
			      " coalesce((SELECT start FROM lane WHERE lane = ?1), ?6), NULL, ?7)",
			      why);
	x->lane_end = sql_prepare(db, "UPDATE lane SET end = ? WHERE lane = ?", why);
	x->lod = x->lane && x->lane_end ? lod_new(db, why) : NULL;
	status = x->lod ? keyframe_writer_init(&x->keyframes, db, why) : 2;
	if (!status)
		status = summary_writer_init(&x->summary, db, why);
	if (status) {
		indexer_close(x);
		return status;
	}
	*out = x;
	return 0;
}

void indexer_close(struct indexer *x)
{
	if (!x)
		return;
	sqlite3_finalize(x->lane);
	sqlite3_finalize(x->lane_end);
	keyframe_writer_free(&x->keyframes);
	summary_writer_free(&x->summary);
	lod_delete(x->lod);
	state_free(&x->state);
	free(x);
}

static int lane_write(struct indexer *x, uint32_t tid, struct error *why)
{
	const struct state_thread *t = state_thread_find(&x->state, tid);

	if (t && sql_row(x->lane, "iiiiiit", (int64_t)t->lane, (int64_t)t->tid, (int64_t)t->pid,
			 (int64_t)t->parent, (int64_t)t->kernel, x->state.time, t->name))
		return sql_error(why, x->db, "cannot index the trace");
	return 0;
}

/* Rows of lanes that begin, end, or have a new name. */
static int lanes_follow(struct indexer *x, const struct event *e, struct error *why)
{
	const struct state_last *last = &x->state.last;
	int status = 0;

	for (unsigned i = 0; i < last->changes && !status; i++) {
		const struct state_change *c = &last->change[i];

		if (c->lane <= LANE_FIRST || (c->before != RUN_IDLE && c->after != RUN_IDLE))
			continue;
		if (c->after == RUN_IDLE && sql_row(x->lane_end, "ii", e->time, (int64_t)c->lane))
			return sql_error(why, x->db, "cannot index the trace");
		for (uint32_t k = 0; k < x->state.thread_count && c->after != RUN_IDLE; k++)
			if (x->state.thread[k].lane == c->lane)
				status = lane_write(x, x->state.thread[k].tid, why);
	}
	if (!status && e->kind == EV_exec)
		status = lane_write(x, e->tid, why);
	if (!status && e->kind == EV_thread_name)
		status = lane_write(x, (uint32_t)event_field(e, 0), why);
	return status;
}

int indexer_event(struct indexer *x, const struct event *e, const struct timeline *t,
		  struct error *why)
{
	int status;

	if (e->id == 1) {
		status = keyframe_write(&x->keyframes, &x->state, NULL, 0, 0, why);
		if (status)
			return status;
	}
	if (!state_event(&x->state, e))
		return error_set(why, 2, "cannot index the trace: out of memory");
	x->kinds |= event_set(e->kind);
	x->errors += x->state.last.failed;
	status = lod_event(x->lod, &x->state, e, why);
	if (!status)
		status = summary_event(&x->summary, e, why);
	if (!status)
		status = lanes_follow(x, e, why);
	if (!status && e->id % READER_CHUNK == 0) {
		status = keyframe_write(&x->keyframes, &x->state, t, x->kinds, x->errors, why);
		x->kinds = x->errors = 0;
	}
	return status;
}

void indexer_gap(struct indexer *x, const struct gap *gap)
{
	if (gap->count > 0)
		lod_lost(x->lod, &x->state, gap->cpu, gap->after_time, (uint64_t)gap->count);
}

int indexer_text(struct indexer *x, uint64_t id, const char *text, struct error *why)
{
	return summary_text(&x->summary, id, text, why);
}

int indexer_store(struct indexer *x, struct error *why)
{
	const int status = lod_store(x->lod, why);

	return status ? status : summary_store(&x->summary, why);
}

const struct state *indexer_state(const struct indexer *x)
{
	return &x->state;
}
