#include "tracer/index/summary.h"

#include <string.h>

#include "tracer/schema.h"
#include "tracer/store/sql.h"

/* 1 to 26, 0: not a letter. */
static unsigned letter(uint8_t c)
{
	c |= 0x20;
	return c >= 'a' && c <= 'z' ? c - 'a' + 1u : 0;
}

/* Set the bits of all letters that stand in threes. */
static void letters_add(uint8_t *letters, const void *text, size_t size)
{
	const uint8_t *bytes = text;
	unsigned l[3] = { 0 };

	for (size_t i = 0; i < size; i++) {
		l[0] = l[1];
		l[1] = l[2];
		l[2] = letter(bytes[i]);
		if (l[0] && l[1] && l[2]) {
			const unsigned bit = ((l[0] - 1) * 676 + (l[1] - 1) * 26 + l[2] - 1) %
					     (SUMMARY_BYTES * 8);

			letters[bit / 8] |= (uint8_t)(1u << bit % 8);
		}
	}
}

int summary_writer_init(struct summary_writer *w, sqlite3 *db, struct error *why)
{
	*w = (struct summary_writer){ .db = db };
	w->insert = sql_prepare(db, "INSERT OR REPLACE INTO summary VALUES (?, ?)", why);
	w->load = sql_prepare(db, "SELECT letters FROM summary WHERE chunk = ?", why);
	return w->insert && w->load ? 0 : 2;
}

void summary_writer_free(struct summary_writer *w)
{
	sqlite3_finalize(w->insert);
	sqlite3_finalize(w->load);
}

static int row_store(struct summary_writer *w, uint64_t chunk, const uint8_t *letters,
		     struct error *why)
{
	if (sql_row(w->insert, "ib", (int64_t)chunk, (const void *)letters, (size_t)SUMMARY_BYTES))
		return sql_error(why, w->db, "cannot index the trace");
	return 0;
}

/* The letters of a chunk's row; false if there is no such row. */
static bool row_load(sqlite3_stmt *load, uint64_t chunk, uint8_t *letters)
{
	bool good;

	sqlite3_bind_int64(load, 1, (int64_t)chunk);
	good = sqlite3_step(load) == SQLITE_ROW && sqlite3_column_bytes(load, 0) == SUMMARY_BYTES;
	if (good)
		memcpy(letters, sqlite3_column_blob(load, 0), SUMMARY_BYTES);
	sqlite3_reset(load);
	return good;
}

/* Make chunk the open one. */
static int chunk_open(struct summary_writer *w, uint64_t chunk, struct error *why)
{
	int status;

	if (chunk == w->chunk)
		return 0;
	status = row_store(w, w->chunk, w->letters, why);
	memset(w->letters, 0, sizeof(w->letters));
	w->chunk = chunk;
	return status;
}

int summary_text(struct summary_writer *w, uint64_t id, const char *text, struct error *why)
{
	const uint64_t chunk = (id - 1) / READER_CHUNK;
	uint8_t letters[SUMMARY_BYTES], more[SUMMARY_BYTES];
	int status;

	if (chunk >= w->chunk) {
		status = chunk_open(w, chunk, why);
		letters_add(w->letters, text, strlen(text));
		return status;
	}
	/* A call that lasted into a later chunk. */
	if (!row_load(w->load, chunk, letters))
		return 0;
	memcpy(more, letters, sizeof(more));
	letters_add(more, text, strlen(text));
	return memcmp(more, letters, sizeof(more)) ? row_store(w, chunk, more, why) : 0;
}

int summary_event(struct summary_writer *w, const struct event *e, struct error *why)
{
	const struct event_info *info = event_info(e->kind);
	const int status = chunk_open(w, (e->id - 1) / READER_CHUNK, why);

	if (info && info->tail && info->tail_kind != KIND_words && e->words > info->words)
		letters_add(w->letters, e->payload + info->words, (e->words - info->words) * 8);
	return status;
}

int summary_store(struct summary_writer *w, struct error *why)
{
	return row_store(w, w->chunk, w->letters, why);
}

int summary_reader_init(struct summary_reader *r, sqlite3 *db, struct error *why)
{
	r->load = sql_prepare(db, "SELECT letters FROM summary WHERE chunk = ?", why);
	return r->load ? 0 : 2;
}

void summary_reader_free(struct summary_reader *r)
{
	sqlite3_finalize(r->load);
}

bool summary_may(struct summary_reader *r, uint64_t chunk, const char *word)
{
	uint8_t letters[SUMMARY_BYTES], wanted[SUMMARY_BYTES] = { 0 };

	letters_add(wanted, word, strlen(word));
	if (!row_load(r->load, chunk, letters))
		return true;
	for (unsigned i = 0; i < SUMMARY_BYTES; i++)
		if (wanted[i] & ~letters[i])
			return false;
	return true;
}
