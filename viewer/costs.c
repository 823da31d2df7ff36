#include "viewer/costs.h"

#include <stdlib.h>
#include <string.h>

#include "tracer/reader.h"

/* The job's until it is over. */
struct costs_work {
	char *path;
	struct profile_config config;
	struct profile profile;
	struct error why;
	int status;
};

static void costs_make(struct job *job, void *cookie)
{
	struct costs_work *work = cookie;
	struct reader *r;

	work->config.cancel = &job->cancel;
	work->config.cookie = job;
	work->status = reader_open(&r, work->path, &work->why);
	if (work->status == 0) {
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

static bool work_start(struct costs *c, const char *path, enum profile_by by, int64_t pid)
{
	c->work = calloc(1, sizeof(*c->work));
	if (c->work == NULL)
		return false;
	c->work->path = strdup(path);
	c->work->config = (struct profile_config){ .by = by, .pid = pid };
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

void costs_ask(struct costs *c, const char *path, enum profile_by by, int64_t pid)
{
	if (c->asked && c->by == by && c->pid == pid)
		return;
	costs_drop(c);
	c->asked = true;
	c->by = by;
	c->pid = pid;
	c->selected = 0;
	if (!work_start(c, path, by, pid))
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

const char *costs_by_name(enum profile_by by)
{
	static const char *const names[PROFILE_BY_LIMIT] = {
		[PROFILE_CALL] = "call",     [PROFILE_PROGRAM] = "program",
		[PROFILE_THREAD] = "thread", [PROFILE_FAULT] = "fault",
		[PROFILE_IRQ] = "irq",       [PROFILE_PATH] = "path",
	};

	return names[by];
}

unsigned costs_bucket(int64_t ns)
{
	return ns < 2 ? 0 : 63u - (unsigned)__builtin_clzll((unsigned long long)ns);
}

void costs_buckets(const struct profile_row *row, uint64_t count[COSTS_BUCKETS])
{
	memset(count, 0, COSTS_BUCKETS * sizeof(*count));
	for (uint64_t i = 0; i < row->count; i++)
		count[costs_bucket(row->durations[i])]++;
}
