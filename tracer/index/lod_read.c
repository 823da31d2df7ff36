/* reader_lod: from sums of buckets, or from single events where there are few. */
#include <stdlib.h>
#include <string.h>

#include "tracer/index/chunks.h"
#include "tracer/index/frame.h"
#include "tracer/index/lod_entry.h"
#include "tracer/reader_rows.h"
#include "tracer/store/sql.h"

/* So many events a column are walked rather than read as sums: less than 120,000 for a
 * screen of 160 columns. */
#define EVENTS_WALKED 750u

/* What lane_need answers in place of an index. */
enum { LANE_NO_MEMORY = -1, LANE_LEFT_OUT = -2 };

/* Lanes while the picture is drawn: up to where each is drawn, in which state. */
struct brush {
	uint32_t lane;
	enum run_state run;
	int64_t until;
};

struct painter {
	struct reader *r;
	const struct lod_query *q;
	struct lod_picture *out;
	struct brush *brush; /* as out->lane */
	uint32_t room;
	uint32_t *hash, hash_size; /* place + 1 by lane */
	int64_t end;               /* of the trace or the query */
	bool lost_only;            /* from sums, take nothing but what was lost */
	struct error *why;
};

static bool cancelled(const struct painter *p)
{
	return p->q->cancel && *p->q->cancel;
}

/* a * b / c; 128 bits are slow, and seldom needed.  b > 0. */
static int64_t share(int64_t a, int64_t b, int64_t c)
{
	return a <= INT64_MAX / b ? a * b / c : (int64_t)((__int128)a * b / c);
}

/* Where column begins; its end is where the next one begins. */
static int64_t column_start(const struct lod_query *q, unsigned column)
{
	return q->from + (column ? share(q->to - q->from, column, q->columns) : 0);
}

static unsigned column_of(const struct lod_query *q, int64_t time)
{
	unsigned column;

	if (time <= q->from)
		return 0;
	if (time >= q->to)
		return q->columns - 1;
	column = (unsigned)share(time - q->from, q->columns, q->to - q->from);
	while (column + 1 < q->columns && column_start(q, column + 1) <= time)
		column++;
	while (column && column_start(q, column) > time)
		column--;
	return column;
}

static struct lod_sum *sum_at(struct painter *p, uint32_t index, unsigned column)
{
	return &p->out->sum[(size_t)index * p->q->columns + column];
}

static uint32_t hash_place(const struct painter *p, uint32_t lane)
{
	uint32_t at = (lane * 2654435761u) & (p->hash_size - 1);

	while (p->hash[at] && p->brush[p->hash[at] - 1].lane != lane)
		at = (at + 1) & (p->hash_size - 1);
	return at;
}

static bool lanes_grow(struct painter *p)
{
	const uint32_t room = p->room ? p->room * 2 : 64;
	struct lod_picture *o = p->out;
	struct brush *brush = reallocarray(p->brush, room, sizeof(*brush));
	struct lod_sum *sum;
	uint32_t *hash;

	if (!brush)
		return false;
	p->brush = brush;
	sum = reallocarray(o->sum, (size_t)room * p->q->columns, sizeof(*sum));
	if (!sum)
		return false;
	o->sum = sum;
	hash = calloc((size_t)room * 2, sizeof(*hash));
	if (!hash)
		return false;
	free(p->hash);
	p->hash = hash;
	p->hash_size = room * 2;
	p->room = room;
	for (uint32_t i = 0; i < o->lanes; i++)
		p->hash[hash_place(p, p->brush[i].lane)] = i + 1;
	return true;
}

static bool wanted(const struct painter *p, uint32_t lane)
{
	unsigned low = 0, high = p->q->only_count;

	if (!p->q->only)
		return true;
	while (low < high) {
		const unsigned middle = low + (high - low) / 2;

		if (p->q->only[middle] < lane)
			low = middle + 1;
		else
			high = middle;
	}
	return low < p->q->only_count && p->q->only[low] == lane;
}

