#include "viewer/find.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/search.h"
#include "viewer/crossing.h"
#include "viewer/find_text.h"
#include "viewer/phrase.h"
#include "viewer/session.h"

#define NEAR_EVENTS 2000 /* looked at before a thread is asked */
#define NEAR_TEXTS  200  /* likewise, where each has to be put into words */

/* The thread's while it runs. */
struct find_work {
	char *path;
	struct reader *reader;
	struct find_query query;
	struct filter filter;
	struct find_text text;
	_Atomic uint64_t at; /* for the screen */
	uint64_t hit;        /* 0: none */
	uint64_t call;       /* the nearest call with the text: no need to look further */
	struct error why;
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

/* --- In the thread ------------------------------------------------------------------------ */

/* The event lies at or behind the nearest call. */
static bool passed(const struct find_work *w, uint64_t id)
{
	return w->call != 0 && (w->query.way > 0 ? id >= w->call : id <= w->call);
}

static bool work_match(void *cookie, const struct event *e)
{
	struct find_work *w = cookie;

	if (passed(w, e->id))
		return true;
	if (w->query.kind == FIND_TEXT && !find_text_may(&w->text, e))
		return false;
	return filter_match(&w->filter, w->reader, e) && find_hit(&w->query, w->reader, e);
}

static void work_tell(void *cookie, uint64_t id)
{
	struct find_work *w = cookie;

	w->at = id;
}

#define KIND(name) (1ull << (EV_##name & 63))

/* Kinds of events that may be hits; 0: all. */
static uint64_t kinds_of(const struct find_query *q)
{
	switch (q->kind) {
	case FIND_KIND:
		return 1ull << (q->event & 63);
	case FIND_FAULT:
		return KIND(page_fault);
	case FIND_ERROR:
		return KIND(syscall_return) | KIND(syscall_result) | KIND(syscall_absent) |
		       KIND(page_fault_end) | KIND(exception) | KIND(panic);
	default:
		return 0;
	}
}

static bool call_match(void *cookie, const struct event *e)
{
	struct find_work *w = cookie;

	return e->kind == EV_syscall_enter && filter_match(&w->filter, w->reader, e) &&
	       find_hit(&w->query, w->reader, e);
}

/* What is known of a text before any event is looked at.  Calls are searched as the table
 * of them has their text, which is faster than putting each into words: the nearest hit
 * among them, and no other look at them. */
static void text_prepare(struct job *job, struct find_work *w, struct search *search)
{
	struct search calls = *search;

	find_text_make(&w->text, w->reader, w->query.text, &job->cancel);
	if (w->text.word[0] == '\0')
		return;
	search->word = calls.word = w->text.run;
	calls.match = call_match;
	/* -1: there is no such table, or not a whole one: one by one then. */
	if (w->text.apart && reader_search_call(w->reader, &calls, &w->call) >= 0)
		w->text.named[EV_syscall_enter] = false;
	search->plain = find_text_kinds(&w->text, false);
	search->kinds = find_text_kinds(&w->text, true);
}

static void find_make(struct job *job, void *cookie)
{
	struct find_work *w = cookie;
	struct search search = {
		.from = w->query.from,
		.backward = w->query.way < 0,
		.kinds = kinds_of(&w->query),
		.match = work_match,
		.cookie = w,
		.cancel = &job->cancel,
		.progress = work_tell,
	};
	struct event hit;
	int found;

	w->hit = w->call = 0;
	w->why = (struct error){ 0 };
	if (reader_open(&w->reader, w->path, &w->why) != 0) {
		w->reader = NULL;
		return;
	}
	if (w->query.kind == FIND_TEXT)
		text_prepare(job, w, &search);
	found = job->cancel ? -1 : reader_search(w->reader, &search, &hit, &w->why);
	w->hit = found > 0 ? hit.id : 0;
	if (found >= 0 && w->call != 0 && (w->hit == 0 || passed(w, w->hit)))
		w->hit = w->call;
	reader_close(w->reader); /* the chunks that it keeps are megabytes */
	w->reader = NULL;
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
		session_say(s, "no %s %s this one", what[s->find.query.kind],
			    s->find.query.way > 0 ? "after" : "before");
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
