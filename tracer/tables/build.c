/* The walk: each event gets its row, then the parts look at it. */
#include <stdlib.h>

#include "tracer/schema.h"
#include "tracer/store/meta.h"
#include "tracer/tables/builder.h"
#include "tracer/tables/tables.h"

extern const char tables_sql[], index_sql[];

/* Blocks between two calls of the progress function. */
#define PROGRESS_BLOCKS 64

/* Count how the event at hand says the kernel was left. */
static void way_count(struct builder *b)
{
	const struct event *e = &b->now->e;
	const struct event_info *info = event_info(e->kind);

	for (unsigned i = 0; i < info->fields; i++) {
		const int64_t way = event_field(e, i);

		if (info->field[i].kind == KIND_WAY && way < WAY_COUNT)
			b->ways[e->cpu][e->kind][way]++;
	}
}

static int builder_event(struct builder *b, const struct timeline_event *now, struct error *why)
{
	b->now = now;
	b->last_time = now->e.time;
	b->stored[now->e.cpu][now->e.kind]++;
	b->thread = people_thread(&b->people, now->e.cpu, now->e.tid);
	if (!b->thread)
		return error_set(why, 2, "cannot decode the trace: out of memory");
	if (event_info(now->e.kind)) {
		way_count(b);
		calls_event(b);
		traps_event(b);
		sched_event(b);
		life_event(b);
		notes_event(b);
	}
	if (b->failed)
		return sql_error(why, b->db, "cannot decode the trace");
	return indexer_event(b->index, &now->e, b->timeline, why);
}

static int builder_walk(struct builder *b, tables_progress progress, struct error *why)
{
	struct timeline_event *now = malloc(sizeof(*now));
	uint64_t shown = 0;
	int more, status = 0;

	if (!now)
		return error_set(why, 2, "cannot decode the trace: out of memory");
	while (!status && (more = timeline_next(b->timeline, now, why)) > 0) {
		status = builder_event(b, now, why);
		if (progress && timeline_blocks_done(b->timeline) >= shown + PROGRESS_BLOCKS) {
			shown = timeline_blocks_done(b->timeline);
			progress(shown, timeline_blocks(b->timeline));
		}
	}
	free(now);
	if (progress)
		progress(timeline_blocks(b->timeline), timeline_blocks(b->timeline));
	if (!status && more < 0)
		status = 2;
	return status;
}

static int kinds_write(sqlite3 *db, struct error *why)
{
	sqlite3_stmt *s = sql_prepare(db, "INSERT OR REPLACE INTO kind VALUES (?, ?, ?)", why);
	int code = 0;

	if (!s)
		return 2;
	for (unsigned id = 0; id < EV_LIMIT; id++) {
		const struct event_info *info = event_info(id);

		if (info)
			code |= sql_row(s, "itt", I(id), info->name, info->label);
	}
	sqlite3_finalize(s);
	return code ? sql_error(why, db, "cannot decode the trace") : 0;
}

static int builder_run(struct builder *b, tables_progress progress, struct error *why)
{
	int status = sql_exec(b->db, tables_sql, why);

	if (!status)
		status = sql_exec(b->db, index_sql, why);
	if (!status)
		status = indexer_open(&b->index, b->db, why);
	if (!status)
		status = kinds_write(b->db, why);
	if (!status)
		status = rows_prepare(b, why);
	if (!status)
		status = timeline_open(&b->timeline, b->db, loss_gap, b, why);
	if (!status)
		status = builder_walk(b, progress, why);
	if (!status) {
		b->now = NULL;
		people_finish(&b->people);
		status = b->failed ? sql_error(why, b->db, "cannot decode the trace")
				   : loss_finish(b, why);
	}
	if (!status)
		status = indexer_store(b->index, why);
	if (!status) {
		meta_set_integer(b->db, "events", I(indexer_state(b->index)->event));
		meta_set_integer(b->db, "duration", b->last_time);
		meta_set_integer(b->db, "decoded", 1);
	}
	return status;
}

bool tables_ready(sqlite3 *db)
{
	return meta_integer(db, "decoded", 0) == 1;
}

int tables_build(sqlite3 *db, tables_progress progress, struct error *why)
{
	struct builder *b = calloc(1, sizeof(*b));
	int status;

	if (!b)
		return error_set(why, 2, "cannot decode the trace: out of memory");
	b->db = db;
	b->people.thread_done = life_thread_done;
	b->people.process_done = life_process_done;
	b->people.cookie = b;
	/* A rollback journal holds only pages that were there before: all the new ones
	 * are written once, where a write-ahead log would write them twice. */
	sqlite3_exec(db, "PRAGMA journal_mode = DELETE; PRAGMA cache_size = -65536", NULL, NULL,
		     NULL);
	status = sql_exec(db, "BEGIN IMMEDIATE", why);
	if (!status)
		status = builder_run(b, progress, why);
	rows_free(b);
	timeline_close(b->timeline);
	indexer_close(b->index);
	people_free(&b->people);
	buffer_free(&b->args);
	buffer_free(&b->before);
	buffer_free(&b->result);
	buffer_free(&b->words);
	free(b);
	if (!status)
		status = sql_exec(db, "COMMIT", why);
	if (status && !sqlite3_get_autocommit(db))
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return status;
}
