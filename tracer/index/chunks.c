#include "tracer/index/chunks.h"

#include <stdlib.h>
#include <string.h>

#include "tracer/store/meta.h"
#include "tracer/store/sql.h"

struct chunks {
	sqlite3 *db;
	sqlite3_stmt *list;
	struct keyframe_reader keyframes;
	struct timeline *timeline;
	uint64_t count, clock;
	struct chunk_mark *mark;
	size_t marks, mark_room;
	struct state state; /* of the walk that fills a chunk */
	struct timeline_position position;
	struct timeline_event now;
	unsigned keep;
	struct chunk chunk[];
};

static int marks_load(struct chunks *c, struct error *why)
{
	sqlite3_reset(c->list);
	sqlite3_bind_int64(c->list, 1, c->marks ? (int64_t)c->mark[c->marks - 1].id : -1);
	while (sqlite3_step(c->list) == SQLITE_ROW) {
		const struct chunk_mark m = { (uint64_t)sqlite3_column_int64(c->list, 0),
					      sqlite3_column_int64(c->list, 1),
					      (uint64_t)sqlite3_column_int64(c->list, 2),
					      (uint64_t)sqlite3_column_int64(c->list, 3) };

		/* What does not follow is of no use. */
		if (m.id != c->marks * READER_CHUNK || m.id > c->count ||
		    (c->marks && m.time < c->mark[c->marks - 1].time))
			break;
		if (c->marks == c->mark_room) {
			const size_t room = c->mark_room ? c->mark_room * 2 : 64;
			struct chunk_mark *grown = reallocarray(c->mark, room, sizeof(*grown));

			if (!grown)
				return error_set(why, 2, "cannot read the trace: out of memory");
			c->mark = grown;
			c->mark_room = room;
		}
		c->mark[c->marks++] = m;
	}
	sqlite3_reset(c->list);
	return 0;
}

/* Events that keyframes lead to. */
static void count_load(struct chunks *c)
{
	const int64_t events = meta_integer(c->db, "events", 0);

	c->count = events > 0 ? (uint64_t)events : 0;
}

int chunks_open(struct chunks **out, sqlite3 *db, unsigned keep, struct error *why)
{
	struct chunks *c = calloc(1, sizeof(*c) + keep * sizeof(c->chunk[0]));
	int status;

	*out = NULL;
	if (!c)
		return error_set(why, 2, "cannot read the trace: out of memory");
	c->db = db;
	c->keep = keep;
	for (unsigned i = 0; i < keep; i++)
		c->chunk[i].number = UINT64_MAX;
	c->list = sql_prepare(db,
			      "SELECT id, time, kinds, errors FROM keyframe INDEXED BY"
			      " keyframe_list WHERE id > ? ORDER BY id",
			      why);
	status = c->list ? keyframe_reader_init(&c->keyframes, db, why) : 2;
	if (!status)
		status = timeline_open_near(&c->timeline, db, why);
	if (!status) {
		count_load(c);
		status = marks_load(c, why);
	}
	if (status) {
		chunks_close(c);
		return status;
	}
	*out = c;
	return 0;
}

void chunks_close(struct chunks *c)
{
	if (!c)
		return;
	sqlite3_finalize(c->list);
	keyframe_reader_free(&c->keyframes);
	timeline_close(c->timeline);
	state_free(&c->state);
	chunks_keep(c, 0);
	free(c->mark);
	free(c);
}

uint64_t chunks_count(const struct chunks *c)
{
	return c->count;
}

void chunks_keep(struct chunks *c, unsigned keep)
{
	while (c->keep > keep) {
		struct chunk *k = &c->chunk[--c->keep];

		free(k->event);
		free(k->words);
	}
}

bool chunks_refresh(struct chunks *c)
{
	const uint64_t had = c->count;

	count_load(c);
	if (c->count <= had) {
		c->count = had;
		return false;
	}
	/* The last chunk was not whole. */
	for (unsigned i = 0; i < c->keep; i++)
		if (c->chunk[i].count < READER_CHUNK)
			c->chunk[i].number = UINT64_MAX;
	return marks_load(c, NULL) == 0 && timeline_more(c->timeline, NULL) == 0;
}

static bool words_add(struct chunk *k, const struct event *e)
{
	if (k->word_count + e->words > k->word_room) {
		const size_t room = k->word_room ? k->word_room * 2 : READER_CHUNK * 4;
		uint64_t *grown = reallocarray(k->words, room, sizeof(*grown));

		if (!grown)
			return false;
		k->words = grown;
		k->word_room = room;
	}
	memcpy(k->words + k->word_count, e->payload, e->words * 8);
	k->word_count += e->words;
	return true;
}

static bool event_add(struct chunks *c, struct chunk *k)
{
	const struct event *e = &c->now.e;
	const struct state_last *last = &c->state.last;
	const uint64_t first = k->number * READER_CHUNK + 1;

	k->event[k->count++] = (struct chunk_event){
		.time = e->time,
		.begin = last->begin,
		.block = c->now.block,
		.offset = c->now.offset,
		.payload = (uint32_t)k->word_count,
		.tid = e->tid,
		.pid = last->pid,
		.cpu = (uint16_t)e->cpu,
		.kind = e->kind,
		.words = e->words,
		.failed = last->failed,
	};
	if (last->begin >= first && last->begin < first + k->count)
		k->event[last->begin - first].end = e->id;
	return words_add(k, e);
}

