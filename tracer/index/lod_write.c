#include "tracer/index/lod_write.h"

#include <stdlib.h>
#include <string.h>

#include "tracer/index/frame.h"
#include "tracer/index/lod_entry.h"
#include "tracer/store/sql.h"

#define BLOB_BYTES 16384u /* of a row, unpacked */
/* The finest level goes when it has more than one entry for so many events: then all
 * levels together take about a byte an event. */
#define EVENTS_AN_ENTRY 24u
#define ENTRIES_FREE    8192u

struct level {
	int64_t bucket; /* the open one, -1 none */
	struct lod_entry *entry;
	uint32_t count, room;
	uint32_t *hash; /* place + 1 of an entry by lane; 0 free */
	uint32_t hash_size;
	struct blob blob; /* closed buckets that are not stored for good */
	int64_t first, last;
	uint64_t entries;
};

struct lod {
	sqlite3 *db;
	sqlite3_stmt *insert, *drop;
	struct blob packed;
	unsigned finest;
	uint64_t events;
	int64_t time;
	bool no_memory;
	struct level level[LOD_LEVELS];
};

struct lod *lod_new(sqlite3 *db, struct error *why)
{
	struct lod *l = calloc(1, sizeof(*l));

	if (!l) {
		error_set(why, 2, "cannot index the trace: out of memory");
		return NULL;
	}
	l->db = db;
	for (unsigned i = 0; i < LOD_LEVELS; i++)
		l->level[i].bucket = -1;
	l->insert = sql_prepare(db, "INSERT OR REPLACE INTO lod VALUES (?, ?, ?, ?, ?)", why);
	l->drop = sql_prepare(db, "DELETE FROM lod WHERE level = ?", why);
	if (l->insert && l->drop)
		return l;
	lod_delete(l);
	return NULL;
}

static void levels_free(struct lod *l)
{
	for (unsigned i = 0; i < LOD_LEVELS; i++) {
		free(l->level[i].entry);
		free(l->level[i].hash);
		blob_free(&l->level[i].blob);
	}
}

void lod_delete(struct lod *l)
{
	if (!l)
		return;
	sqlite3_finalize(l->insert);
	sqlite3_finalize(l->drop);
	levels_free(l);
	blob_free(&l->packed);
	free(l);
}

static uint32_t hash_place(const struct level *v, uint32_t lane)
{
	uint32_t at = (lane * 2654435761u) & (v->hash_size - 1);

	while (v->hash[at] && v->entry[v->hash[at] - 1].sum.lane != lane)
		at = (at + 1) & (v->hash_size - 1);
	return at;
}

/* Twice as many places as entries, at least. */
static bool hash_grow(struct level *v)
{
	const uint32_t size = v->hash_size ? v->hash_size * 2 : 64;
	uint32_t *hash = calloc(size, sizeof(*hash));

	if (!hash)
		return false;
	free(v->hash);
	v->hash = hash;
	v->hash_size = size;
	for (uint32_t i = 0; i < v->count; i++)
		v->hash[hash_place(v, v->entry[i].sum.lane)] = i + 1;
	return true;
}

/* The lane's entry in the open bucket of v; made, in state before since the bucket's
 * beginning, if there is none.  NULL: no memory. */
static struct lod_entry *entry_need(struct level *v, unsigned shift, uint32_t lane,
				    enum run_state before)
{
	struct lod_entry *e;
	uint32_t at;

	if (v->count * 2 >= v->hash_size && !hash_grow(v))
		return NULL;
	at = hash_place(v, lane);
	if (v->hash[at])
		return &v->entry[v->hash[at] - 1];
	if (v->count == v->room) {
		const uint32_t room = v->room ? v->room * 2 : 32;
		struct lod_entry *grown = reallocarray(v->entry, room, sizeof(*grown));

		if (!grown)
			return NULL;
		v->entry = grown;
		v->room = room;
	}
	e = &v->entry[v->count++];
	v->hash[at] = v->count;
	memset(e, 0, sizeof(*e));
	e->sum.lane = lane;
	e->before = e->after = before;
	e->accounted = v->bucket << shift;
	return e;
}

static void entry_run(struct lod_entry *e, int64_t until)
{
	if (until <= e->accounted)
		return;
	e->sum.time[e->after] += until - e->accounted;
	e->accounted = until;
}

