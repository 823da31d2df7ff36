/* The walk: each event gets its row, then the parts look at it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/schema.h"
#include "tracer/store/meta.h"
#include "tracer/tables/builder.h"
#include "tracer/tables/tables.h"

extern const char tables_sql[], index_sql[], views_sql[];

/* Events between two calls of the progress function, and in a transaction at the end. */
#define SLICE_EVENTS 65536u

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
		if (now->e.kind == EV_cpu_online)
			b->online[now->e.cpu] = now->tsc;
		calls_event(b);
		traps_event(b);
		sched_event(b);
		life_event(b);
		notes_event(b);
	}
	/* Who is gone is forgotten, so that memory does not grow with the recording. */
	if (b->ended)
		people_thread_end(&b->people, b->ended);
	b->ended = NULL;
	if (b->failed)
		return sql_error(why, b->db, "cannot decode the trace");
	return indexer_event(b->index, &now->e, b->timeline, why);
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

/* --- The tables themselves --- */

/* Drop each table or view that the statements make. */
static int made_drop(sqlite3 *db, const char *sql, const char *what, struct error *why)
{
	char name[64], made[32], drop[128];
	int status = 0;

	snprintf(made, sizeof(made), "\nCREATE %s ", what);
	for (const char *at = sql; !status && (at = strstr(at, made)); at++) {
		if (sscanf(at + strlen(made), "%63[a-z_]", name) != 1)
			continue;
		snprintf(drop, sizeof(drop), "DROP %s IF EXISTS main.%s", what, name);
		status = sql_exec(db, drop, why);
	}
	return status;
}

int tables_create(sqlite3 *db, struct error *why)
{
	if (sql_exec(db, index_sql, why) || sql_exec(db, tables_sql, why) ||
	    sql_exec(db, views_sql, why))
		return 2;
	return kinds_write(db, why);
}

static int tables_anew(sqlite3 *db, struct error *why)
{
	if (made_drop(db, views_sql, "VIEW", why) || made_drop(db, tables_sql, "TABLE", why) ||
	    made_drop(db, index_sql, "TABLE", why))
		return 2;
	sqlite3_exec(db,
		     "DELETE FROM meta WHERE name IN ('events', 'duration', 'decoded', 'cr3_loads',"
		     " 'identity')",
		     NULL, NULL, NULL);
	return tables_create(db, why);
}

int tables_views(sqlite3 *db, struct error *why)
{
	const char *create = strstr(views_sql, "\nCREATE VIEW ");
	struct buffer sql = { 0 };
	int status;

	buffer_printf(&sql, "CREATE TEMP VIEW IF NOT EXISTS %s", create + strlen("\nCREATE VIEW "));
	status = sql_exec(db, buffer_text(&sql), why);
	buffer_free(&sql);
	return status;
}

enum tables_state tables_ready(sqlite3 *db)
{
	const int64_t decoded = meta_integer(db, "decoded", TABLES_NONE);

	return decoded == TABLES_ALL || decoded == TABLES_INDEX ? (enum tables_state)decoded
								: TABLES_NONE;
}

/* --- In steps --- */

void tables_close(struct builder *b)
{
	if (!b)
		return;
	rows_free(b);
	timeline_close(b->timeline);
	indexer_close(b->index);
	people_free(&b->people);
	buffer_free(&b->args);
	buffer_free(&b->before);
	buffer_free(&b->result);
	buffer_free(&b->words);
	free(b->next);
	free(b);
}

int tables_begin(struct builder **out, sqlite3 *db, bool large, struct error *why)
{
	struct builder *b = calloc(1, sizeof(*b));
	int status = 0;

	*out = NULL;
	if (b)
		b->next = malloc(sizeof(*b->next));
	if (!b || !b->next) {
		tables_close(b);
		return error_set(why, 2, "cannot decode the trace: out of memory");
	}
	b->db = db;
	b->large = large;
	b->people.thread_done = life_thread_done;
	b->people.process_done = life_process_done;
	b->people.cookie = b;
	/* A new file has empty tables; others have what somebody began. */
	if (meta_integer(db, "empty", 0) != 1)
		status = tables_anew(db, why);
	if (!status)
		status = meta_set_integer(db, "empty", 0) ? sql_error(why, db, "cannot decode") : 0;
	if (!status)
		status = indexer_open(&b->index, db, why);
	if (!status)
		status = rows_prepare(b, why);
	if (!status)
		status = timeline_open(&b->timeline, db, loss_gap, b, why);
	if (status) {
		tables_close(b);
		return status;
	}
	*out = b;
	return 0;
}

