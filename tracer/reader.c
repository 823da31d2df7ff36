#include "tracer/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/block.h"
#include "tracer/index/summary.h"
#include "tracer/lod.h"
#include "tracer/reader_rows.h"
#include "tracer/roster.h"
#include "tracer/store/meta.h"
#include "tracer/store/open.h"
#include "tracer/store/sql.h"
#include "tracer/state.h"

/* Chunks of events kept in memory, about 1.5 MiB each. */
#define CHUNKS_KEPT    6u
#define CHUNKS_THRIFTY 2u /* one and its neighbour */

#define ENDS_KEPT 256
#define GAP_LOOK  1000u /* events */

struct reader {
	sqlite3 *db;
	sqlite3_stmt *call, *lane, *gap;
	struct chunks *chunks;
	struct summary_reader summary;
	uint64_t lost, unwanted;
	int64_t duration;
	unsigned cpus;
	bool complete;
	struct roster *roster;
	/* Ends found in other chunks than their begins: a screen asks for the same few
	 * again and again, and each takes a walk.  Good for so many events in all. */
	struct {
		uint64_t begin, end, count;
	} ends[ENDS_KEPT];
};

static int statements_prepare(struct reader *r, struct error *why)
{
	r->call = sql_prepare(r->db,
			      "SELECT name, args, coalesce(args_before, args), result_text"
			      " FROM syscall WHERE id = ?",
			      why);
	r->lane = sql_prepare(r->db,
			      "SELECT tid, pid, parent, kernel, start, end, name FROM lane"
			      " WHERE lane = ?",
			      why);
	r->gap = sql_prepare(
		r->db,
		"SELECT sum(coalesce(count, 1)) FROM loss"
		" WHERE cpu = ?1 AND (after_time IS NULL OR after_time BETWEEN ?2 AND ?3)"
		" AND before_time > ?2 AND before_time <= ?3",
		why);
	if (!r->call || !r->lane || !r->gap)
		return 2;
	/* One long read transaction: no locking for each of many small reads. */
	return sql_exec(r->db, "PRAGMA cache_size = -8192; BEGIN; SELECT * FROM meta LIMIT 1", why);
}

static void facts_load(struct reader *r)
{
	r->lost = (uint64_t)sql_integer(r->db, "SELECT sum(coalesce(count, 1)) FROM loss", 0);
	r->unwanted = (uint64_t)sql_integer(r->db, "SELECT sum(filtered) FROM counter", 0);
	r->duration = meta_integer(r->db, "duration", 0);
	r->cpus = (unsigned)meta_integer(r->db, "cpus", 1);
	if (r->cpus < 1 || r->cpus > TRACE_CPUS_MAX)
		r->cpus = 1;
	r->complete = meta_integer(r->db, "bye_reason", -1) >= 0 &&
		      meta_integer(r->db, "identity", -1) >= 0;
}

int reader_open(struct reader **out, const char *path, struct error *why)
{
	struct reader *r = calloc(1, sizeof(*r));
	int status;

	*out = NULL;
	if (!r)
		return error_set(why, 2, "%s: out of memory", path);
	status = trace_open_index(&r->db, path, NULL, why);
	if (!status)
		status = statements_prepare(r, why);
	if (!status)
		status = roster_open(&r->roster, r->db, why);
	if (!status)
		status = chunks_open(&r->chunks, r->db, CHUNKS_KEPT, why);
	if (!status)
		status = summary_reader_init(&r->summary, r->db, why);
	if (status) {
		reader_close(r);
		return status;
	}
	facts_load(r);
	*out = r;
	return 0;
}

bool reader_live(const char *path)
{
	return trace_live(path);
}

void reader_close(struct reader *r)
{
	if (!r)
		return;
	sqlite3_finalize(r->call);
	sqlite3_finalize(r->lane);
	sqlite3_finalize(r->gap);
	chunks_close(r->chunks);
	summary_reader_free(&r->summary);
	roster_free(r->roster);
	sqlite3_close_v2(r->db);
	free(r);
}