static int blob_store(struct lod *l, unsigned number, struct error *why)
{
	struct level *v = &l->level[number];

	if (!v->blob.size)
		return 0;
	if (!frame_pack(&l->packed, &v->blob, NULL))
		return error_set(why, 2, "cannot index the trace: out of memory");
	if (sql_row(l->insert, "iiiib", (int64_t)number, v->first, v->last, (int64_t)v->blob.size,
		    (const void *)l->packed.data, l->packed.size))
		return sql_error(why, l->db, "cannot index the trace");
	return 0;
}

/* Sums of a bucket that is over become part of the bucket above. */
static bool entry_raise(struct level *v, unsigned shift, const struct lod_entry *child,
			int64_t begin)
{
	struct lod_entry *e = entry_need(v, shift, child->sum.lane, child->before);
	struct lod_sum *s;

	if (!e)
		return false;
	s = &e->sum;
	entry_run(e, begin);
	s->n += child->sum.n;
	for (unsigned i = 0; i < RUN_COUNT; i++)
		s->time[i] += child->sum.time[i];
	if (child->sum.worst_id && (!s->worst_id || child->sum.worst > s->worst)) {
		s->worst = child->sum.worst;
		s->worst_id = child->sum.worst_id;
	}
	s->kinds |= child->sum.kinds;
	s->errors += child->sum.errors;
	s->lost += child->sum.lost;
	e->accounted = child->accounted;
	e->after = child->after;
	return true;
}

static int bucket_close(struct lod *l, unsigned number, int64_t now, struct error *why);

/* Make bucket the open one of a level; earlier ones are over. */
static int bucket_open(struct lod *l, unsigned number, int64_t bucket, int64_t now,
		       struct error *why)
{
	struct level *v = &l->level[number];
	int status = 0;

	if (v->bucket >= bucket)
		return 0;
	if (v->bucket >= 0)
		status = bucket_close(l, number, now, why);
	v->bucket = bucket;
	return status;
}

/* The open bucket of a level is over, or is closed early at now, which is the end. */
static int bucket_close(struct lod *l, unsigned number, int64_t now, struct error *why)
{
	struct level *v = &l->level[number], *above = v + 1;
	const unsigned shift = lod_shift(number);
	const int64_t begin = v->bucket << shift, end = (v->bucket + 1) << shift;
	bool good;
	int status = 0;

	if (number + 1 < LOD_LEVELS)
		status = bucket_open(l, number + 1, v->bucket >> LOD_FACTOR_BITS, begin, why);
	if (!v->blob.size)
		v->first = v->last = v->bucket;
	good = blob_put(&v->blob, (uint64_t)(v->bucket - v->last)) && blob_put(&v->blob, v->count);
	v->last = v->bucket;
	for (uint32_t i = 0; i < v->count; i++) {
		struct lod_entry *e = &v->entry[i];

		entry_run(e, now < end ? now : end);
		good = good && lod_entry_put(&v->blob, e);
		if (number + 1 < LOD_LEVELS)
			good = good && entry_raise(above, lod_shift(number + 1), e, begin);
	}
	v->entries += v->count;
	v->count = 0;
	v->bucket = -1;
	memset(v->hash, 0, v->hash_size * sizeof(*v->hash));
	if (!good)
		return error_set(why, 2, "cannot index the trace: out of memory");
	if (!status && v->blob.size >= BLOB_BYTES) {
		status = blob_store(l, number, why);
		v->blob.size = 0;
	}
	return status;
}

/* Too many small buckets for so few events: do without. */
static int finest_drop(struct lod *l, struct error *why)
{
	struct level *v = &l->level[l->finest];
	int status = 0;

	if (v->bucket >= 0)
		status = bucket_close(l, l->finest, l->time, why);
	if (!status && sql_row(l->drop, "i", (int64_t)l->finest))
		status = sql_error(why, l->db, "cannot index the trace");
	v->blob.size = 0;
	l->finest++;
	return status;
}

/* The state that a lane was in before the last event. */
static enum run_state lane_before(const struct state *s, uint32_t lane, enum run_state now)
{
	for (unsigned i = 0; i < s->last.changes; i++)
		if (s->last.change[i].lane == lane)
			return s->last.change[i].before;
	return now;
}

static void entry_count(struct lod_entry *e, const struct state *s, const struct event *event)
{
	struct lod_sum *sum = &e->sum;

	sum->n++;
	sum->kinds |= event_set(event->kind);
	sum->errors += s->last.failed;
	if (s->last.begin && (!sum->worst_id || s->last.duration > sum->worst)) {
		sum->worst = s->last.duration;
		sum->worst_id = s->last.begin;
	}
}