int tables_walk(struct builder *b, uint64_t events, uint64_t tsc, uint64_t *walked,
		struct error *why)
{
	int more = 0, status = 0;

	timeline_limit(b->timeline, tsc);
	for (*walked = 0; !status && *walked < events; ++*walked) {
		more = timeline_next(b->timeline, b->next, why);
		if (more <= 0)
			break;
		status = builder_event(b, b->next, why);
	}
	b->now = NULL;
	return status ? status : more < 0 ? 2 : 0;
}

int tables_show(struct builder *b, struct error *why)
{
	const int status = indexer_store(b->index, why);

	if (status)
		return status;
	if (meta_set_integer(b->db, "events", I(indexer_state(b->index)->event)) ||
	    meta_set_integer(b->db, "duration", b->last_time))
		return sql_error(why, b->db, "cannot decode the trace");
	return 0;
}

int tables_more(struct builder *b, struct error *why)
{
	return timeline_more(b->timeline, why);
}

uint64_t tables_youngest(const struct builder *b)
{
	return timeline_youngest(b->timeline);
}

uint64_t tables_reach(const struct builder *b, unsigned cpu)
{
	return timeline_reach(b->timeline, cpu);
}

bool tables_late(const struct builder *b)
{
	return timeline_late(b->timeline) > 0;
}

/* What only the end tells. */
static int builder_finish(struct builder *b, struct error *why)
{
	int status = loss_finish(b, why); /* first: who ran when the last gaps began? */

	people_finish(&b->people);
	if (!status && b->failed)
		status = sql_error(why, b->db, "cannot decode the trace");
	if (!status)
		status = tables_show(b, why);
	if (!status && meta_set_integer(b->db, "decoded", b->large ? TABLES_ALL : TABLES_INDEX))
		status = sql_error(why, b->db, "cannot decode the trace");
	return status;
}

static void progress_tell(const struct builder *b, tables_progress progress)
{
	if (progress)
		progress(timeline_blocks_done(b->timeline), timeline_blocks(b->timeline));
}

int tables_end(struct builder *b, tables_progress progress, struct error *why)
{
	uint64_t walked = SLICE_EVENTS;
	int status = timeline_more(b->timeline, why);

	while (!status && walked == SLICE_EVENTS) {
		status = sql_exec(b->db, "BEGIN IMMEDIATE", why);
		if (!status)
			status = tables_walk(b, SLICE_EVENTS, UINT64_MAX, &walked, why);
		if (!status && walked < SLICE_EVENTS)
			status = builder_finish(b, why);
		if (!status)
			status = sql_exec(b->db, "COMMIT", why);
		progress_tell(b, progress);
	}
	if (progress)
		progress(timeline_blocks(b->timeline), timeline_blocks(b->timeline));
	if (!sqlite3_get_autocommit(b->db))
		sqlite3_exec(b->db, "ROLLBACK", NULL, NULL, NULL);
	return status;
}

/* --- At once --- */

int tables_build(sqlite3 *db, bool large, tables_progress progress, struct error *why)
{
	struct builder *b = NULL;
	uint64_t walked = SLICE_EVENTS;
	int status;

	/* A rollback journal holds only pages that were there before: all the new ones
	 * are written once, where a write-ahead log would write them twice. */
	sqlite3_exec(db, "PRAGMA journal_mode = DELETE; PRAGMA cache_size = -16384", NULL, NULL,
		     NULL);
	status = sql_exec(db, "BEGIN IMMEDIATE", why);
	if (!status)
		status = tables_begin(&b, db, large, why);
	while (b && !status && walked == SLICE_EVENTS) {
		status = tables_walk(b, SLICE_EVENTS, UINT64_MAX, &walked, why);
		progress_tell(b, progress);
	}
	if (b && !status)
		status = builder_finish(b, why);
	if (b && progress)
		progress(timeline_blocks(b->timeline), timeline_blocks(b->timeline));
	tables_close(b);
	if (!status)
		status = sql_exec(db, "COMMIT", why);
	if (status && !sqlite3_get_autocommit(db))
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return status;
}
