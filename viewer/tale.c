#include "viewer/tale.h"

#include <stdlib.h>
#include <string.h>

#include "tracer/symbols/symbol.h"
#include "tracer/state.h"

#define MOMENT 200000 /* ns before the end that are shown at least */
#define LONG   1000   /* times as long at most, back to what the story begins with */

/* The job's while it runs; the crashes stay from one story to the next. */
struct tale_work {
	char *path;
	unsigned which, columns;
	uint64_t count; /* events that crashes is of */
	struct crashes crashes;
	bool looked;
	struct tale_shot *shot;
	struct error why;
};

/* --- In the thread -------------------------------------------------------------------- */

/* The time that the last moments begin at: of the earliest step of the thread's own. */
static int64_t moments_begin(struct reader *r, const struct tale_shot *shot)
{
	int64_t from = shot->time - MOMENT;
	struct event e;

	for (unsigned i = 0; i < shot->story.count; i++) {
		const struct fact *f = &shot->story.facts[i];

		if (f->section != STORY_BEFORE || f->event == 0 ||
		    !reader_event(r, f->event, &e, NULL))
			continue;
		if (e.time < from && e.time > shot->time - (int64_t)MOMENT * LONG)
			from = e.time;
	}
	return from < 0 ? 0 : from;
}

static void lane_add(struct tale_shot *shot, uint32_t lane, uint32_t tid, bool cpu)
{
	for (unsigned i = 0; i < shot->lanes; i++)
		if (shot->lane[i].lane == lane)
			return;
	if (shot->lanes < TALE_LANES)
		shot->lane[shot->lanes++] =
			(struct tale_lane){ .lane = lane, .tid = tid, .cpu = cpu };
}

/* CPUs, the thread, and the threads that the story's events are of. */
static void lanes_choose(struct reader *r, struct tale_shot *shot)
{
	struct state s = { 0 };
	struct event e;

	for (uint32_t cpu = 0; cpu < reader_cpus(r) && cpu < TALE_LANES / 2; cpu++)
		lane_add(shot, cpu, 0, true);
	if (!reader_state(r, shot->story.event - 1, &s, NULL))
		return;
	for (unsigned i = 0; i <= shot->story.count; i++) {
		const struct state_thread *t;

		if (i > 0 && (shot->story.facts[i - 1].event == 0 ||
			      !reader_event(r, shot->story.facts[i - 1].event, &e, NULL)))
			continue;
		t = state_thread_find(&s, i == 0 ? shot->story.tid : e.tid);
		if (t != NULL)
			lane_add(shot, t->lane, t->tid, false);
	}
	state_free(&s);
}

