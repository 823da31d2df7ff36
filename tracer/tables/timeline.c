#include "tracer/tables/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "tracer/store/blocks.h"
#include "tracer/store/meta.h"
#include "tracer/store/sql.h"

/* Words of each event's fixed part; 0 for those that are not ours, which are kept too. */
static const uint8_t fixed_words[EV_LIMIT] = {
#define EVENT(id, name, label) [id] = sizeof(struct ev_##name) / 8,
#include "schemas/events.def"
};

/* Rows read at once where not all are. */
#define ROWS_NEAR 64

struct block_row {
	int64_t id, sequence;
	uint64_t last_time, kinds;
};

/* One CPU's blocks in order, one of them loaded. */
struct lane {
	struct block_row *rows;
	size_t count, size, next;
	int64_t reach; /* sequence number of the last one read */
	bool more;     /* behind it there may be others in the file */

	uint8_t *bytes;
	size_t bytes_size;
	struct block_cursor cursor;
	int64_t block; /* row of the loaded block */
	bool ready;    /* record holds the next event */
	struct record record;
	uint32_t tid; /* running */

	bool any; /* a block was loaded; what follows is of the last one */
	uint64_t lost[TRACE_LOSS_CAUSES];
	int64_t sequence;
	uint64_t last_tsc;
	uint64_t stored; /* records up to its end, by the guest's count */
};

struct timeline {
	sqlite3 *db;
	sqlite3_stmt *load;
	sqlite3_stmt *near; /* rows of a CPU behind a sequence number; NULL: all are there */
	struct unpacker unpacker;
	unsigned cpus;                             /* lanes in use */
	int64_t newest;                            /* block row */
	uint64_t limit, youngest, delivered, late; /* TSC */
	uint64_t kinds, from;                      /* filter */
	struct time_base base;
	void (*gap)(void *cookie, const struct gap *gap);
	void *cookie;
	uint64_t events, blocks, done, bad;
	struct lane lanes[TRACE_CPUS_MAX];
};

int time_base_load(struct time_base *base, sqlite3 *db, struct error *why)
{
	base->boot_tsc = (uint64_t)meta_integer(db, "boot_tsc", 0);
	base->tsc_hz = (uint64_t)meta_integer(db, "tsc_hz", 0);
	if (base->tsc_hz < 1000 || base->tsc_hz > 1000000000000ull)
		return error_set(why, 3,
				 "the recording was cut off before the kernel told its clock");
	return 0;
}

int64_t time_base_ns(const struct time_base *base, uint64_t tsc)
{
	const uint64_t second = 1000000000, ticks = tsc - base->boot_tsc;
	uint64_t seconds, rest;

	if (tsc < base->boot_tsc)
		return 0;
	seconds = ticks / base->tsc_hz;
	rest = ticks % base->tsc_hz;
	if (seconds >= INT64_MAX / second)
		return INT64_MAX;
	/* The product fits in 64 bits for any clock that there is; 128 are slow. */
	if (base->tsc_hz < UINT64_MAX / second)
		return (int64_t)(seconds * second + rest * second / base->tsc_hz);
	return (int64_t)(seconds * second +
			 (uint64_t)((unsigned __int128)rest * second / base->tsc_hz));
}

static int lane_append(struct lane *l, struct block_row row)
{
	if (l->count == l->size) {
		const size_t size = l->size ? l->size * 2 : 64;
		struct block_row *rows = realloc(l->rows, size * sizeof(*rows));

		if (!rows)
			return -1;
		l->rows = rows;
		l->size = size;
	}
	l->rows[l->count++] = row;
	return 0;
}

