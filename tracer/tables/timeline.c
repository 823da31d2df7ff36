#include "tracer/tables/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "tracer/store/blocks.h"
#include "tracer/store/sql.h"
#include "tracer/tables/block_list.h"
#include "tracer/tables/time_base.h"

/* Words of each event's fixed part; 0 for those that are not ours, which are kept too. */
static const uint8_t fixed_words[EV_LIMIT] = {
#define EVENT(id, name, label) [id] = sizeof(struct ev_##name) / 8,
#include "schemas/events.def"
};

/* Where the walk is in one CPU's blocks, of which one is loaded. */
struct lane {
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
	struct unpacker unpacker;
	uint64_t limit, delivered, late; /* TSC */
	uint64_t kinds, from;            /* filter */
	struct time_base base;
	void (*gap)(void *cookie, const struct gap *gap);
	void *cookie;
	uint64_t events, done, bad; /* bad: what is in blocks */
	struct block_lists lists;
	struct lane lanes[TRACE_CPUS_MAX];
};

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
		status = t->load ? block_lists_open(&t->lists, db, near, why) : 2;
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
	block_lists_close(&t->lists);
	unpacker_free(&t->unpacker);
	for (unsigned cpu = 0; cpu < TRACE_CPUS_MAX; cpu++)
		free(t->lanes[cpu].bytes);
	free(t);
}

int timeline_more(struct timeline *t, struct error *why)
{
	return block_lists_more(&t->lists, why);
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
	struct block_list *list = &t->lists.cpu[cpu];
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
		if (!block_lists_follow(&t->lists, cpu, why))
			return -1;
		if (list->next == list->count)
			return 0;
		t->done++;
		if (row_passed(t, &list->rows[list->next])) {
			list->next++;
			continue;
		}
		usable = lane_load(t, cpu, list->rows[list->next++].id, why);
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
	for (unsigned cpu = 0; cpu < t->lists.cpus; cpu++) {
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

static int lane_restore(struct timeline *t, unsigned cpu, const struct lane_position *p,
			struct error *why)
{
	struct lane *l = &t->lanes[cpu];
	struct block_list *list = &t->lists.cpu[cpu];
	const int64_t first = p->any ? (int64_t)p->sequence : INT64_MIN;
	int usable;

	l->ready = false;
	l->block = 0;
	l->any = p->any;
	if (block_lists_go(&t->lists, cpu, first, why))
		return -1;
	if (!p->any)
		return 0;
	if (list->next == list->count || list->rows[list->next].sequence != first)
		return 0;
	usable = lane_load(t, cpu, list->rows[list->next++].id, why);
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
	for (unsigned cpu = 0; cpu < t->lists.cpus && !status; cpu++)
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
	return t->lists.youngest;
}

uint64_t timeline_reach(const struct timeline *t, unsigned cpu)
{
	const struct block_list *list = &t->lists.cpu[cpu];

	return cpu < TRACE_CPUS_MAX && list->count ? list->rows[list->count - 1].last_time : 0;
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

	for (unsigned cpu = 0; cpu < t->lists.cpus; cpu++) {
		struct lane *l = &t->lanes[cpu];
		const struct block_list *list = &t->lists.cpu[cpu];

		if (!l->ready && (l->block || list->next < list->count || list->more) &&
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
	return t->lists.blocks;
}

uint64_t timeline_blocks_done(const struct timeline *t)
{
	return t->done;
}

uint64_t timeline_bad(const struct timeline *t)
{
	return t->bad + t->lists.bad;
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
