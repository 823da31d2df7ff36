#include "viewer/versus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/state.h"

struct versus_work {
	char *path[2];
	unsigned columns;
	struct versus_shot *shot;
	struct error why;
};

/* --- In the thread ------------------------------------------------------------------------ */

static void shot_free(struct versus_shot *shot)
{
	if (shot == NULL)
		return;
	for (unsigned i = 0; i < shot->lanes; i++) {
		lod_free(&shot->lane[i].picture[0]);
		lod_free(&shot->lane[i].picture[1]);
	}
	free(shot->differences);
	if (shot->made)
		diff_free(&shot->diff);
	if (shot->open_a)
		side_close(&shot->a);
	if (shot->open_b)
		side_close(&shot->b);
	free(shot);
}

static bool difference_add(struct versus_shot *shot, const struct versus_difference *d)
{
	if (shot->count == VERSUS_DIFFERENCES) {
		shot->more++;
		return true;
	}
	if (shot->count % 256 == 0) {
		struct versus_difference *grown =
			reallocarray(shot->differences, shot->count + 256, sizeof(*grown));

		if (grown == NULL)
			return false;
		shot->differences = grown;
	}
	shot->differences[shot->count++] = *d;
	return true;
}

/* The differences of one thread: neighbouring steps of one mark are one. */
static bool thread_take(struct versus_shot *shot, uint32_t number)
{
	const struct diff_thread *t = &shot->diff.threads[number];
	struct versus_difference d = { .thread = number, .count = 1 };
	struct diff_step *steps;
	uint32_t count;
	bool good = true;

	if (t->a == NULL || t->b == NULL) {
		d.mark = t->a != NULL ? 'A' : 'B';
		d.count = (t->a != NULL ? t->a : t->b)->count;
		return difference_add(shot, &d);
	}
	steps = t->first.any ? diff_steps(t, &count) : NULL;
	if (steps == NULL)
		return !t->first.any;
	for (uint32_t i = 0; i < count && good; i++) {
		const bool goes_on = i > 0 && steps[i].mark == steps[i - 1].mark;

		if (steps[i].mark == ' ')
			continue;
		if (goes_on && shot->more == 0 && shot->count > 0) {
			shot->differences[shot->count - 1].count++;
			continue;
		}
		d.mark = steps[i].mark;
		d.a = steps[i].a;
		d.b = steps[i].b;
		if (!goes_on)
			good = difference_add(shot, &d);
	}
	free(steps);
	return good;
}

/* When a role's first and last items began, and its lane at the last one. */
static bool role_span(struct side *s, const struct role *role, int64_t *from, int64_t *to,
		      uint32_t *lane)
{
	struct state state = { 0 };
	const struct state_thread *t;
	struct event e;

	if (s->reader == NULL || role->count == 0 ||
	    !reader_event(s->reader, role->items[0].id, &e, NULL))
		return false;
	*from = e.time;
	if (!reader_event(s->reader, role->items[role->count - 1].id, &e, NULL))
		return false;
	*to = e.time + 1;
	if (*to - *from < 1000)
		*to = *from + 1000;
	if (!reader_state(s->reader, e.id, &state, NULL))
		return false;
	t = state_thread_find(&state, role->tid);
	*lane = t == NULL ? 0 : t->lane;
	state_free(&state);
	return t != NULL;
}

static void lane_take(struct job *job, struct versus_shot *shot, uint32_t number, unsigned columns)
{
	const struct diff_thread *t = &shot->diff.threads[number];
	struct versus_lane *lane = &shot->lane[shot->lanes];

	if (t->a == NULL || t->b == NULL || shot->lanes == VERSUS_LANES)
		return;
	*lane = (struct versus_lane){ .thread = number };
	for (int i = 0; i < 2; i++) {
		struct side *s = i == 0 ? &shot->a : &shot->b;
		struct lod_query query = { .columns = columns, .cancel = &job->cancel };
		struct error why = { 0 };
		uint32_t only;

		if (!role_span(s, i == 0 ? t->a : t->b, &lane->from[i], &lane->to[i], &only))
			continue;
		query.from = lane->from[i];
		query.to = lane->to[i];
		query.only = &only;
		query.only_count = 1;
		if (columns == 0 || reader_lod(s->reader, &query, &lane->picture[i], &why) != 0)
			memset(&lane->picture[i], 0, sizeof(lane->picture[i]));
	}
	if (lane->picture[0].lanes > 0 || lane->picture[1].lanes > 0)
		shot->lanes++;
}

/* Lanes of the threads that differ, then of the others. */
static void lanes_take(struct job *job, struct versus_shot *shot, unsigned columns)
{
	for (int same = 0; same < 2; same++)
		for (uint32_t i = 0; i < shot->diff.thread_count && !job->cancel; i++)
			if (shot->diff.threads[i].first.any == (same == 0))
				lane_take(job, shot, i, columns);
}