/* Blocks in order; those of a CPU that came since are behind those that were there. */
static int row_take(struct timeline *t, sqlite3_stmt *s)
{
	const struct block_row row = { sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 2),
				       (uint64_t)sqlite3_column_int64(s, 3),
				       (uint64_t)sqlite3_column_int64(s, 4) };
	const int64_t cpu = sqlite3_column_int64(s, 1);
	struct lane *l;

	t->blocks++;
	if (row.id > t->newest)
		t->newest = row.id;
	if (cpu < 0 || cpu >= TRACE_CPUS_MAX) {
		t->bad++;
		return 0;
	}
	l = &t->lanes[cpu];
	if (l->count && l->rows[l->count - 1].sequence >= row.sequence) {
		t->bad++;
		return 0;
	}
	if (cpu >= t->cpus)
		t->cpus = (unsigned)cpu + 1;
	if (row.last_time > t->youngest)
		t->youngest = row.last_time;
	return lane_append(l, row);
}

static int rows_load(struct timeline *t, struct error *why)
{
	/* The first part of the order is an index that has all of these columns. */
	sqlite3_stmt *s =
		t->newest ? sql_prepare(t->db,
					"SELECT id, cpu, sequence, last_time, kinds FROM block"
					" WHERE id > ? ORDER BY +cpu, +sequence, id",
					why)
			  : sql_prepare(t->db,
					"SELECT id, cpu, sequence, last_time, kinds FROM block"
					" ORDER BY cpu, sequence, id",
					why);
	int code;

	if (!s)
		return why ? why->status : 2;
	if (t->newest)
		sqlite3_bind_int64(s, 1, t->newest);
	while ((code = sqlite3_step(s)) == SQLITE_ROW) {
		if (row_take(t, s)) {
			sqlite3_finalize(s);
			return error_set(why, 2, "cannot read the trace: out of memory");
		}
	}
	if (code != SQLITE_DONE)
		sql_error(why, t->db, "cannot read the trace");
	sqlite3_finalize(s);
	return code == SQLITE_DONE ? 0 : 2;
}

/* The rows of a lane behind a sequence number, ROWS_NEAR at most, in place of those at
 * hand. */
static int rows_near(struct timeline *t, unsigned cpu, int64_t sequence, struct error *why)
{
	struct lane *l = &t->lanes[cpu];
	int code, seen = 0, status = 0;

	l->count = l->next = 0;
	l->reach = sequence;
	sqlite3_bind_int64(t->near, 1, cpu);
	sqlite3_bind_int64(t->near, 2, sequence);
	sqlite3_bind_int64(t->near, 3, ROWS_NEAR);
	while (!status && (code = sqlite3_step(t->near)) == SQLITE_ROW) {
		const struct block_row row = { sqlite3_column_int64(t->near, 0),
					       sqlite3_column_int64(t->near, 1),
					       (uint64_t)sqlite3_column_int64(t->near, 2),
					       (uint64_t)sqlite3_column_int64(t->near, 3) };

		seen++;
		if (l->reach < row.sequence)
			status = lane_append(l, row);
		l->reach = row.sequence;
	}
	l->more = seen == ROWS_NEAR;
	sqlite3_reset(t->near);
	if (status)
		error_set(why, 2, "cannot read the trace: out of memory");
	else if (code != SQLITE_DONE)
		status = sql_error(why, t->db, "cannot read the trace");
	return status;
}

/* Rows behind those that are done, if there are any.  False: not readable. */
static bool rows_follow(struct timeline *t, unsigned cpu, struct error *why)
{
	struct lane *l = &t->lanes[cpu];

	if (l->next < l->count || !l->more)
		return true;
	return rows_near(t, cpu, l->reach, why) == 0;
}

static void lanes_count(struct timeline *t)
{
	const int64_t last = sql_integer(t->db, "SELECT max(cpu) FROM block", -1);

	t->cpus = last < 0 ? 0 : last >= TRACE_CPUS_MAX ? TRACE_CPUS_MAX : (unsigned)last + 1;
	for (unsigned cpu = 0; cpu < t->cpus; cpu++)
		t->lanes[cpu].more = true;
}

int timeline_more(struct timeline *t, struct error *why)
{
	if (!t->near)
		return rows_load(t, why);
	lanes_count(t);
	return 0;
}

