#include "tracer/analysis/side.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/analysis/baseline.h"
#include "tracer/analysis/hash.h"
#include "tracer/store/meta.h"

/* What must be equal for two recordings to be of the same thing on the same
 * machine.  The kernel may differ: that is what is compared. */
static void manifest_make(struct side *s, sqlite3 *db)
{
	static const char *const names[] = { "command", "cpus",   "memory_mib", "qemu",
					     "exact",   "icount", "seed",       "inputs" };
	uint64_t hash = HASH_START;
	char value[4096];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		meta_text(db, names[i], value, sizeof(value));
		hash = hash_bytes(hash, value, strlen(value) + 1);
	}
	snprintf(s->manifest, sizeof(s->manifest), "%016" PRIx64, hash_number(hash, 0));
}

static int recording_open(struct side *s, struct error *why)
{
	sqlite3 *db;
	int status = reader_open(&s->reader, s->path, why);

	if (status)
		return status;
	db = reader_database(s->reader);
	s->exact = meta_integer(db, "exact", 0) == 1;
	s->complete = reader_complete(s->reader);
	s->lost = reader_lost(s->reader);
	meta_text(db, "command", s->command, sizeof(s->command));
	manifest_make(s, db);
	return sequences_load(&s->all, db, NULL, NULL, why);
}

int side_open(struct side *s, const char *path, struct error *why)
{
	int status;

	*s = (struct side){ .path = path };
	status = baseline_is(path) ? baseline_load(s, why) : recording_open(s, why);
	if (status)
		side_close(s);
	return status;
}

void side_close(struct side *s)
{
	sequences_free(&s->all);
	reader_close(s->reader);
	for (uint64_t i = 0; i < s->text_count; i++)
		free(s->texts[i]);
	free(s->texts);
	*s = (struct side){ 0 };
}

/* The event that says most about an item: a call's end, which knows its result. */
static uint64_t telling_event(struct side *s, const struct item *i)
{
	struct span span;

	if (i->kind == ITEM_CALL && reader_span(s->reader, i->id, &span) && span.end)
		return span.end;
	return i->id;
}

void side_item_text(struct side *s, const struct item *i, char *text, size_t size)
{
	struct error why;
	struct event e;

	if (!s->reader)
		snprintf(text, size, "%s", i->id < s->text_count ? s->texts[i->id] : "?");
	else if (!reader_event(s->reader, telling_event(s, i), &e, &why))
		snprintf(text, size, "?");
	else
		reader_describe(s->reader, &e, text, size);
}