/* Index of a lane, made in state run since the beginning, or of the enum above. */
static int64_t lane_need(struct painter *p, uint32_t lane, enum run_state run)
{
	struct lod_picture *o = p->out;
	uint32_t at;

	if (p->hash) {
		at = hash_place(p, lane);
		if (p->hash[at])
			return p->hash[at] - 1;
	}
	if (o->lanes == LOD_LANES_MAX) {
		o->more = true;
		return LANE_LEFT_OUT;
	}
	if ((o->lanes == p->room || !p->hash) && !lanes_grow(p))
		return LANE_NO_MEMORY;
	at = hash_place(p, lane);
	p->brush[o->lanes] = (struct brush){ .lane = lane, .run = run, .until = p->q->from };
	memset(sum_at(p, o->lanes, 0), 0, p->q->columns * sizeof(struct lod_sum));
	for (unsigned i = 0; i < p->q->columns; i++)
		sum_at(p, o->lanes, i)->lane = lane;
	p->hash[at] = ++o->lanes;
	return o->lanes - 1;
}

/* ns of one state from begin to end, of which only `of` ns count. */
static void time_share(struct painter *p, uint32_t index, enum run_state run, int64_t begin,
		       int64_t end, int64_t of)
{
	const int64_t length = end - begin, from = begin > p->q->from ? begin : p->q->from;
	const int64_t to = end < p->q->to ? end : p->q->to;

	if (length <= 0 || from >= to || of <= 0)
		return;
	for (unsigned c = column_of(p->q, from);; c++) {
		const int64_t left = column_start(p->q, c), right = column_start(p->q, c + 1);
		const int64_t a = from > left ? from : left, b = to < right ? to : right;

		sum_at(p, index, c)->time[run] +=
			share(b - begin, of, length) - share(a - begin, of, length);
		if (to <= right || c + 1 == p->q->columns)
			return;
	}
}

/* The lane goes on as it is until a time. */
static void brush_to(struct painter *p, uint32_t index, int64_t until)
{
	struct brush *b = &p->brush[index];

	if (until <= b->until)
		return;
	time_share(p, index, b->run, b->until, until, until - b->until);
	b->until = until;
}

/* Lanes that there are at the beginning. */
static bool lanes_begin(struct painter *p, const struct state *s)
{
	for (unsigned i = 0; i < STATE_CPUS; i++)
		if (s->cpu[i].online && wanted(p, i) &&
		    lane_need(p, i, s->cpu[i].run) == LANE_NO_MEMORY)
			return false;
	for (uint32_t i = 0; i < s->thread_count; i++)
		if (wanted(p, s->thread[i].lane) &&
		    lane_need(p, s->thread[i].lane, s->thread[i].run) == LANE_NO_MEMORY)
			return false;
	return true;
}

/* --- From single events --- */

static void count_add(struct lod_sum *sum, const struct state *s, const struct event *e)
{
	sum->n++;
	sum->kinds |= event_set(e->kind);
	sum->errors += s->last.failed;
	if (s->last.begin && (!sum->worst_id || s->last.duration > sum->worst)) {
		sum->worst = s->last.duration;
		sum->worst_id = s->last.begin;
	}
}

static bool event_paint(struct painter *p, const struct state *s, const struct event *e)
{
	const uint32_t lanes[] = { e->cpu, s->last.lane };

	for (unsigned i = 0; i < 2; i++) {
		const int64_t lane =
			wanted(p, lanes[i]) ? lane_need(p, lanes[i], RUN_IDLE) : LANE_LEFT_OUT;

		if (lane == LANE_NO_MEMORY)
			return false;
		if (lane >= 0)
			count_add(sum_at(p, (uint32_t)lane, column_of(p->q, e->time)), s, e);
	}
	for (unsigned i = 0; i < s->last.changes; i++) {
		const struct state_change *c = &s->last.change[i];
		int64_t lane;

		if (!wanted(p, c->lane))
			continue;
		lane = lane_need(p, c->lane, c->before);
		if (lane == LANE_NO_MEMORY)
			return false;
		if (lane < 0)
			continue;
		brush_to(p, (uint32_t)lane, e->time);
		p->brush[lane].run = c->after;
	}
	return true;
}

