#include "viewer/session.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "viewer/find.h"
#include "viewer/lane_cell.h"
#include "viewer/layout.h"
#include "viewer/live.h"
#include "viewer/teach.h"

#define REPLACED    "%s is another file now; this view goes on with the old one, unsearched"
#define NEAR_BUDGET 20000u /* events that a key may read before it becomes a job */

void session_say(struct session *s, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(s->message, sizeof(s->message), format, list);
	va_end(list);
}

/* The state that a replay to an event begins with: of the file's keyframe that is at
 * least MODEL_HISTORY events before it, so that what threads did just before is there
 * too.  It depends on the event alone, and so does what is shown of it. */
static uint64_t base_of(uint64_t id)
{
	return id <= MODEL_HISTORY ? 0 : (id - MODEL_HISTORY) / READER_CHUNK * READER_CHUNK;
}

static void rebase(struct session *s, uint64_t base)
{
	struct error why = { 0 };

	s->base = base;
	if (base == 0) {
		model_clear(&s->now);
		return;
	}
	if (reader_state(s->reader, base, &s->state, &why) && model_from_state(&s->now, &s->state))
		return;
	session_say(s, "what is shown starts at event %llu: %s", (unsigned long long)base,
		    why.text[0] == '\0' ? "out of memory" : why.text);
	model_clear(&s->now);
	s->now.id = base;
}

/* Take in the event after the cursor; false if it cannot be read. */
static bool session_apply(struct session *s)
{
	struct error why = { 0 };

	if (s->now.id >= s->count)
		return false;
	if (!reader_event(s->reader, s->now.id + 1, &s->event, &why)) {
		session_say(s, "event %llu cannot be read: %s", (unsigned long long)(s->now.id + 1),
			    why.text);
		s->playing = false;
		s->target = s->now.id;
		return false;
	}
	s->event.id = s->now.id + 1; /* keep the cursor's order whatever the file says */
	model_apply(&s->now, &s->event);
	return true;
}

bool session_advance(struct session *s)
{
	const uint64_t id = s->now.id + 1;

	if (base_of(id) == s->base)
		return session_apply(s);
	rebase(s, base_of(id));
	while (s->now.id < id)
		if (!session_apply(s))
			return false;
	return true;
}

void session_cast(struct session *s, bool fresh)
{
	struct layout layout = layout_make(s->cols, s->rows, s->cpus);

	stage_cast(&s->stage, &s->now, s->now.id == 0 ? NULL : &s->event, (unsigned)layout.boxes,
		   fresh);
}

void session_open(struct session *s, struct reader *r, const char *path)
{
	const char *slash = strrchr(path, '/');

	memset(s, 0, sizeof(*s));
	s->reader = r;
	snprintf(s->title, sizeof(s->title), "%s", slash == NULL ? path : slash + 1);
	s->path = path;
	if (stat(path, &s->file) != 0)
		s->file.st_ino = 0;
	s->count = reader_count(r);
	s->cpus = reader_cpus(r);
	s->unwanted = reader_unwanted(r) > 0;
	session_pace_set(s, 1);
	live_begin(s);
	s->mark[0] = s->mark[1] = -1;
	scale_open(&s->scale, r);
	s->cols = 80;
	s->rows = 24;
	session_goto(s, 1);
}

void session_close(struct session *s)
{
	teach_end(s);
	model_free(&s->now);
	scale_free(&s->scale);
	find_close(s);
	costs_close(&s->costs);
	memory_close(&s->memory);
	versus_close(&s->versus);
	tale_close(&s->tale);
	state_free(&s->state);
	free(s->clip);
}

void session_resize(struct session *s, int cols, int rows)
{
	s->cols = cols;
	s->rows = rows;
	session_cast(s, false);
}

/* One slice of the way to the target. */
static void seek_work(struct session *s, unsigned budget)
{
	const uint64_t from = s->now.id;

	if (s->target < from || base_of(s->target) != s->base)
		rebase(s, base_of(s->target));
	while (s->now.id < s->target && budget-- > 0)
		if (!session_apply(s))
			break;
	if (s->now.id == s->target) {
		if (s->now.id > 0 && s->event.id != s->now.id &&
		    !reader_event(s->reader, s->now.id, &s->event, NULL))
			session_say(s, "event %llu cannot be read", (unsigned long long)s->now.id);
		s->motion_ms = 0;
		session_cast(s, s->target != from + 1 && s->target + 1 != from);
	}
}

bool session_range(const struct session *s, int64_t *from, int64_t *to)
{
	const int64_t a = s->mark[0], b = s->mark[1];

	if (a < 0 || b < 0 || a == b)
		return false;
	*from = a < b ? a : b;
	*to = (a < b ? b : a) + 1;
	return true;
}

void session_goto(struct session *s, uint64_t id)
{
	id = id > s->count ? s->count : id;
	s->target = id == 0 && s->count > 0 ? 1 : id;
	marks_jump(s, s->now.id, s->target);
	if (s->target == s->now.id)
		s->motion_ms = 0;
	else
		seek_work(s, NEAR_BUDGET);
}

