#include "tracer/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "tracer/block.h"
#include "tracer/reader_rows.h"
#include "tracer/roster.h"
#include "tracer/schema.h"
#include "tracer/store/meta.h"
#include "tracer/store/open.h"
#include "tracer/store/sql.h"

/* Blocks kept in memory: one a CPU and some for jumps. */
#define CACHE_BLOCKS 96u

struct cached_block {
	int64_t row; /* 0: empty */
	uint64_t used;
	uint8_t *bytes;
	size_t size;
};

struct reader {
	sqlite3 *db;
	sqlite3_stmt *event, *block, *time, *call, *spans[3];
	uint64_t count, lost, clock;
	int64_t duration;
	unsigned cpus;
	bool complete;
	struct roster *roster;
	struct cached_block cache[CACHE_BLOCKS];
};

static int statements_prepare(struct reader *r, struct error *why)
{
	r->event = sql_prepare(r->db,
			       "SELECT time, cpu, tid, pid, kind, block, offset, begin"
			       " FROM event WHERE id = ?",
			       why);
	r->block = sql_prepare(r->db, "SELECT data FROM block WHERE id = ?", why);
	r->time = sql_prepare(r->db, "SELECT time FROM event WHERE id = ?", why);
	r->call = sql_prepare(r->db,
			      "SELECT name, args, coalesce(args_before, args), result_text"
			      " FROM syscall WHERE id = ?",
			      why);
	r->spans[0] = sql_prepare(
		r->db, "SELECT exit_event, duration, result FROM syscall WHERE id = ?", why);
	r->spans[1] = sql_prepare(
		r->db, "SELECT exit_event, duration, 0 FROM page_fault WHERE id = ?", why);
	r->spans[2] =
		sql_prepare(r->db, "SELECT exit_event, duration, 0 FROM trap WHERE id = ?", why);
	if (!r->event || !r->block || !r->time || !r->call || !r->spans[0] || !r->spans[1] ||
	    !r->spans[2])
		return 2;
	/* One long read transaction: no locking for each of many small reads. */
	return sql_exec(r->db, "PRAGMA cache_size = -65536; BEGIN; SELECT * FROM kind LIMIT 1",
			why);
}

int reader_open(struct reader **out, const char *path, struct error *why)
{
	struct reader *r = calloc(1, sizeof(*r));
	int status;

	*out = NULL;
	if (!r)
		return error_set(why, 2, "%s: out of memory", path);
	status = trace_open(&r->db, path, NULL, why);
	if (!status)
		status = statements_prepare(r, why);
	if (!status)
		status = roster_load(&r->roster, r->db, why);
	if (status) {
		reader_close(r);
		return status;
	}
	r->count = (uint64_t)sql_integer(r->db, "SELECT max(id) FROM event", 0);
	r->lost = (uint64_t)sql_integer(r->db, "SELECT sum(lost) FROM counter", 0);
	r->duration = meta_integer(r->db, "duration", 0);
	r->cpus = (unsigned)meta_integer(r->db, "cpus", 1);
	if (r->cpus < 1 || r->cpus > TRACE_CPUS_MAX)
		r->cpus = 1;
	r->complete = meta_integer(r->db, "bye_reason", -1) >= 0 &&
		      meta_integer(r->db, "identity", -1) >= 0;
	*out = r;
	return 0;
}

void reader_close(struct reader *r)
{
	if (!r)
		return;
	sqlite3_finalize(r->event);
	sqlite3_finalize(r->block);
	sqlite3_finalize(r->time);
	sqlite3_finalize(r->call);
	for (unsigned i = 0; i < 3; i++)
		sqlite3_finalize(r->spans[i]);
	for (unsigned i = 0; i < CACHE_BLOCKS; i++)
		free(r->cache[i].bytes);
	roster_free(r->roster);
	sqlite3_close_v2(r->db);
	free(r);
}

struct sqlite3 *reader_database(struct reader *r)
{
	return r->db;
}

sqlite3_stmt *reader_call(struct reader *r, uint64_t call)
{
	sqlite3_reset(r->call);
	sqlite3_bind_int64(r->call, 1, (int64_t)call);
	return sqlite3_step(r->call) == SQLITE_ROW ? r->call : NULL;
}