static int events_paint(struct painter *p, struct state *s, uint64_t first, uint64_t last)
{
	struct event e;

	p->out->level = LOD_LEVELS;
	p->out->exact = true;
	for (uint64_t id = first; id < last; id++) {
		if (id % 1024 == 0 && cancelled(p))
			return 2;
		if (!reader_event(p->r, id, &e, p->why))
			return 2;
		if (!state_event(s, &e) || !event_paint(p, s, &e))
			return error_set(p->why, 2, "cannot draw the trace: out of memory");
	}
	return 0;
}

/* --- From sums --- */

static bool entry_paint(struct painter *p, const struct lod_entry *e, int64_t begin, int64_t end)
{
	const int64_t middle = begin + (end - begin) / 2;
	struct lod_sum *to;
	int64_t index;

	if ((p->lost_only && !e->sum.lost) || !wanted(p, e->sum.lane))
		return true;
	index = lane_need(p, e->sum.lane, e->before);
	if (index < 0)
		return index == LANE_LEFT_OUT;
	to = sum_at(p, (uint32_t)index, column_of(p->q, middle));
	to->lost += e->sum.lost;
	if (p->lost_only)
		return true;
	brush_to(p, (uint32_t)index, begin);
	/* Each state has its part of the bucket; which part, the sums do not say. */
	if (column_of(p->q, begin) != column_of(p->q, end - 1))
		p->out->exact = false;
	for (unsigned i = 0; i < RUN_COUNT; i++)
		time_share(p, (uint32_t)index, i, begin, end,
			   e->sum.time[i] < end - begin ? e->sum.time[i] : end - begin);
	p->brush[index].until = end;
	p->brush[index].run = e->after;
	to->n += e->sum.n;
	to->kinds |= e->sum.kinds;
	to->errors += e->sum.errors;
	if (e->sum.worst_id && (!to->worst_id || e->sum.worst > to->worst)) {
		to->worst = e->sum.worst;
		to->worst_id = e->sum.worst_id;
	}
	return true;
}

static int damaged(struct painter *p)
{
	return error_set(p->why, 2, "the trace's level of detail is damaged");
}

/* All buckets of one row. */
static int row_paint(struct painter *p, const struct blob *b, unsigned level, int64_t bucket)
{
	const unsigned shift = lod_shift(level);
	struct lod_entry e;
	uint64_t step, lanes;
	size_t at = 0;

	while (at < b->size) {
		int64_t begin, end;

		if (!blob_get(b->data, b->size, &at, &step) ||
		    !blob_get(b->data, b->size, &at, &lanes) ||
		    step > (uint64_t)(INT64_MAX >> shift) - 1 - (uint64_t)bucket)
			return damaged(p);
		bucket += (int64_t)step;
		begin = bucket << shift;
		end = (bucket + 1) << shift;
		if (end > p->end)
			end = p->end;
		for (; lanes; lanes--) {
			if (!lod_entry_get(b, &at, &e))
				return damaged(p);
			if (end <= p->q->from || begin >= p->q->to || begin >= end)
				continue;
			if (!entry_paint(p, &e, begin, end))
				return error_set(p->why, 2, "cannot draw the trace: out of memory");
		}
	}
	return 0;
}

static int level_paint(struct painter *p, unsigned level)
{
	const unsigned shift = lod_shift(level);
	sqlite3_stmt *s = sql_prepare(reader_database(p->r),
				      "SELECT first, size, data FROM lod WHERE level = ?1 AND"
				      " first >= coalesce((SELECT max(first) FROM lod WHERE"
				      " level = ?1 AND first <= ?2), 0) AND first <= ?3"
				      " ORDER BY first",
				      p->why);
	struct blob bytes = { 0 };
	int status = 0;

	if (!s)
		return 2;
	p->out->level = level;
	p->out->exact = true;
	sqlite3_bind_int(s, 1, (int)level);
	sqlite3_bind_int64(s, 2, p->q->from >> shift);
	sqlite3_bind_int64(s, 3, (p->q->to - 1) >> shift);
	while (!status && sqlite3_step(s) == SQLITE_ROW) {
		const int64_t first = sqlite3_column_int64(s, 0);

		if (cancelled(p))
			status = 2;
		else if (first < 0 || first > (INT64_MAX >> shift) - 1 ||
			 !frame_unpack(&bytes, (size_t)sqlite3_column_int64(s, 1),
				       sqlite3_column_blob(s, 2),
				       (size_t)sqlite3_column_bytes(s, 2), NULL))
			status = damaged(p);
		else
			status = row_paint(p, &bytes, level, first);
	}
	blob_free(&bytes);
	sqlite3_finalize(s);
	return status;
}