/* Walk to the beginning of a chunk. */
static int chunk_begin(struct chunks *c, uint64_t number, struct error *why)
{
	int status =
		keyframe_read(&c->keyframes, number * READER_CHUNK, &c->state, &c->position, why);

	if (!status)
		status = timeline_restore(c->timeline, &c->position, why) ? 2 : 0;
	return status;
}

static int chunk_fill(struct chunks *c, struct chunk *k, uint64_t number, struct error *why)
{
	const uint64_t first = number * READER_CHUNK + 1;
	int more = 1, status;

	k->count = 0;
	k->word_count = 0;
	k->number = UINT64_MAX;
	if (!k->event)
		k->event = malloc(READER_CHUNK * sizeof(*k->event));
	if (!k->event)
		return error_set(why, 2, "cannot read the trace: out of memory");
	status = chunk_begin(c, number, why);
	k->number = number;
	while (!status && k->count < READER_CHUNK && first + k->count <= c->count) {
		more = timeline_next(c->timeline, &c->now, why);
		if (more <= 0)
			break;
		if (!state_event(&c->state, &c->now.e) || !event_add(c, k))
			status = error_set(why, 2, "cannot read the trace: out of memory");
	}
	if (status || more < 0)
		k->number = UINT64_MAX;
	return status ? status : more < 0 ? 2 : 0;
}

const struct chunk *chunks_find(struct chunks *c, uint64_t id, struct error *why)
{
	const uint64_t number = (id - 1) / READER_CHUNK;
	struct chunk *k = &c->chunk[0];

	if (id == 0 || id > c->count) {
		error_set(why, 2, "event %llu is not in the trace", (unsigned long long)id);
		return NULL;
	}
	for (unsigned i = 0; i < c->keep; i++) {
		if (c->chunk[i].number == number) {
			k = &c->chunk[i];
			break;
		}
		if (c->chunk[i].used < k->used)
			k = &c->chunk[i];
	}
	k->used = ++c->clock;
	if (k->number != number && chunk_fill(c, k, number, why)) {
		k->used = 0;
		return NULL;
	}
	if (chunk_has(k, id))
		return k;
	error_set(why, 2, "event %llu is not in the blocks", (unsigned long long)id);
	return NULL;
}

int chunks_scan(struct chunks *c, uint64_t number, bool (*may)(void *cookie, const struct event *e),
		void *cookie, uint64_t marked[READER_CHUNK / 64], struct error *why)
{
	const uint64_t first = number * READER_CHUNK + 1;
	int more = 1,
	    status = keyframe_position(&c->keyframes, number * READER_CHUNK, &c->position, why);

	memset(marked, 0, READER_CHUNK / 8);
	if (!status)
		status = timeline_restore(c->timeline, &c->position, why) ? 2 : 0;
	for (uint32_t i = 0; !status && more && i < READER_CHUNK && first + i <= c->count; i++) {
		more = timeline_next(c->timeline, &c->now, why);
		if (more < 0)
			status = 2;
		else if (!more || may(cookie, &c->now.e)) /* chunks_find tells what lacks */
			marked[i / 64] |= 1ull << (i % 64);
	}
	return status;
}

void chunk_copy(const struct chunk *k, uint64_t id, struct event *out)
{
	const struct chunk_event *x = &k->event[(id - 1) % READER_CHUNK];

	out->id = id;
	out->time = x->time;
	out->cpu = x->cpu;
	out->tid = x->tid;
	out->pid = x->pid;
	out->kind = x->kind;
	out->words = x->words;
	memcpy(out->payload, k->words + x->payload, x->words * 8);
}

bool chunks_state(struct chunks *c, uint64_t id, struct state *s, struct error *why)
{
	const struct chunk *k;
	struct event e;
	uint64_t at = id / READER_CHUNK * READER_CHUNK; /* a keyframe is there */

	if (s->event <= id && s->event > at && s->event > 0) {
		at = s->event;
	} else if (keyframe_read(&c->keyframes, at, s, &c->position, why)) {
		return false;
	}
	while (at < id) {
		k = chunks_find(c, at + 1, why);
		for (; k && at < id && chunk_has(k, at + 1); at++) {
			chunk_copy(k, at + 1, &e);
			if (!state_event(s, &e)) {
				error_set(why, 2, "cannot read the trace: out of memory");
				k = NULL;
			}
		}
		if (!k) {
			state_free(s);
			return false;
		}
	}
	return true;
}

int chunks_position(struct chunks *c, uint64_t number, struct state *s, struct timeline_position *p,
		    struct error *why)
{
	return keyframe_read(&c->keyframes, number * READER_CHUNK, s, p, why);
}

uint64_t chunks_seek(struct chunks *c, int64_t time)
{
	const struct chunk *k;
	size_t low = 0, high = c->marks;
	uint64_t id, last;

	/* The last mark before time. */
	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (c->mark[middle].time < time)
			low = middle + 1;
		else
			high = middle;
	}
	id = low ? c->mark[low - 1].id + 1 : 1;
	if (id > c->count || !(k = chunks_find(c, id, NULL)))
		return c->count + 1;
	last = k->number * READER_CHUNK + 1 + k->count;
	while (id < last) {
		const uint64_t middle = id + (last - id) / 2;

		if (k->event[(middle - 1) % READER_CHUNK].time < time)
			id = middle + 1;
		else
			last = middle;
	}
	return id;
}

const struct chunk_mark *chunks_marks(const struct chunks *c, size_t *count)
{
	*count = c->marks;
	return c->mark;
}
