/* reader_search: chunk by chunk, those left out that cannot hold what is looked for. */
#include "tracer/search.h"

#include <sqlite3.h>
#include <stdio.h>

#include "tracer/index/chunks.h"
#include "tracer/index/summary.h"
#include "tracer/reader_rows.h"
#include "tracer/store/sql.h"
#include "tracer/tables/tables.h"

/* Events between two looks at cancel: less than 10 ms. */
#define SLICE 1024u

struct walk {
	struct reader *r;
	const struct search *s;
	const struct chunk_mark *mark;
	size_t marks;
	struct error *why;
	uint64_t marked[READER_CHUNK / 64]; /* those of the chunk that may be hits */
};

/* May the chunk have such an event?  Its marks tell, but not those of the last one. */
static bool chunk_may(const struct walk *w, uint64_t number)
{
	const struct chunk_mark *m;

	if (number + 1 >= w->marks)
		return true;
	m = &w->mark[number + 1];
	if ((w->s->kinds && !(m->kinds & w->s->kinds)) || (w->s->errors && !m->errors))
		return false;
	return !w->s->word || m->kinds & w->s->plain ||
	       summary_may(reader_summary(w->r), number, w->s->word);
}

static bool event_is(const struct walk *w, const struct chunk *k, uint64_t id, struct event *out)
{
	const struct chunk_event *x = &k->event[(id - 1) % READER_CHUNK];

	if (w->s->kinds && !(w->s->kinds & event_set(x->kind)))
		return false;
	if (w->s->errors && !x->failed)
		return false;
	chunk_copy(k, id, out);
	return !w->s->match || w->s->match(w->s->cookie, out);
}

/* What of that chunk may be a hit.  1, 0 nothing, -1 not readable. */
static int chunk_look(struct walk *w, uint64_t number)
{
	if (!chunk_may(w, number))
		return 0;
	if (!w->s->may)
		return 1;
	if (chunks_scan(reader_chunks(w->r), number, w->s->may, w->s->cookie, w->marked, w->why))
		return -1;
	for (size_t i = 0; i < READER_CHUNK / 64; i++)
		if (w->marked[i])
			return 1;
	return 0;
}

static bool event_marked(const struct walk *w, uint64_t id)
{
	const unsigned place = (id - 1) % READER_CHUNK;

	return !w->s->may || w->marked[place / 64] >> (place % 64) & 1;
}

/* Look at events from first on, as far as `last` inclusive, both in one chunk. */
static int slice_search(struct walk *w, uint64_t first, uint64_t last, struct event *out)
{
	for (uint64_t id = first;; id += w->s->backward ? (uint64_t)-1 : 1) {
		const struct chunk *k;

		if (event_marked(w, id)) {
			k = chunks_find(reader_chunks(w->r), id, w->why);
			if (!k)
				return -1;
			if (event_is(w, k, id, out))
				return 1;
		}
		if (id == last)
			return 0;
		if (id % SLICE == 0 && w->s->cancel && *w->s->cancel)
			return -1;
	}
}

/* Nothing from there on is wanted. */
static bool bound_passed(const struct search *s, uint64_t id)
{
	const uint64_t bound = s->bound ? *s->bound : 0;

	return bound && (s->backward ? id < bound : id > bound);
}

int reader_search(struct reader *r, const struct search *s, struct event *out, struct error *why)
{
	struct walk w = { .r = r, .s = s, .why = why };
	const uint64_t count = reader_count(r);
	uint64_t id = s->from > count && s->backward ? count : s->from;
	int found = 0;

	if (why)
		*why = (struct error){ 0 };
	w.mark = chunks_marks(reader_chunks(r), &w.marks);
	while (!found && id >= 1 && id <= count && !bound_passed(s, id)) {
		const uint64_t number = (id - 1) / READER_CHUNK;
		const uint64_t begin = number * READER_CHUNK + 1;
		uint64_t end = begin + READER_CHUNK - 1;

		if (end > count)
			end = count;
		if (s->cancel && *s->cancel)
			return -1;
		if (s->progress)
			s->progress(s->cookie, id);
		found = chunk_look(&w, number);
		if (found > 0)
			found = slice_search(&w, id, s->backward ? begin : end, out);
		id = s->backward ? begin - 1 : end + 1;
	}
	return found;
}