static int near_prepare(struct timeline *t, struct error *why)
{
	t->near = sql_prepare(t->db,
			      "SELECT id, sequence, last_time, kinds FROM block"
			      " WHERE cpu = ? AND sequence > ? ORDER BY sequence LIMIT ?",
			      why);
	lanes_count(t);
	return t->near ? 0 : 2;
}

static int open_any(struct timeline **out, sqlite3 *db, bool near, struct error *why)
{
	struct timeline *t = calloc(1, sizeof(*t));
	int status;

	*out = NULL;
	if (!t)
		return error_set(why, 2, "cannot read the trace: out of memory");
	t->db = db;
	t->limit = UINT64_MAX;
	status = time_base_load(&t->base, db, why);
	if (!status) {
		t->load = sql_prepare(db, "SELECT data FROM block WHERE id = ?", why);
		status = !t->load ? 2 : near ? near_prepare(t, why) : rows_load(t, why);
	}
	if (status) {
		timeline_close(t);
		return status;
	}
	*out = t;
	return 0;
}

int timeline_open(struct timeline **out, sqlite3 *db,
		  void (*gap)(void *cookie, const struct gap *gap), void *cookie, struct error *why)
{
	const int status = open_any(out, db, false, why);

	if (*out) {
		(*out)->gap = gap;
		(*out)->cookie = cookie;
	}
	return status;
}

int timeline_open_near(struct timeline **out, sqlite3 *db, struct error *why)
{
	return open_any(out, db, true, why);
}

void timeline_close(struct timeline *t)
{
	if (!t)
		return;
	sqlite3_finalize(t->load);
	sqlite3_finalize(t->near);
	unpacker_free(&t->unpacker);
	for (unsigned cpu = 0; cpu < TRACE_CPUS_MAX; cpu++) {
		free(t->lanes[cpu].rows);
		free(t->lanes[cpu].bytes);
	}
	free(t);
}

static uint64_t stored_up_to(const struct trace_block *h)
{
	uint64_t stored = h->emitted;

	for (int cause = 0; cause < TRACE_LOSS_CAUSES; cause++)
		stored -= h->lost[cause];
	return stored;
}

/* Tell of what is missing between the last block and this one. */
static void gaps_report(struct timeline *t, struct lane *l, const struct trace_block *h)
{
	struct gap gap = {
		.cpu = h->cpu,
		.cause = -1,
		.count = -1,
		.after = l->any ? l->sequence : -1,
		.before = (int64_t)h->sequence,
		.after_time = l->any ? time_base_ns(&t->base, l->last_tsc) : 0,
		.before_time = time_base_ns(&t->base, h->first_time),
	};

	if (!t->gap)
		return;
	/* Blocks that the guest gave up are counted by cause; these never arrived. */
	gap.count = (int64_t)(stored_up_to(h) - h->records - l->stored);
	if ((int64_t)h->sequence != gap.after + 1 && gap.count != 0)
		t->gap(t->cookie, &gap);
	for (int cause = 0; cause < TRACE_LOSS_CAUSES; cause++) {
		if (h->lost[cause] <= l->lost[cause])
			continue;
		gap.cause = cause;
		gap.count = (int64_t)(h->lost[cause] - l->lost[cause]);
		t->gap(t->cookie, &gap);
	}
}

/* Copy block row to the lane and start walking it.  1 loaded, 0 unusable, -1
 * error. */
