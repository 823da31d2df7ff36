#include "viewer/find.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/search.h"
#include "viewer/crossing.h"
#include "viewer/find_text.h"
#include "viewer/phrase.h"
#include "viewer/session.h"
#include "viewer/teach.h"

#define NEAR_EVENTS 2000 /* looked at before a thread is asked */
#define NEAR_TEXTS  200  /* likewise, where each has to be put into words */

/* The threads' while they run: one goes through the events, and at a text a second one
 * through the table of calls. */
struct find_work {
	char *path;
	struct find_query query;
	struct filter filter;
	struct find_text text;
	const volatile bool *cancel;
	struct job calls;
	bool calls_failed;
	_Atomic uint64_t at;  /* for the screen */
	_Atomic uint64_t hit; /* the nearest so far: no need to look further; 0: none */
	struct error why;
};

/* What one of the threads has for itself. */
struct seeker {
	struct find_work *work;
	struct reader *reader;
};

bool find_hit(const struct find_query *q, struct reader *r, const struct event *e)
{
	char line[1024];

	switch (q->kind) {
	case FIND_TEXT:
		phrase_line(r, e, line, sizeof(line));
		return strcasestr(line, q->text) != NULL;
	case FIND_ERROR:
		return event_is_error(e);
	case FIND_KIND:
		return e->kind == q->event;
	case FIND_FAULT:
		return e->kind == EV_page_fault && (q->pid == 0 || e->pid == q->pid);
	default:
		return true;
	}
}

/* --- In the threads ----------------------------------------------------------------------- */

static void hit_take(struct find_work *w, uint64_t id)
{
	uint64_t had = w->hit;

	while ((had == 0 || (w->query.way > 0 ? id < had : id > had)) &&
	       !atomic_compare_exchange_weak(&w->hit, &had, id))
		continue;
}

static bool seeker_may(void *cookie, const struct event *e)
{
	const struct seeker *s = cookie;

	return find_text_may(&s->work->text, e);
}

static bool seeker_match(void *cookie, const struct event *e)
{
	const struct seeker *s = cookie;

	return filter_match(&s->work->filter, s->reader, e) &&
	       find_hit(&s->work->query, s->reader, e);
}

static bool call_match(void *cookie, const struct event *e)
{
	return e->kind == EV_syscall_enter && seeker_match(cookie, e);
}

static void seeker_tell(void *cookie, uint64_t id)
{
	const struct seeker *s = cookie;

	s->work->at = id;
}

/* Kinds of events that may be hits; 0: all. */
static uint64_t kinds_of(const struct find_query *q)
{
	switch (q->kind) {
	case FIND_KIND:
		return event_set(q->event);
	case FIND_FAULT:
		return EVENT_SET(page_fault);
	case FIND_ERROR:
		return EVENT_SET(syscall_return) | EVENT_SET(syscall_result) |
		       EVENT_SET(syscall_absent) | EVENT_SET(page_fault_end) |
		       EVENT_SET(exception) | EVENT_SET(panic);
	default:
		return 0;
	}
}

/* What both threads ask for. */
static struct search search_of(struct seeker *s)
{
	struct find_work *w = s->work;

	return (struct search){
		.from = w->query.from,
		.backward = w->query.way < 0,
		.cookie = s,
		.cancel = w->cancel,
		.bound = &w->hit,
		.word = w->text.word[0] == '\0' ? NULL : w->text.run,
	};
}

/* The nearest call with the text, as the table of calls has it. */
static void calls_make(struct job *job, void *cookie)
{
	struct find_work *w = cookie;
	struct seeker s = { .work = w };
	struct search search = search_of(&s);
	uint64_t id = 0;

	(void)job; /* given up as the whole search is */
	search.match = call_match;
	w->calls_failed = reader_open(&s.reader, w->path, NULL) != 0;
	if (w->calls_failed)
		return;
	reader_thrifty(s.reader);
	w->calls_failed = reader_search_call(s.reader, &search, &id) < 0;
	if (id != 0)
		hit_take(w, id);
	reader_close(s.reader);
}

/* Go through the events.  False: that was not to be. */
static bool events_search(struct seeker *s)
{
	struct find_work *w = s->work;
	struct search search = search_of(s);
	struct event hit;
	int found;

	search.kinds = kinds_of(&w->query);
	search.match = seeker_match;
	search.progress = seeker_tell;
	if (search.word != NULL) {
		search.may = seeker_may;
		search.plain = find_text_kinds(&w->text, false);
		search.kinds = find_text_kinds(&w->text, true);
	}
	found = reader_search(s->reader, &search, &hit, &w->why);
	if (found > 0)
		hit_take(w, hit.id);
	return found >= 0;
}

