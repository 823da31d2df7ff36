#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tracer/crash/moment.h"
#include "tracer/lod.h"
#include "tracer/reader.h"
#include "tracer/schema.h"
#include "tracer/search.h"
#include "tracer/state.h"
#include "tracer/symbols/symbol.h"

/* Events of one file that are looked at: enough for every kind. */
#define EVENTS_READ 4096u
/* Likewise of its crashes. */
#define STORIES_TOLD 4u

static void event_touch(struct reader *r, uint64_t id)
{
	struct error why = { 0 };
	struct event e;
	struct span span;
	char text[512];

	if (!reader_event(r, id, &e, &why))
		return;
	reader_describe(r, &e, text, sizeof(text));
	reader_thread_name(r, e.tid, id, text, 64);
	reader_span(r, id, &span);
	reader_seek(r, e.time);
	if (event_info(e.kind))
		for (unsigned i = 0; i < event_info(e.kind)->fields; i++)
			event_field(&e, i);
}

/* States, pictures and a search, as the viewer asks for them. */
static void places_touch(struct reader *r, uint64_t count)
{
	const struct search search = { .from = UINT64_MAX, .backward = true, .errors = true };
	struct error why = { 0 };
	struct state s = { 0 };
	struct event e;

	for (unsigned i = 0; i <= 4; i++)
		reader_state(r, count / 4 * i, &s, &why);
	state_free(&s);
	for (unsigned columns = 1; columns <= 100; columns *= 10) {
		const struct lod_query q = { .to = INT64_MAX / (int64_t)columns,
					     .columns = columns };
		struct lod_picture picture;

		if (reader_lod(r, &q, &picture, &why) == 0)
			lod_free(&picture);
	}
	reader_search(r, &search, &e, &why);
}

void fuzz_stories(struct reader *r)
{
	struct symbols *symbols = symbols_open();
	struct crashes all = { 0 };
	struct error why = { 0 };
	uint64_t instruction;

	if (symbols && crashes_find(&all, r, &why) == 0) {
		for (unsigned i = 0; i < all.count && i < STORIES_TOLD; i++) {
			struct story s = { 0 };

			story_make(&s, r, &all, &all.crash[i], symbols, NULL);
			story_free(&s);
			crash_moment(r, &all.crash[i], &instruction);
		}
	}
	crashes_free(&all);
	symbols_close(symbols);
}

void fuzz_read_trace(const char *path)
{
	struct error why = { 0 };
	struct reader *r;
	uint64_t count;

	if (reader_open(&r, path, &why))
		return;
	count = reader_count(r);
	for (uint64_t id = 1; id <= count && id <= EVENTS_READ; id++)
		event_touch(r, id);
	event_touch(r, count);
	event_touch(r, count + 1);
	event_touch(r, 0);
	event_touch(r, UINT64_MAX);
	places_touch(r, count);
	fuzz_stories(r);
	reader_close(r);
}

const char *fuzz_path(void)
{
	static char path[64];

	if (!path[0])
		snprintf(path, sizeof(path), "/dev/shm/ringscope-fuzz-%ld.db", (long)getpid());
	return path;
}

void fuzz_path_clear(void)
{
	static const char *const suffixes[] = {
		"", "-wal", "-shm", "-journal", ".core", ".core.gdb"
	};
	char name[96];

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", fuzz_path(), suffixes[i]);
		unlink(name);
	}
}