static int lane_load(struct timeline *t, unsigned cpu, int64_t row, struct error *why)
{
	struct lane *l = &t->lanes[cpu];
	struct trace_block h;
	const void *blob;
	size_t size;
	int usable = 0;

	sqlite3_reset(t->load);
	sqlite3_bind_int64(t->load, 1, row);
	if (sqlite3_step(t->load) != SQLITE_ROW) {
		sql_error(why, t->db, "cannot read the trace");
		return -1;
	}
	blob = sqlite3_column_blob(t->load, 0);
	size = (size_t)sqlite3_column_bytes(t->load, 0);
	blob = blob ? block_unpack(&t->unpacker, blob, size, &size) : NULL;
	if (blob && block_check(blob, size, &h, NULL) == 0 && h.cpu == cpu) {
		if (size > l->bytes_size) {
			free(l->bytes);
			l->bytes = malloc(size);
			l->bytes_size = l->bytes ? size : 0;
		}
		if (!l->bytes) {
			error_set(why, 2, "cannot read the trace: out of memory");
			return -1;
		}
		memcpy(l->bytes, blob, size);
		gaps_report(t, l, &h);
		block_walk(&l->cursor, l->bytes, &h);
		memcpy(l->lost, h.lost, sizeof(l->lost));
		l->stored = stored_up_to(&h);
		l->block = row;
		l->tid = h.tid;
		l->any = true;
		l->sequence = (int64_t)h.sequence;
		l->last_tsc = h.last_time;
		usable = 1;
	}
	sqlite3_reset(t->load);
	return usable;
}

static bool row_passed(const struct timeline *t, const struct block_row *row)
{
	return (t->kinds && !(row->kinds & t->kinds)) || row->last_time < t->from;
}

/* Make the lane's next record ready.  0, or -1 on an error. */
static int lane_advance(struct timeline *t, unsigned cpu, struct error *why)
{
	struct lane *l = &t->lanes[cpu];
	int usable;

	while (!l->ready) {
		if (l->block && block_next(&l->cursor, &l->record)) {
			if (l->record.words >= fixed_words[l->record.id])
				l->ready = true;
			else
				t->bad++;
			continue;
		}
		t->bad += l->block && l->cursor.bad;
		l->block = 0;
		if (!rows_follow(t, cpu, why))
			return -1;
		if (l->next == l->count)
			return 0;
		t->done++;
		if (row_passed(t, &l->rows[l->next])) {
			l->next++;
			continue;
		}
		usable = lane_load(t, cpu, l->rows[l->next++].id, why);
		if (usable < 0)
			return -1;
		t->bad += !usable;
	}
	return 0;
}

void timeline_position(const struct timeline *t, struct timeline_position *out)
{
	memset(out, 0, sizeof(*out));
	out->events = t->events;
	for (unsigned cpu = 0; cpu < t->cpus; cpu++) {
		const struct lane *l = &t->lanes[cpu];
		struct lane_position *p = &out->lane[cpu];

		p->any = l->any;
		p->sequence = (uint64_t)l->sequence;
		p->tid = l->tid;
		p->tsc = l->ready ? l->record.time : l->cursor.time;
		if (l->any)
			p->offset = l->ready ? l->record.offset : l->cursor.offset;
	}
}