static int compare(struct job *job, struct versus_work *w, struct versus_shot *shot)
{
	const struct load_watch watch = { .cancel = &job->cancel,
					  .progress = job_progress,
					  .cookie = job };
	struct ignore ignore = { 0 };
	int status = side_open(&shot->a, w->path[0], &w->why);

	shot->open_a = status == 0;
	if (status == 0)
		status = side_open(&shot->b, w->path[1], &w->why);
	shot->open_b = shot->open_a && status == 0;
	if (status == 0)
		status = side_load(&shot->a, &watch, &w->why);
	if (status == 0)
		status = side_load(&shot->b, &watch, &w->why);
	if (status == 0)
		status = diff_make(&shot->diff, &shot->a, &shot->b, &ignore, &w->why);
	shot->made = shot->open_b && status == 0;
	for (uint32_t i = 0; status == 0 && i < shot->diff.thread_count; i++)
		if (!thread_take(shot, i))
			status = error_set(&w->why, 2, "no memory for the differences");
	if (status == 0)
		lanes_take(job, shot, w->columns);
	return status;
}

static void versus_make(struct job *job, void *cookie)
{
	struct versus_work *w = cookie;

	w->shot = calloc(1, sizeof(*w->shot));
	if (w->shot != NULL && compare(job, w, w->shot) == 0)
		return;
	shot_free(w->shot);
	w->shot = NULL;
	if (w->why.text[0] == '\0')
		error_set(&w->why, 2, "the comparison was given up");
}

/* --- The session's side ------------------------------------------------------------------- */

static void work_free(struct versus_work *w)
{
	if (w == NULL)
		return;
	shot_free(w->shot);
	free(w->path[0]);
	free(w->path[1]);
	free(w);
}

static void versus_drop(struct versus *v)
{
	job_stop(&v->job);
	shot_free(v->shot);
	work_free(v->work);
	free(v->steps);
	v->shot = NULL;
	v->work = NULL;
	v->steps = NULL;
	v->step_count = v->steps_of = v->selected = 0;
	v->failed.text[0] = '\0';
}

void versus_with(struct versus *v, const char *other)
{
	versus_drop(v);
	snprintf(v->other, sizeof(v->other), "%s", other);
}

void versus_ask(struct versus *v, const char *path, unsigned columns)
{
	if (v->other[0] == '\0' || v->job.running || v->shot != NULL || v->failed.text[0] != '\0')
		return;
	v->work = calloc(1, sizeof(*v->work));
	if (v->work != NULL) {
		v->work->columns = columns;
		v->work->path[0] = strdup(path);
		v->work->path[1] = strdup(v->other);
	}
	if (v->work == NULL || v->work->path[0] == NULL || v->work->path[1] == NULL ||
	    !job_start(&v->job, versus_make, v->work)) {
		work_free(v->work);
		v->work = NULL;
		error_set(&v->failed, 2, "no thread or memory for the comparison");
	}
}

void versus_poll(struct versus *v)
{
	if (!job_poll(&v->job))
		return;
	v->shot = v->work->shot;
	v->work->shot = NULL;
	v->failed = v->work->why;
	/* The sides keep the paths: the work lives as long as they do. */
}

bool versus_busy(const struct versus *v)
{
	return v->job.running;
}

unsigned versus_percent(const struct versus *v)
{
	return v->job.running ? v->job.percent : 100;
}

void versus_close(struct versus *v)
{
	versus_drop(v);
	memset(v, 0, sizeof(*v));
}

void versus_select(struct versus *v, int way)
{
	const int64_t at = (int64_t)v->selected + way;

	if (v->shot != NULL && at >= 0 && at < (int64_t)v->shot->count)
		v->selected = (unsigned)at;
}

const struct versus_difference *versus_difference(const struct versus *v)
{
	return v->shot != NULL && v->selected < v->shot->count ? &v->shot->differences[v->selected]
							       : NULL;
}

void versus_steps(struct versus *v)
{
	const struct versus_difference *d = versus_difference(v);
	const struct diff_thread *t;
	uint32_t at = 0;

	if (d == NULL)
		return;
	t = &v->shot->diff.threads[d->thread];
	if (v->steps_of != d->thread + 1) {
		free(v->steps);
		v->step_count = 0;
		v->steps = t->a != NULL && t->b != NULL ? diff_steps(t, &v->step_count) : NULL;
		v->steps_of = d->thread + 1;
	}
	while (at < v->step_count &&
	       (v->steps[at].a < d->a || v->steps[at].b < d->b || v->steps[at].mark != d->mark))
		at++;
	v->step = at;
}

uint64_t versus_event(const struct versus *v)
{
	const struct versus_difference *d = versus_difference(v);
	const struct role *role = d == NULL ? NULL : v->shot->diff.threads[d->thread].a;

	if (role == NULL || role->count == 0)
		return 0;
	return role->items[d->a < role->count ? d->a : role->count - 1].id;
}