static enum file_fate file_fate(const struct session *s)
{
	struct stat now;

	if (s->file.st_ino == 0)
		return FILE_THERE;
	if (stat(s->path, &now) != 0)
		return errno == ENOENT ? FILE_DELETED : FILE_THERE;
	return now.st_ino != s->file.st_ino || now.st_dev != s->file.st_dev ? FILE_REPLACED
									    : FILE_THERE;
}

void session_find(struct session *s, enum find_kind kind, int way)
{
	s->fate = file_fate(s);
	if (s->fate == FILE_REPLACED) {
		session_say(s, REPLACED, s->title);
		return;
	}
	s->find.query.kind = kind;
	s->find.query.way = way;
	s->find.query.event = s->event.kind;
	s->find.query.from = s->now.id + (uint64_t)(int64_t)way;
	find_start(s);
}

void session_step(struct session *s, int way)
{
	s->playing = false;
	if (way < 0 ? s->now.id <= 1 : s->now.id >= s->count)
		session_say(s, way < 0 ? "this is the first event" : "this is the last event");
	else if (s->filter.count > 0)
		session_find(s, FIND_ANY, way);
	else
		session_goto(s, s->now.id + (uint64_t)(int64_t)way);
}

bool session_busy(const struct session *s)
{
	return s->find.query.kind != FIND_NONE || s->target != s->now.id;
}

bool session_work(struct session *s, unsigned budget)
{
	if (s->find.query.kind != FIND_NONE)
		find_poll(s);
	else if (s->target != s->now.id)
		seek_work(s, budget);
	return session_busy(s);
}

/* What the memory view is to show: the process chosen, or else the one that acts, or the
 * last one that did. */
static void memory_prepare(struct session *s)
{
	struct memory *m = &s->memory;
	struct memory_query query = { .event = s->now.id,
				      .pid = m->pid,
				      .tid = s->event.tid,
				      .from = s->scale.from,
				      .to = s->scale.to,
				      .columns = (unsigned)memory_columns(s->cols),
				      .share = UINT64_MAX };

	if (s->now.id != s->target || s->now.id == 0)
		return;
	if (query.pid == 0 && filter_pid(&s->filter) > 0)
		query.pid = (uint32_t)filter_pid(&s->filter);
	if (query.pid == 0)
		query.pid = s->event.pid;
	if (query.pid == 0)
		query.pid = m->shot == NULL ? 1 : m->shot->space.pid;
	if (m->sharers)
		query.share = memory_region_start(m);
	memory_ask(m, s->path, &query);
}

static void costs_prepare(struct session *s)
{
	struct costs_query query = { .by = s->by, .filter = s->filter };

	session_range(s, &query.from, &query.to);
	costs_ask(&s->costs, s->path, &query);
}

/* What threads of ours make of the file, which they open by its name. */
static void views_ask(struct session *s)
{
	struct error *failed[] = { &s->costs.failed, &s->memory.failed, &s->versus.failed,
				   &s->tale.failed };

	if (s->view == VIEW_BOUNDARY || s->view == VIEW_TIMELINE || s->view == VIEW_EVENTS)
		return;
	if (s->fate == FILE_REPLACED) {
		for (size_t i = 0; i < sizeof(failed) / sizeof(failed[0]); i++)
			error_set(failed[i], 2,
				  "%s: another file has this name now; only what was read of the "
				  "old one is shown",
				  s->path);
		return;
	}
	if (s->view == VIEW_PROFILE)
		costs_prepare(s);
	else if (s->view == VIEW_MEMORY)
		memory_prepare(s);
	else if (s->view == VIEW_DIFF)
		versus_ask(&s->versus, s->path, (unsigned)versus_columns(s->cols));
	else if (s->view == VIEW_CRASH)
		tale_ask(&s->tale, s->path, s->count, (unsigned)moments_columns(s->cols));
}

void session_prepare(struct session *s)
{
	s->fate = file_fate(s);
	costs_poll(&s->costs);
	memory_poll(&s->memory);
	versus_poll(&s->versus);
	tale_poll(&s->tale);
	scale_poll(&s->scale);
	views_ask(s);
	if (s->view == VIEW_DIFF)
		versus_steps(&s->versus);
	if (s->view != VIEW_TIMELINE || layout_make(s->cols, s->rows, s->cpus).compact)
		return;
	if (s->now.id == s->target)
		scale_follow(&s->scale, s->now.id, s->now.time);
	scale_ask(&s->scale, s->fate == FILE_REPLACED ? NULL : s->path, s->reader, &s->filter,
		  lanes_columns(s->cols));
}

bool session_waits(const struct session *s)
{
	return s->find.job.running || costs_busy(&s->costs) || memory_busy(&s->memory) ||
	       versus_busy(&s->versus) || tale_busy(&s->tale) || scale_busy(&s->scale);
}

bool session_moving(const struct session *s)
{
	return (s->playing && !live_waits(s)) || session_busy(s) || session_waits(s) ||
	       session_progress(s) < 1000;
}
