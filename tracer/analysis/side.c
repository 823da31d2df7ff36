#include "tracer/analysis/side.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/analysis/baseline.h"
#include "tracer/analysis/running.h"
#include "tracer/store/meta.h"

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
	s->started = meta_integer(db, "started", 0);
	manifest_read(&s->manifest, db);
	meta_text(db, "trace_hash", s->digest, sizeof(s->digest));
	return 0;
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

int side_load(struct side *s, const struct load_watch *watch, struct error *why)
{
	if (s->loaded || !s->reader)
		return 0;
	s->loaded = true;
	return sequences_load(&s->all, reader_database(s->reader), watch, why);
}

bool side_identical(struct side *a, struct side *b)
{
	return a->reader && b->reader && a->digest[0] && strcmp(a->digest, b->digest) == 0 &&
	       running_totals(reader_database(a->reader), &a->all.totals) &&
	       running_totals(reader_database(b->reader), &b->all.totals);
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