static int lane_order(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* What happened in the last moments; without an index there is no picture. */
static void picture_make(struct tale_work *w, struct reader *r, struct tale_shot *shot)
{
	uint32_t only[TALE_LANES];
	struct lod_query query = { .columns = w->columns, .only = only };
	unsigned kept = 0;

	shot->to = shot->time + MOMENT / 10;
	shot->from = moments_begin(r, shot);
	lanes_choose(r, shot);
	for (unsigned i = 0; i < shot->lanes; i++)
		only[i] = shot->lane[i].lane;
	qsort(only, shot->lanes, sizeof(*only), lane_order);
	query.only_count = shot->lanes;
	query.from = shot->from;
	query.to = shot->to;
	if (w->columns == 0 || reader_lod(r, &query, &shot->picture, &w->why) != 0) {
		memset(&shot->picture, 0, sizeof(shot->picture));
		w->why = (struct error){ 0 };
	}
	for (unsigned i = 0; i < shot->lanes; i++)
		for (unsigned k = 0; k < shot->picture.lanes; k++)
			if (shot->picture.lane[k] == shot->lane[i].lane) {
				shot->lane[kept] = shot->lane[i];
				shot->lane[kept++].index = k;
				break;
			}
	shot->lanes = kept;
}

static int crashes_take(struct job *job, struct tale_work *w, struct reader *r)
{
	int status;

	if (w->looked && w->count == reader_count(r))
		return 0;
	crashes_free(&w->crashes);
	w->looked = false;
	status = crashes_look(&w->crashes, r, &job->cancel, job_progress, job, &w->why);
	w->looked = status == 0;
	w->count = reader_count(r);
	return status;
}

static int shot_fill(struct job *job, struct tale_work *w, struct reader *r, struct tale_shot *shot)
{
	char kernel[4096];
	struct symbols *symbols;
	struct event e;
	const int status = crashes_take(job, w, r);

	if (status != 0)
		return status;
	shot->crashes = w->crashes.count;
	shot->more = w->crashes.more;
	shot->complete = reader_complete(r);
	shot->lost = reader_lost(r);
	if (shot->crashes == 0)
		return 0;
	shot->which = w->which % shot->crashes;
	symbols = symbols_open();
	story_make(&shot->story, r, &w->crashes, &w->crashes.crash[shot->which], symbols,
		   story_kernel(kernel, sizeof(kernel)) ? kernel : NULL);
	symbols_close(symbols);
	if (reader_event(r, shot->story.event, &e, NULL))
		shot->time = e.time;
	picture_make(w, r, shot);
	return 0;
}

static void shot_free(struct tale_shot *shot)
{
	if (shot == NULL)
		return;
	story_free(&shot->story);
	lod_free(&shot->picture);
	free(shot);
}

static void tale_make(struct job *job, void *cookie)
{
	struct tale_work *w = cookie;
	struct reader *r;

	w->why = (struct error){ 0 };
	if (reader_open(&r, w->path, &w->why) != 0)
		return;
	w->shot = calloc(1, sizeof(*w->shot));
	if (w->shot == NULL || shot_fill(job, w, r, w->shot) != 0) {
		shot_free(w->shot);
		w->shot = NULL;
		if (w->why.text[0] == '\0')
			error_set(&w->why, 2, "the story was given up");
	}
	reader_close(r);
}

/* --- The session's side --------------------------------------------------------------- */

static void work_free(struct tale_work *w)
{
	if (w == NULL)
		return;
	crashes_free(&w->crashes);
	shot_free(w->shot);
	free(w->path);
	free(w);
}

void tale_ask(struct tale *t, const char *path, uint64_t count, unsigned columns)
{
	if (t->job.running || (t->work != NULL && t->work->which == t->which && t->count == count &&
			       t->work->columns == columns))
		return;
	if (t->work == NULL)
		t->work = calloc(1, sizeof(*t->work));
	if (t->work != NULL && t->work->path == NULL)
		t->work->path = strdup(path);
	if (t->work == NULL || t->work->path == NULL) {
		error_set(&t->failed, 2, "no memory for the story");
		return;
	}
	t->count = count;
	t->columns = columns;
	t->work->which = t->which;
	t->work->columns = columns;
	if (!job_start(&t->job, tale_make, t->work))
		error_set(&t->failed, 2, "no thread for the story");
}

void tale_poll(struct tale *t)
{
	unsigned which = t->shot == NULL ? 0 : t->shot->which;

	if (!job_poll(&t->job))
		return;
	shot_free(t->shot);
	t->shot = t->work->shot;
	t->work->shot = NULL;
	t->failed = t->work->why;
	if (t->shot == NULL || t->shot->which != which)
		t->selected = 0;
}

bool tale_busy(const struct tale *t)
{
	return t->job.running;
}

unsigned tale_percent(const struct tale *t)
{
	return t->job.running ? t->job.percent : 100;
}

void tale_close(struct tale *t)
{
	job_stop(&t->job);
	work_free(t->work);
	shot_free(t->shot);
	memset(t, 0, sizeof(*t));
}

bool tale_next(struct tale *t)
{
	if (t->shot == NULL || t->shot->crashes < 2)
		return false;
	t->which = (t->shot->which + 1) % t->shot->crashes;
	return true;
}

bool tale_right(enum story_section section)
{
	return section == STORY_REGISTERS || section == STORY_STACK || section == STORY_MEMORY ||
	       section == STORY_LOG;
}

unsigned tale_order(const struct story *s, const struct fact **order, unsigned room)
{
	unsigned count = 0;

	for (int right = 0; right < 2; right++)
		for (unsigned section = 0; section < STORY_SECTION_COUNT; section++)
			for (unsigned i = 0; i < s->count && count < room; i++)
				if (s->facts[i].section == section &&
				    tale_right((enum story_section)section) == (right == 1))
					order[count++] = &s->facts[i];
	return count;
}

void tale_select(struct tale *t, int way, bool steps)
{
	const struct fact *order[TALE_FACTS];
	const unsigned count = t->shot == NULL ? 0 : tale_order(&t->shot->story, order, TALE_FACTS);

	for (int64_t at = (int64_t)t->selected + way; at >= 0 && at < (int64_t)count; at += way) {
		if (steps && order[at]->event == 0)
			continue;
		t->selected = (unsigned)at;
		return;
	}
}

const struct fact *tale_fact(const struct tale *t)
{
	const struct fact *order[TALE_FACTS];
	const unsigned count = t->shot == NULL ? 0 : tale_order(&t->shot->story, order, TALE_FACTS);

	return t->selected < count ? order[t->selected] : NULL;
}