void reader_thrifty(struct reader *r)
{
	sql_exec(r->db, "PRAGMA cache_size = -2048", NULL);
	chunks_keep(r->chunks, CHUNKS_THRIFTY);
}

bool reader_refresh(struct reader *r)
{
	bool more;

	/* A row that is still held holds the old view of the file. */
	sqlite3_reset(r->call);
	sqlite3_reset(r->lane);
	sqlite3_exec(r->db, "COMMIT; BEGIN; SELECT * FROM meta LIMIT 1", NULL, NULL, NULL);
	more = chunks_refresh(r->chunks);
	facts_load(r);
	if (more)
		roster_forget(r->roster);
	return more;
}

struct sqlite3 *reader_database(struct reader *r)
{
	return r->db;
}

struct chunks *reader_chunks(struct reader *r)
{
	return r->chunks;
}

struct summary_reader *reader_summary(struct reader *r)
{
	return &r->summary;
}

sqlite3_stmt *reader_call(struct reader *r, uint64_t call)
{
	sqlite3_reset(r->call);
	sqlite3_bind_int64(r->call, 1, (int64_t)call);
	return sqlite3_step(r->call) == SQLITE_ROW ? r->call : NULL;
}

uint64_t reader_count(const struct reader *r)
{
	return chunks_count(r->chunks);
}

int64_t reader_duration(const struct reader *r)
{
	return r->duration;
}

unsigned reader_cpus(const struct reader *r)
{
	return r->cpus;
}

uint64_t reader_lost(const struct reader *r)
{
	return r->lost;
}

uint64_t reader_unwanted(const struct reader *r)
{
	return r->unwanted;
}

bool reader_complete(const struct reader *r)
{
	return r->complete;
}

bool reader_event(struct reader *r, uint64_t id, struct event *out, struct error *why)
{
	const struct chunk *k = chunks_find(r->chunks, id, why);

	if (k)
		chunk_copy(k, id, out);
	return k != NULL;
}

/* The time of the event before e on its CPU; of the one at which looking for it ends; before all
 * others if it is the first. */
static int64_t time_before(struct reader *r, const struct event *e)
{
	const uint64_t least = e->id > GAP_LOOK ? e->id - GAP_LOOK : 1;
	struct event before;

	for (uint64_t id = e->id - 1; id >= least; id--)
		if (reader_event(r, id, &before, NULL) &&
		    (before.cpu == e->cpu || (id == least && least > 1)))
			return before.time;
	return INT64_MIN;
}

uint64_t reader_gap(struct reader *r, const struct event *e)
{
	uint64_t lost = 0;

	if (r->lost == 0)
		return 0;
	sqlite3_bind_int(r->gap, 1, e->cpu);
	sqlite3_bind_int64(r->gap, 2, time_before(r, e));
	sqlite3_bind_int64(r->gap, 3, e->time);
	if (sqlite3_step(r->gap) == SQLITE_ROW)
		lost = (uint64_t)sqlite3_column_int64(r->gap, 0);
	sqlite3_reset(r->gap);
	return lost;
}

uint64_t reader_seek(struct reader *r, int64_t time)
{
	return chunks_seek(r->chunks, time);
}

bool reader_state(struct reader *r, uint64_t id, struct state *s, struct error *why)
{
	if (id > chunks_count(r->chunks)) {
		state_free(s);
		error_set(why, 2, "event %llu is not in the trace", (unsigned long long)id);
		return false;
	}
	return chunks_state(r->chunks, id, s, why);
}

/* Does this kind of event begin something that another one ends? */
static bool event_begins(unsigned kind)
{
	return kind == EV_syscall_enter || kind == EV_page_fault || kind == EV_exception ||
	       kind == EV_interrupt || kind == EV_nmi;
}

/* Is what event begin of thread tid opened still open in s? */
static bool state_has_open(const struct state *s, uint32_t tid, uint64_t begin)
{
	const struct state_thread *t = state_thread_find(s, tid);

	if (t && t->call.open && t->call.id == begin)
		return true;
	for (unsigned i = 0; t && i < t->trap_count; i++)
		if (t->trap[i].id == begin)
			return true;
	return false;
}