static int asked_to_stop(void *cancel)
{
	return *(const volatile bool *)cancel;
}

/* The calls of events ?1 to ?2.  A pattern that is no expression would be prepared again
 * each time. */
static sqlite3_stmt *calls_prepare(sqlite3 *db, const struct search *s)
{
	sqlite3_stmt *q = sql_prepare(
		db,
		s->backward ? "SELECT id FROM syscall WHERE id BETWEEN ?1 AND ?2 AND (args LIKE"
			      " '%' || ?3 || '%' OR name LIKE '%' || ?3 || '%' OR args_before"
			      " LIKE '%' || ?3 || '%') ORDER BY id DESC"
			    : "SELECT id FROM syscall WHERE id BETWEEN ?1 AND ?2 AND (args LIKE"
			      " '%' || ?3 || '%' OR name LIKE '%' || ?3 || '%' OR args_before"
			      " LIKE '%' || ?3 || '%') ORDER BY id",
		NULL);

	if (q)
		sqlite3_bind_text(q, 3, s->word, -1, SQLITE_TRANSIENT);
	return q;
}

/* Of events first to last, as reader_search_call. */
static int calls_search(struct reader *r, const struct search *s, sqlite3_stmt *q, uint64_t first,
			uint64_t last, uint64_t *id)
{
	struct event e;
	int code, found = 0;

	sqlite3_bind_int64(q, 1, (int64_t)first);
	sqlite3_bind_int64(q, 2, (int64_t)last);
	while (!found && (code = sqlite3_step(q)) == SQLITE_ROW) {
		*id = (uint64_t)sqlite3_column_int64(q, 0);
		found = reader_event(r, *id, &e, NULL) && s->match(s->cookie, &e);
	}
	sqlite3_reset(q);
	return found ? 1 : code == SQLITE_DONE ? 0 : -1;
}

bool reader_has_calls(struct reader *r)
{
	return reader_complete(r) && tables_ready(reader_database(r)) == TABLES_ALL;
}

int reader_search_call(struct reader *r, const struct search *s, uint64_t *id)
{
	sqlite3 *db = reader_database(r);
	const uint64_t count = reader_count(r);
	uint64_t at = s->from > count && s->backward ? count : s->from;
	sqlite3_stmt *q = reader_has_calls(r) ? calls_prepare(db, s) : NULL;
	int status = q ? 0 : -1;

	if (q && s->cancel)
		sqlite3_progress_handler(db, 20000, asked_to_stop, (void *)(uintptr_t)s->cancel);
	while (!status && at >= 1 && at <= count && !bound_passed(s, at)) {
		const uint64_t number = (at - 1) / READER_CHUNK;
		const uint64_t first = number * READER_CHUNK + 1, last = first + READER_CHUNK - 1;

		if (s->cancel && *s->cancel)
			status = -1;
		else if (summary_may(reader_summary(r), number, s->word))
			status = calls_search(r, s, q, s->backward ? first : at,
					      s->backward ? at : last, id);
		if (s->progress)
			s->progress(s->cookie, at);
		at = s->backward ? first - 1 : last + 1;
	}
	sqlite3_progress_handler(db, 0, NULL, NULL);
	sqlite3_finalize(q);
	if (status <= 0)
		*id = 0;
	return status;
}

bool reader_name_like(struct reader *r, const char *word, const volatile bool *cancel)
{
	sqlite3 *db = reader_database(r);
	sqlite3_stmt *s = sql_prepare(db, "SELECT 1 FROM program WHERE name LIKE ? LIMIT 1", NULL);
	char pattern[160];
	bool found = true;

	if (s) {
		snprintf(pattern, sizeof(pattern), "%%%s%%", word);
		sqlite3_bind_text(s, 1, pattern, -1, SQLITE_TRANSIENT);
		if (cancel)
			sqlite3_progress_handler(db, 20000, asked_to_stop,
						 (void *)(uintptr_t)cancel);
		found = sqlite3_step(s) != SQLITE_DONE;
		sqlite3_progress_handler(db, 0, NULL, NULL);
	}
	sqlite3_finalize(s);
	return found;
}