uint64_t reader_count(const struct reader *r)
{
	return r->count;
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

bool reader_complete(const struct reader *r)
{
	return r->complete;
}

/* The bytes of a block row, from the cache or the file; NULL if there are none. */
static const struct cached_block *block_get(struct reader *r, int64_t row)
{
	struct cached_block *victim = &r->cache[0];
	const void *blob;
	size_t size;

	for (unsigned i = 0; i < CACHE_BLOCKS; i++) {
		if (r->cache[i].row == row) {
			r->cache[i].used = ++r->clock;
			return &r->cache[i];
		}
		if (r->cache[i].used < victim->used)
			victim = &r->cache[i];
	}
	sqlite3_reset(r->block);
	sqlite3_bind_int64(r->block, 1, row);
	if (sqlite3_step(r->block) != SQLITE_ROW)
		return NULL;
	blob = sqlite3_column_blob(r->block, 0);
	size = (size_t)sqlite3_column_bytes(r->block, 0);
	free(victim->bytes);
	*victim = (struct cached_block){ 0 };
	victim->bytes = blob ? malloc(size) : NULL;
	if (victim->bytes) {
		memcpy(victim->bytes, blob, size);
		victim->row = row;
		victim->size = size;
		victim->used = ++r->clock;
	}
	sqlite3_reset(r->block);
	return victim->bytes ? victim : NULL;
}

/* Copy the record at offset of a block to out, if it is one of this kind. */
static bool payload_read(const struct cached_block *block, int64_t offset, struct event *out)
{
	uint64_t word;
	unsigned size;

	if (!block || offset < (int64_t)sizeof(struct trace_block) || offset % 8 ||
	    (uint64_t)offset + 8 > block->size)
		return false;
	memcpy(&word, block->bytes + offset, 8);
	size = trace_word_size(word);
	if (size == 0 || (uint64_t)offset + size * 8 > block->size ||
	    trace_word_id(word) != out->kind)
		return false;
	out->words = (uint16_t)(size - 1);
	memset(out->payload, 0, sizeof(out->payload));
	memcpy(out->payload, block->bytes + offset + 8, out->words * 8);
	return !event_info(out->kind) || event_fits(out->kind, out->words);
}

/* Step to event id's row; the caller resets the statement. */
static bool event_row(struct reader *r, uint64_t id)
{
	sqlite3_reset(r->event);
	sqlite3_bind_int64(r->event, 1, (int64_t)id);
	return sqlite3_step(r->event) == SQLITE_ROW;
}

bool reader_event(struct reader *r, uint64_t id, struct event *out, struct error *why)
{
	bool good;

	if (id == 0 || id > r->count || !event_row(r, id)) {
		sqlite3_reset(r->event);
		error_set(why, 2, "event %llu is not in the trace", (unsigned long long)id);
		return false;
	}
	out->id = id;
	out->time = sqlite3_column_int64(r->event, 0);
	out->cpu = (uint32_t)sqlite3_column_int64(r->event, 1) % TRACE_CPUS_MAX;
	out->tid = (uint32_t)sqlite3_column_int64(r->event, 2);
	out->pid = (uint32_t)sqlite3_column_int64(r->event, 3);
	out->kind = (uint16_t)sqlite3_column_int64(r->event, 4);
	good = payload_read(block_get(r, sqlite3_column_int64(r->event, 5)),
			    sqlite3_column_int64(r->event, 6), out);
	sqlite3_reset(r->event);
	if (!good)
		error_set(why, 2, "event %llu points to bytes that are no record",
			  (unsigned long long)id);
	return good;
}

uint64_t reader_seek(struct reader *r, int64_t time)
{
	uint64_t low = 1, high = r->count + 1;

	while (low < high) {
		const uint64_t middle = low + (high - low) / 2;
		int64_t at;

		sqlite3_reset(r->time);
		sqlite3_bind_int64(r->time, 1, (int64_t)middle);
		at = sqlite3_step(r->time) == SQLITE_ROW ? sqlite3_column_int64(r->time, 0)
							 : INT64_MAX;
		if (at < time)
			low = middle + 1;
		else
			high = middle;
	}
	sqlite3_reset(r->time);
	return low;
}

/* The table that holds spans which this kind of event begins; NULL: none. */
static sqlite3_stmt *span_table(struct reader *r, int64_t kind)
{
	switch (kind) {
	case EV_syscall_enter:
		return r->spans[0];
	case EV_page_fault:
		return r->spans[1];
	case EV_exception:
	case EV_interrupt:
	case EV_nmi:
		return r->spans[2];
	default:
		return NULL;
	}
}

/* The span that begin opens. */
static bool span_read(struct reader *r, uint64_t begin, struct span *out)
{
	sqlite3_stmt *s =
		event_row(r, begin) ? span_table(r, sqlite3_column_int64(r->event, 4)) : NULL;
	bool found = false;

	sqlite3_reset(r->event);
	if (!s)
		return false;
	sqlite3_bind_int64(s, 1, (int64_t)begin);
	if (sqlite3_step(s) == SQLITE_ROW) {
		const uint64_t end = (uint64_t)sqlite3_column_int64(s, 0);

		out->begin = begin;
		out->end = end > begin && end <= r->count ? end : 0;
		out->duration = out->end ? sqlite3_column_int64(s, 1) : -1;
		out->result = sqlite3_column_int64(s, 2);
		found = true;
	}
	sqlite3_reset(s);
	return found;
}

bool reader_span(struct reader *r, uint64_t id, struct span *out)
{
	uint64_t begin = 0;

	if (id == 0 || id > r->count)
		return false;
	if (event_row(r, id))
		begin = (uint64_t)sqlite3_column_int64(r->event, 7);
	sqlite3_reset(r->event);
	return span_read(r, begin ? begin : id, out);
}

void reader_thread_name(struct reader *r, uint32_t tid, uint64_t id, char *name, size_t size)
{
	roster_find(r->roster, tid, id, name, size);
}

int64_t event_field(const struct event *e, unsigned field)
{
	const struct event_info *info = event_info(e->kind);
	const struct field_info *f;
	uint64_t value;

	if (!info || field >= info->fields || info->field[field].word >= e->words)
		return 0;
	f = &info->field[field];
	value = e->payload[f->word] >> f->shift;
	if (f->bits < 64)
		value &= (1ull << f->bits) - 1;
	if (f->kind == KIND_int || f->kind == KIND_result || f->kind == KIND_addr)
		return (int64_t)(value << (64 - f->bits)) >> (64 - f->bits);
	return (int64_t)value;
}