static bool event_add(struct lod *l, const struct state *s, const struct event *e)
{
	struct level *v = &l->level[l->finest];
	const unsigned shift = lod_shift(l->finest);
	const struct state_thread *t = e->tid ? state_thread_find(s, e->tid) : NULL;
	const enum run_state run = t && t->lane == s->last.lane ? t->run : RUN_IDLE;
	struct lod_entry *entry;

	entry = entry_need(v, shift, e->cpu, lane_before(s, e->cpu, s->cpu[e->cpu].run));
	if (!entry)
		return false;
	entry_count(entry, s, e);
	entry = entry_need(v, shift, s->last.lane, lane_before(s, s->last.lane, run));
	if (!entry)
		return false;
	entry_count(entry, s, e);
	for (unsigned i = 0; i < s->last.changes; i++) {
		const struct state_change *c = &s->last.change[i];

		entry = entry_need(v, shift, c->lane, c->before);
		if (!entry)
			return false;
		entry_run(entry, e->time);
		entry->after = c->after;
	}
	return true;
}

int lod_event(struct lod *l, const struct state *s, const struct event *e, struct error *why)
{
	struct level *v = &l->level[l->finest];
	int status;

	/* Events that came late, while it is recorded, are counted where we are. */
	if (e->time > l->time)
		l->time = e->time;
	status = bucket_open(l, l->finest, l->time >> lod_shift(l->finest), l->time, why);
	if (status)
		return status;
	if (!event_add(l, s, e))
		return error_set(why, 2, "cannot index the trace: out of memory");
	l->events++;
	if (v->entries > l->events / EVENTS_AN_ENTRY + ENTRIES_FREE && l->finest + 1 < LOD_LEVELS)
		return finest_drop(l, why);
	return 0;
}

void lod_lost(struct lod *l, const struct state *s, uint32_t cpu, int64_t time, uint64_t count)
{
	struct level *v = &l->level[l->finest];
	struct lod_entry *e;

	if (v->bucket < 0)
		v->bucket = (time > l->time ? time : l->time) >> lod_shift(l->finest);
	e = entry_need(v, lod_shift(l->finest), cpu, s->cpu[cpu % STATE_CPUS].run);
	if (e)
		e->sum.lost += count;
}

/* A copy of the levels, to be closed without ending the real ones. */
static bool levels_copy(struct lod *to, const struct lod *from)
{
	bool good = true;

	*to = *from;
	to->packed = (struct blob){ 0 };
	for (unsigned i = 0; i < LOD_LEVELS; i++) {
		struct level *v = &to->level[i];
		const struct level *old = &from->level[i];

		v->entry = NULL;
		v->hash = NULL;
		v->blob = (struct blob){ 0 };
		v->room = v->hash_size = 0;
		v->count = 0;
		if (old->room) {
			v->entry = malloc(old->room * sizeof(*v->entry));
			v->hash = malloc(old->hash_size * sizeof(*v->hash));
			good = good && v->entry && v->hash;
		}
		if (good && old->room) {
			v->room = old->room;
			v->count = old->count;
			v->hash_size = old->hash_size;
			memcpy(v->entry, old->entry, old->count * sizeof(*v->entry));
			memcpy(v->hash, old->hash, old->hash_size * sizeof(*v->hash));
		}
		if (good && old->blob.size) {
			v->blob.data = malloc(old->blob.room);
			good = v->blob.data != NULL;
			v->blob.room = good ? old->blob.room : 0;
			v->blob.size = good ? old->blob.size : 0;
			if (good)
				memcpy(v->blob.data, old->blob.data, old->blob.size);
		}
	}
	return good;
}

int lod_store(struct lod *l, struct error *why)
{
	struct lod *copy = malloc(sizeof(*copy));
	int status = 0;

	if (!copy)
		return error_set(why, 2, "cannot index the trace: out of memory");
	if (!levels_copy(copy, l))
		status = error_set(why, 2, "cannot index the trace: out of memory");
	for (unsigned i = l->finest; i < LOD_LEVELS && !status; i++) {
		if (copy->level[i].bucket >= 0)
			status = bucket_close(copy, i, copy->time, why);
		if (!status)
			status = blob_store(copy, i, why);
	}
	levels_free(copy);
	blob_free(&copy->packed);
	free(copy);
	return status;
}
