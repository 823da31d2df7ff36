/* reader_search: chunk by chunk, those left out that cannot hold what is looked for. */
#include "tracer/search.h"

#include <sqlite3.h>
#include <stdio.h>

#include "tracer/index/chunks.h"
#include "tracer/reader_rows.h"
#include "tracer/store/sql.h"

/* Events between two looks at cancel: less than 10 ms. */
#define SLICE 1024u

struct walk {
	struct reader *r;
	const struct search *s;
	const struct chunk_mark *mark;
	size_t marks;
	struct error *why;
};

/* May the chunk have such an event?  Its marks tell, but not those of the last one. */
static bool chunk_may(const struct walk *w, uint64_t number)
{
	const struct chunk_mark *m;

	if (number + 1 >= w->marks)
		return true;
	m = &w->mark[number + 1];
	return (!w->s->kinds || m->kinds & w->s->kinds) && (!w->s->errors || m->errors);
}

static bool event_is(const struct walk *w, const struct chunk *k, uint64_t id, struct event *out)
{
	const struct chunk_event *x = &k->event[(id - 1) % READER_CHUNK];

	if (w->s->kinds && !(w->s->kinds >> (x->kind & 63) & 1))
		return false;
	if (w->s->errors && !x->failed)
		return false;
	chunk_copy(k, id, out);
	return !w->s->match || w->s->match(w->s->cookie, out);
}

/* Look at events from first on, as far as `last` inclusive, both in one chunk. */
static int slice_search(struct walk *w, uint64_t first, uint64_t last, struct event *out)
{
	for (uint64_t id = first;; id += w->s->backward ? (uint64_t)-1 : 1) {
		const struct chunk *k = chunks_find(reader_chunks(w->r), id, w->why);

		if (!k)
			return -1;
		if (event_is(w, k, id, out))
			return 1;
		if (id == last)
			return 0;
		if (id % SLICE == 0 && w->s->cancel && *w->s->cancel)
			return -1;
	}
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
	while (!found && id >= 1 && id <= count) {
		const uint64_t number = (id - 1) / READER_CHUNK;
		const uint64_t begin = number * READER_CHUNK + 1;
		uint64_t end = begin + READER_CHUNK - 1;

		if (end > count)
			end = count;
		if (s->cancel && *s->cancel)
			return -1;
		if (s->progress)
			s->progress(s->cookie, id);
		if (chunk_may(&w, number))
			found = slice_search(&w, id, s->backward ? begin : end, out);
		id = s->backward ? begin - 1 : end + 1;
	}
	return found;
}

static int asked_to_stop(void *cancel)
{
	return *(const volatile bool *)cancel;
}

int reader_search_call(struct reader *r, const char *word, uint64_t from, bool backward,
		       const volatile bool *cancel, uint64_t *id)
{
	sqlite3 *db = reader_database(r);
	sqlite3_stmt *s = sql_prepare(
		db,
		backward
			? "SELECT id FROM syscall WHERE id <= ?1 AND (name LIKE ?2 OR args LIKE ?2 OR"
			  " args_before LIKE ?2) ORDER BY id DESC LIMIT 1"
			: "SELECT id FROM syscall WHERE id >= ?1 AND (name LIKE ?2 OR args LIKE ?2 OR"
			  " args_before LIKE ?2) ORDER BY id LIMIT 1",
		NULL);
	char pattern[160];
	int status;

	if (!s || !reader_complete(r)) {
		sqlite3_finalize(s);
		return -1;
	}
	snprintf(pattern, sizeof(pattern), "%%%s%%", word);
	sqlite3_bind_int64(s, 1, from > INT64_MAX ? INT64_MAX : (int64_t)from);
	sqlite3_bind_text(s, 2, pattern, -1, SQLITE_TRANSIENT);
	if (cancel)
		sqlite3_progress_handler(db, 20000, asked_to_stop, (void *)(uintptr_t)cancel);
	status = sqlite3_step(s);
	*id = status == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(s, 0) : 0;
	sqlite3_progress_handler(db, 0, NULL, NULL);
	sqlite3_finalize(s);
	return status == SQLITE_ROW ? 1 : status == SQLITE_DONE ? 0 : -1;
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
