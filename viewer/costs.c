#include "viewer/costs.h"

#include <stdlib.h>
#include <string.h>

#include "tracer/reader.h"

/* The job's until it is over. */
struct costs_work {
	char *path;
	struct costs_query query;
	struct profile_config config;
	struct profile profile;
	struct error why;
	int status;
};

/* The event that begins a span, as far as a filter asks for it. */
static struct event span_event(const struct walk_thread *t, const struct walk_span *s)
{
	static const uint16_t kinds[SPAN_KINDS] = {
		[SPAN_CALL] = EV_syscall_enter,
		[SPAN_FAULT] = EV_page_fault,
		[SPAN_EXCEPTION] = EV_exception,
		[SPAN_INTERRUPT] = EV_interrupt,
		[SPAN_NMI] = EV_nmi,
	};
	const struct ev_syscall_enter enter = { .nr = s->nr };
	struct event e = { .id = s->begin,
			   .time = s->begin_time,
			   .cpu = s->cpu,
			   .tid = t->tid,
			   .pid = t->pid,
			   .kind = kinds[s->kind] };

	if (s->kind == SPAN_CALL) {
		memcpy(e.payload, &enter, sizeof(enter));
		e.words = sizeof(enter) / 8;
	}
	return e;
}

static bool span_passes(void *cookie, const struct walk_thread *t, const struct walk_span *s)
{
	const struct costs_work *work = cookie;
	const struct event e = span_event(t, s);

	return filter_match(&work->query.filter, NULL, &e);
}

static void costs_make(struct job *job, void *cookie)
{
	struct costs_work *work = cookie;
	struct reader *r;

	work->config = (struct profile_config){ .by = work->query.by,
						.pid = -1,
						.from = work->query.from,
						.to = work->query.to,
						.wanted = span_passes,
						.wanted_cookie = work,
						.cancel = &job->cancel,
						.cookie = job };
	work->status = reader_open(&r, work->path, &work->why);
	if (work->status == 0) {
		if (work->config.to == 0)
			work->config.to = reader_duration(r) + 1;
		work->status = profile_make(&work->profile, reader_database(r), &work->config,
					    job_progress, &work->why);
		reader_close(r);
	}
}

static void work_free(struct costs_work *work)
{
	if (work != NULL)
		free(work->path);
	free(work);
}

static bool work_start(struct costs *c, const char *path)
{
	c->work = calloc(1, sizeof(*c->work));
	if (c->work == NULL)
		return false;
	c->work->path = strdup(path);
	c->work->query = c->query;
	if (c->work->path != NULL && job_start(&c->job, costs_make, c->work))
		return true;
	work_free(c->work);
	c->work = NULL;
	return false;
}

/* Give up what runs and what is there. */
static void costs_drop(struct costs *c)
{
	if (job_stop(&c->job)) {
		if (c->work->status == 0)
			profile_free(&c->work->profile);
		work_free(c->work);
		c->work = NULL;
	}
	if (c->done)
		profile_free(&c->profile);
	c->done = false;
	c->failed.text[0] = '\0';
}

static bool query_same(const struct costs_query *a, const struct costs_query *b)
{
	return a->by == b->by && a->from == b->from && a->to == b->to &&
	       filter_same(&a->filter, &b->filter);
}

void costs_ask(struct costs *c, const char *path, const struct costs_query *query)
{
	if (c->asked && query_same(&c->query, query))
		return;
	costs_drop(c);
	c->asked = true;
	c->query = *query;
	c->selected = 0;
	if (!work_start(c, path))
		error_set(&c->failed, 2, "no thread or memory for the profile");
}

static int descending(int64_t a, int64_t b)
{
	return (a < b) - (a > b);
}

#define SORT(name, member)                                                                         \
	static int by_##name(const struct profile_row *a, const struct profile_row *b)             \
	{                                                                                          \
		return descending((int64_t)a->member, (int64_t)b->member);                         \
	}
SORT(total, total)
SORT(kernel, self)
SORT(calls, count)
SORT(err, errors)
SORT(p50, p50)
SORT(p99, p99)
SORT(max, longest)
#undef SORT

static int by_text(const struct profile_row *a, const struct profile_row *b)
{
	return strcmp(a->name, b->name);
}

/* Columns that rows can be sorted by; all but the name have the largest first. */
static const struct sort {
	const char *name;
	int (*compare)(const struct profile_row *a, const struct profile_row *b);
} sorts[] = {
	{ "total", by_total }, { "ring 0", by_kernel }, { "calls", by_calls }, { "err", by_err },
	{ "p50", by_p50 },     { "p99", by_p99 },       { "max", by_max },     { "name", by_text },
};

#define SORTS (sizeof(sorts) / sizeof(sorts[0]))

static int row_compare(const void *a, const void *b, void *cookie)
{
	const struct sort *sort = cookie;
	const int order = sort->compare(a, b);

	return order != 0 ? order : by_text(a, b);
}

static void rows_sort(struct costs *c)
{
	struct sort sort = sorts[c->sort];

	if (c->done && c->profile.row_count > 1)
		qsort_r(c->profile.rows, c->profile.row_count, sizeof(*c->profile.rows),
			row_compare, &sort);
}

void costs_sort_next(struct costs *c)
{
	c->sort = (c->sort + 1) % SORTS;
	c->selected = 0;
	rows_sort(c);
}

void costs_poll(struct costs *c)
{
	struct costs_work *work = c->work;

	if (!job_poll(&c->job))
		return;
	c->work = NULL;
	c->done = work->status == 0;
	c->from = work->config.from;
	c->to = work->config.to;
	if (c->done)
		c->profile = work->profile;
	else
		c->failed = work->why;
	work_free(work);
	rows_sort(c);
}

void costs_close(struct costs *c)
{
	costs_drop(c);
	memset(c, 0, sizeof(*c));
}

bool costs_busy(const struct costs *c)
{
	return c->job.running;
}

unsigned costs_percent(const struct costs *c)
{
	return c->job.running ? c->job.percent : 100;
}

void costs_select(struct costs *c, int way)
{
	int row = (int)c->selected + way;

	if (row >= 0 && c->done && row < (int)c->profile.row_count)
		c->selected = (unsigned)row;
}

const struct profile_row *costs_row(const struct costs *c)
{
	return c->done && c->selected < c->profile.row_count ? &c->profile.rows[c->selected] : NULL;
}

const char *costs_sort_name(const struct costs *c)
{
	return sorts[c->sort].name;
}
