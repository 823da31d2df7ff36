/* A system call put into words: from the table of calls, or where a packed recording has none,
 * from its events. */
#include <string.h>

#include "schemas/events.h"
#include "tracer/decode/recorded.h"
#include "tracer/reader_rows.h"

/* Cleaned, for the row may say anything. */
static bool row_print(struct buffer *b, struct reader *r, uint64_t call, bool done)
{
	sqlite3_stmt *s = reader_call(r, call);
	const char *name, *args, *result;

	if (!s)
		return false;
	name = (const char *)sqlite3_column_text(s, 0);
	args = (const char *)sqlite3_column_text(s, done ? 1 : 2);
	result = (const char *)sqlite3_column_text(s, 3);
	if (!name || !args || !result)
		return false;
	buffer_clean(b, name);
	buffer_char(b, '(');
	buffer_clean(b, args);
	buffer_char(b, ')');
	if (done) {
		buffer_string(b, " = ");
		buffer_clean(b, result);
	}
	return true;
}

/* Take what thread tid recorded in events first to last, which lie in one chunk. */
static void data_take(struct reader *r, struct recorded *recorded, struct call *c, uint32_t tid,
		      uint64_t first, uint64_t last)
{
	const struct chunk *k = chunks_find(reader_chunks(r), first, NULL);

	for (uint64_t id = first; k && id <= last && chunk_has(k, id); id++) {
		const struct chunk_event *x = &k->event[(id - 1) % READER_CHUNK];
		struct event e;

		if (x->kind != EV_syscall_data || x->tid != tid)
			continue;
		chunk_copy(k, id, &e);
		recorded_add(recorded, c, e.payload, e.words);
	}
}

/* The last event of the chunk that event id is in. */
static uint64_t chunk_last(const struct reader *r, uint64_t id)
{
	const uint64_t last = ((id - 1) / READER_CHUNK + 1) * READER_CHUNK;

	return last < reader_count(r) ? last : reader_count(r);
}

/* What was recorded of a call lies right behind its begin or before its end; a call that
 * lasts for chunks was blocked in between. */
static void data_find(struct reader *r, struct recorded *recorded, struct call *c,
		      const struct event *begin, uint64_t end)
{
	const uint64_t near = chunk_last(r, begin->id);

	data_take(r, recorded, c, begin->tid, begin->id, end && end < near ? end : near);
	if (end > near)
		data_take(r, recorded, c, begin->tid, (end - 1) / READER_CHUNK * READER_CHUNK + 1,
			  end);
}

/* Number and arguments; false if the event begins no call. */
static bool call_begin(struct call *c, const struct event *e)
{
	const bool late = e->kind == EV_syscall_late;
	struct ev_syscall_enter head;
	const unsigned fixed =
		(late ? sizeof(struct ev_syscall_late) : sizeof(struct ev_syscall_enter)) / 8;

	if ((!late && e->kind != EV_syscall_enter) || e->words < fixed)
		return false;
	memcpy(&head, e->payload, sizeof(head)); /* both begin so */
	c->nr = head.nr;
	c->args = e->words - fixed < CALL_ARGS ? e->words - fixed : CALL_ARGS;
	memcpy(c->arg, e->payload + fixed, c->args * 8);
	return true;
}

static bool events_print(struct buffer *b, struct reader *r, uint64_t call, bool done)
{
	struct recorded recorded = { 0 };
	struct call c = { 0 };
	struct span span;
	struct event begin;

	if (!reader_event(r, call, &begin, NULL) || !call_begin(&c, &begin) ||
	    !reader_span(r, call, &span))
		return false;
	recorded_begin(&recorded, &c);
	data_find(r, &recorded, &c, &begin, span.end);
	/* As the table has it: what the end adds is told at the begin where nothing was recorded.
	 */
	c.done = span.end && (done || !c.data_count);
	c.result = span.result;
	call_name_print(b, c.nr);
	buffer_char(b, '(');
	call_args_print(b, &c);
	buffer_char(b, ')');
	if (done) {
		buffer_string(b, " = ");
		call_result_print(b, &c);
	}
	recorded_free(&recorded);
	return true;
}

bool reader_call_print(struct buffer *b, struct reader *r, uint64_t call, bool done)
{
	return row_print(b, r, call, done) || events_print(b, r, call, done);
}