/* Index of the first block of at least this sequence number. */
static size_t row_place(const struct lane *l, int64_t sequence)
{
	size_t low = 0, high = l->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (l->rows[middle].sequence < sequence)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The rows of the lane cover this sequence number. */
static bool row_at_hand(const struct lane *l, int64_t sequence)
{
	return l->count && l->rows[0].sequence <= sequence &&
	       l->rows[l->count - 1].sequence >= sequence;
}

static int lane_restore(struct timeline *t, unsigned cpu, const struct lane_position *p,
			struct error *why)
{
	struct lane *l = &t->lanes[cpu];
	const int64_t first = p->any ? (int64_t)p->sequence : INT64_MIN;
	int usable;

	l->ready = false;
	l->block = 0;
	l->next = 0;
	l->any = p->any;
	if (t->near && !row_at_hand(l, first) && rows_near(t, cpu, p->any ? first - 1 : first, why))
		return -1;
	if (!p->any)
		return 0;
	l->next = row_place(l, (int64_t)p->sequence);
	if (l->next == l->count || l->rows[l->next].sequence != (int64_t)p->sequence)
		return 0;
	usable = lane_load(t, cpu, l->rows[l->next++].id, why);
	if (usable > 0 && p->offset >= sizeof(struct trace_block)) {
		l->cursor.offset = p->offset % 8 ? l->cursor.end : p->offset;
		l->cursor.time = p->tsc;
		l->tid = p->tid;
	}
	return usable < 0 ? -1 : 0;
}

int timeline_restore(struct timeline *t, const struct timeline_position *p, struct error *why)
{
	void (*gap)(void *cookie, const struct gap *gap) = t->gap;
	int status = 0;

	t->gap = NULL;
	t->events = p->events;
	t->delivered = 0;
	for (unsigned cpu = 0; cpu < t->cpus && !status; cpu++)
		status = lane_restore(t, cpu, &p->lane[cpu], why);
	t->gap = gap;
	return status;
}

void timeline_filter(struct timeline *t, uint64_t kinds, uint64_t from)
{
	t->kinds = kinds;
	t->from = from;
}

void timeline_limit(struct timeline *t, uint64_t tsc)
{
	t->limit = tsc;
}

uint64_t timeline_youngest(const struct timeline *t)
{
	return t->youngest;
}

uint64_t timeline_reach(const struct timeline *t, unsigned cpu)
{
	const struct lane *l = &t->lanes[cpu];

	return cpu < TRACE_CPUS_MAX && l->count ? l->rows[l->count - 1].last_time : 0;
}

uint64_t timeline_late(const struct timeline *t)
{
	return t->late;
}

static void event_take(struct timeline *t, unsigned cpu, struct timeline_event *out)
{
	struct lane *l = &t->lanes[cpu];
	const struct record *r = &l->record;

	if (r->time < t->delivered)
		t->late++;
	else
		t->delivered = r->time;
	out->e.id = ++t->events;
	out->e.time = time_base_ns(&t->base, r->time);
	out->e.cpu = cpu;
	out->e.tid = l->tid;
	out->e.pid = 0;
	out->e.kind = (uint16_t)r->id;
	out->e.words = (uint16_t)r->words;
	memcpy(out->e.payload, r->payload, r->words * 8);
	out->tsc = r->time;
	out->block = l->block;
	out->offset = r->offset;
	if (r->id == EV_context_switch) {
		struct ev_context_switch sw;

		memcpy(&sw, r->payload, sizeof(sw));
		l->tid = sw.next;
	}
	l->ready = false;
}

int timeline_next(struct timeline *t, struct timeline_event *out, struct error *why)
{
	unsigned best = TRACE_CPUS_MAX;

	for (unsigned cpu = 0; cpu < t->cpus; cpu++) {
		struct lane *l = &t->lanes[cpu];

		if (!l->ready && (l->block || l->next < l->count || l->more) &&
		    lane_advance(t, cpu, why))
			return -1;
		if (l->ready &&
		    (best == TRACE_CPUS_MAX || l->record.time < t->lanes[best].record.time))
			best = cpu;
	}
	if (best == TRACE_CPUS_MAX || t->lanes[best].record.time > t->limit)
		return 0;
	event_take(t, best, out);
	return 1;
}

int64_t timeline_ticks_ns(const struct timeline *t, uint64_t ticks)
{
	const __int128 ns = (__int128)ticks * 1000000000 / t->base.tsc_hz;

	return ns > INT64_MAX ? INT64_MAX : (int64_t)ns;
}

uint64_t timeline_blocks(const struct timeline *t)
{
	return t->blocks;
}

uint64_t timeline_blocks_done(const struct timeline *t)
{
	return t->done;
}

uint64_t timeline_bad(const struct timeline *t)
{
	return t->bad;
}

bool timeline_last(const struct timeline *t, unsigned cpu, uint64_t lost[TRACE_LOSS_CAUSES],
		   int64_t *sequence, int64_t *time)
{
	const struct lane *l = &t->lanes[cpu];

	if (!l->any)
		return false;
	memcpy(lost, l->lost, sizeof(l->lost));
	*sequence = l->sequence;
	*time = time_base_ns(&t->base, l->last_tsc);
	return true;
}