/* The coarsest level whose buckets are no longer than half a column, the finest that the
 * file has if there is none. */
static unsigned level_choose(struct painter *p)
{
	const int64_t column = (p->q->to - p->q->from) / p->q->columns;
	const int64_t finest = sql_integer(reader_database(p->r), "SELECT min(level) FROM lod", 0);
	unsigned level = finest > 0 && finest < LOD_LEVELS ? (unsigned)finest : 0;

	while (level + 1 < LOD_LEVELS && 2ll << lod_shift(level + 1) <= column)
		level++;
	return level;
}

/* --- Together --- */

static int lane_compare(const void *a, const void *b)
{
	const struct brush *x = a, *y = b;

	return x->lane < y->lane ? -1 : x->lane > y->lane;
}

/* Lanes in order of number: brush keeps the index in `run` no longer. */
static bool lanes_sort(struct painter *p)
{
	struct lod_picture *o = p->out;
	struct lod_sum *sorted = malloc(((size_t)o->lanes * p->q->columns + 1) * sizeof(*sorted));

	o->lane = malloc((o->lanes + 1) * sizeof(*o->lane));
	if (!sorted || !o->lane) {
		free(sorted);
		return false;
	}
	for (uint32_t i = 0; i < o->lanes; i++)
		p->brush[i].until = i;
	if (o->lanes > 1)
		qsort(p->brush, o->lanes, sizeof(*p->brush), lane_compare);
	for (uint32_t i = 0; i < o->lanes; i++) {
		o->lane[i] = p->brush[i].lane;
		memcpy(&sorted[(size_t)i * p->q->columns],
		       sum_at(p, (uint32_t)p->brush[i].until, 0), p->q->columns * sizeof(*sorted));
	}
	free(o->sum);
	o->sum = sorted;
	return true;
}

/* What was lost is not in the events: it is known to the finest bucket. */
static int lost_paint(struct painter *p)
{
	int status;

	p->lost_only = true;
	status = level_paint(p, level_choose(p));
	p->out->level = LOD_LEVELS;
	return status;
}

static int paint(struct painter *p, struct state *s)
{
	const uint64_t first = reader_seek(p->r, p->q->from), last = reader_seek(p->r, p->q->to);
	int status;

	if (!reader_state(p->r, first - 1, s, p->why))
		return 2;
	if (!lanes_begin(p, s))
		return error_set(p->why, 2, "cannot draw the trace: out of memory");
	status = last - first <= (uint64_t)EVENTS_WALKED * p->q->columns
			 ? events_paint(p, s, first, last)
			 : level_paint(p, level_choose(p));
	if (!status && p->out->level == LOD_LEVELS)
		status = lost_paint(p);
	if (status)
		return status;
	for (uint32_t i = 0; i < p->out->lanes; i++)
		brush_to(p, i, p->end < p->q->to ? p->end : p->q->to);
	return lanes_sort(p) ? 0 : error_set(p->why, 2, "cannot draw the trace: out of memory");
}

int reader_lod(struct reader *r, const struct lod_query *q, struct lod_picture *out,
	       struct error *why)
{
	struct painter p = { .r = r, .q = q, .out = out, .why = why };
	struct state s = { 0 };
	int status;

	memset(out, 0, sizeof(*out));
	if (q->from < 0 || q->to <= q->from || q->columns == 0 || q->columns > LOD_COLUMNS_MAX)
		return error_set(why, 2, "a picture of nothing was asked for");
	if (why)
		*why = (struct error){ 0 };
	out->columns = q->columns;
	p.end = reader_duration(r);
	status = paint(&p, &s);
	state_free(&s);
	free(p.brush);
	free(p.hash);
	if (status)
		lod_free(out);
	return status;
}

void lod_free(struct lod_picture *p)
{
	free(p->lane);
	free(p->sum);
	memset(p, 0, sizeof(*p));
}