/* Calls are searched as the table of them has their text, which is faster than putting each
 * into words. */
static void text_search(struct seeker *s)
{
	struct find_work *w = s->work;
	bool apart, whole;

	find_text_make(&w->text, s->reader, w->query.text, w->cancel);
	apart = w->text.apart && reader_has_calls(s->reader);
	w->text.named[EV_syscall_enter] = w->text.apart && !apart;
	if (apart && !job_start(&w->calls, calls_make, w))
		calls_make(&w->calls, w);
	whole = events_search(s);
	job_wait(&w->calls);
	if (whole && apart && w->calls_failed && !*w->cancel) {
		w->text.named[EV_syscall_enter] = true;
		whole = events_search(s);
	}
	if (!whole)
		w->hit = 0; /* what the other thread found need not be the nearest */
}

static void find_make(struct job *job, void *cookie)
{
	struct find_work *w = cookie;
	struct seeker s = { .work = w };

	w->hit = 0;
	w->why = (struct error){ 0 };
	w->cancel = &job->cancel;
	memset(&w->text, 0, sizeof(w->text));
	if (reader_open(&s.reader, w->path, &w->why) != 0)
		return;
	reader_thrifty(s.reader);
	if (w->query.kind == FIND_TEXT)
		text_search(&s);
	else
		events_search(&s);
	reader_close(s.reader); /* the chunks that it keeps are megabytes */
}

/* --- The session's side ------------------------------------------------------------------- */

static void find_none(struct session *s, const char *trouble)
{
	static const char *const what[] = {
		[FIND_NONE] = "event",
		[FIND_TEXT] = "event with this text",
		[FIND_ERROR] = "error",
		[FIND_KIND] = "event of this kind",
		[FIND_FAULT] = "page fault of the process",
		[FIND_ANY] = "event that passes the filter",
	};

	if (trouble[0] != '\0')
		session_say(s, "the search stopped at event %" PRIu64 ": %s", find_at(s), trouble);
	else
		session_say(s, "no %s %s%s", what[s->find.query.kind],
			    s->find.query.way < 0 ? "before this one"
			    : teach_locked(s)     ? "before what is locked"
						  : "after this one",
			    s->filter.count > 0 && s->find.query.kind != FIND_ANY
				    ? ", of those that the filter shows"
				    : "");
	s->find.query.kind = FIND_NONE;
}

static void find_found(struct session *s, uint64_t id)
{
	s->find.query.kind = FIND_NONE;
	session_goto(s, id);
}

/* The nearest events; true if that ended the search. */
static bool find_near(struct session *s)
{
	struct find_query *q = &s->find.query;
	unsigned left = q->kind == FIND_TEXT ? NEAR_TEXTS : NEAR_EVENTS;
	struct error why = { 0 };
	struct event e;

	for (; left > 0; left--, q->from += (uint64_t)(int64_t)q->way) {
		if (q->from == 0 || q->from > s->count) {
			find_none(s, "");
			return true;
		}
		if (!reader_event(s->reader, q->from, &e, &why)) {
			find_none(s, why.text);
			return true;
		}
		if (filter_match(&s->filter, s->reader, &e) && find_hit(q, s->reader, &e)) {
			find_found(s, q->from);
			return true;
		}
	}
	return false;
}

static struct find_work *work_make(const char *path)
{
	struct find_work *w = calloc(1, sizeof(*w));

	if (w != NULL)
		w->path = strdup(path);
	if (w != NULL && w->path != NULL)
		return w;
	free(w);
	return NULL;
}

void find_start(struct session *s)
{
	struct find *f = &s->find;

	job_stop(&f->job);
	if (find_near(s))
		return;
	if (f->work == NULL)
		f->work = work_make(s->path);
	if (f->work != NULL) {
		f->work->query = f->query;
		f->work->filter = s->filter;
		f->work->at = f->query.from;
	}
	if (f->work == NULL || !job_start(&f->job, find_make, f->work))
		find_none(s, "no thread or memory for it");
}

void find_poll(struct session *s)
{
	struct find *f = &s->find;

	if (!job_poll(&f->job))
		return;
	if (f->work->hit != 0)
		find_found(s, f->work->hit);
	else
		find_none(s, f->work->why.text);
}

void find_stop(struct session *s)
{
	job_stop(&s->find.job);
	s->find.query.kind = FIND_NONE;
}

void find_close(struct session *s)
{
	struct find_work *w = s->find.work;

	find_stop(s);
	if (w != NULL) {
		free(w->path);
		free(w);
	}
	s->find.work = NULL;
}

uint64_t find_at(const struct session *s)
{
	return s->find.job.running ? s->find.work->at : s->find.query.from;
}