/* The event that ends begin, in a later chunk.  Keyframes tell in which: it is open in all
 * before its end and in none after, so halving finds it. */
static uint64_t end_find(struct reader *r, uint64_t begin, uint32_t tid)
{
	const uint64_t count = chunks_count(r->chunks);
	uint64_t low = (begin - 1) / READER_CHUNK + 1; /* it is open at the end of chunk low - 1 */
	uint64_t high = count == 0 ? 0 : (count - 1) / READER_CHUNK; /* the last chunk */
	struct state s = { 0 };
	const struct chunk *k;

	while (low < high) {
		const uint64_t middle = low + (high - low) / 2;
		const bool open = chunks_state(r->chunks, (middle + 1) * READER_CHUNK, &s, NULL) &&
				  state_has_open(&s, tid, begin);

		state_free(&s);
		if (open)
			low = middle + 1;
		else
			high = middle;
	}
	k = low == high ? chunks_find(r->chunks, low * READER_CHUNK + 1, NULL) : NULL;
	for (uint32_t i = 0; k && i < k->count; i++)
		if (k->event[i].begin == begin)
			return low * READER_CHUNK + 1 + i;
	return 0;
}

/* end_find, remembered. */
static uint64_t end_of(struct reader *r, uint64_t begin, uint32_t tid)
{
	const uint64_t count = chunks_count(r->chunks);
	const unsigned at = begin % ENDS_KEPT;

	if (r->ends[at].begin != begin || r->ends[at].count != count) {
		r->ends[at].end = end_find(r, begin, tid);
		r->ends[at].begin = begin;
		r->ends[at].count = count;
	}
	return r->ends[at].end;
}

bool reader_span(struct reader *r, uint64_t id, struct span *out)
{
	const struct chunk *k = chunks_find(r->chunks, id, NULL);
	const struct chunk_event *x = k ? &k->event[(id - 1) % READER_CHUNK] : NULL;
	struct event e;
	int64_t time;

	if (!x || (!x->begin && !event_begins(x->kind)))
		return false;
	*out = (struct span){ .begin = x->begin ? x->begin : id, .duration = -1 };
	out->end = x->begin ? id : x->end ? x->end : end_of(r, id, x->tid);
	if (!out->end)
		return true;
	k = chunks_find(r->chunks, out->begin, NULL);
	if (!k)
		return false;
	time = k->event[(out->begin - 1) % READER_CHUNK].time;
	if (!reader_event(r, out->end, &e, NULL))
		return false;
	out->duration = e.time - time;
	if (e.kind == EV_syscall_return || e.kind == EV_syscall_result)
		out->result = event_field(&e, 0);
	return true;
}

void reader_thread_name(struct reader *r, uint32_t tid, uint64_t id, char *name, size_t size)
{
	roster_find(r->roster, tid, id, name, size);
}

bool reader_lane(struct reader *r, uint32_t lane, struct lane *out)
{
	const char *name;
	bool found;

	sqlite3_reset(r->lane);
	sqlite3_bind_int64(r->lane, 1, lane);
	found = sqlite3_step(r->lane) == SQLITE_ROW;
	if (found) {
		*out = (struct lane){
			.lane = lane,
			.tid = (uint32_t)sqlite3_column_int64(r->lane, 0),
			.pid = (uint32_t)sqlite3_column_int64(r->lane, 1),
			.parent = (uint32_t)sqlite3_column_int64(r->lane, 2),
			.kernel = sqlite3_column_int64(r->lane, 3) != 0,
			.start = sqlite3_column_int64(r->lane, 4),
			.end = sqlite3_column_type(r->lane, 5) == SQLITE_NULL
				       ? INT64_MAX
				       : sqlite3_column_int64(r->lane, 5),
		};
		name = (const char *)sqlite3_column_text(r->lane, 6);
		snprintf(out->name, sizeof(out->name), "%s", name ? name : "");
	}
	sqlite3_reset(r->lane);
	return found;
}
