#include "viewer/costs.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/reader.h"

/* What the thread and the session share.  [I] set before the thread starts; [a] atomic;
 * [t] the thread's until it is joined. */
struct costs_job {
	pthread_t thread;             /* [I] */
	char *path;                   /* [I] */
	struct profile_config config; /* [I] */
	volatile bool cancel;         /* only ever set */
	_Atomic unsigned percent;     /* [a] */
	_Atomic bool finished;        /* [a] */
	struct profile profile;       /* [t] */
	struct error why;             /* [t] */
	int status;                   /* [t] */
};

static void job_progress(void *cookie, uint64_t done, uint64_t all)
{
	struct costs_job *job = cookie;

	job->percent = all == 0 ? 0 : (unsigned)(done * 100 / all);
}

static void *job_run(void *cookie)
{
	struct costs_job *job = cookie;
	struct reader *r;

	job->status = reader_open(&r, job->path, &job->why);
	if (job->status == 0) {
		job->status = profile_make(&job->profile, reader_database(r), &job->config,
					   job_progress, &job->why);
		reader_close(r);
	}
	job->finished = true;
	return NULL;
}

static void job_free(struct costs_job *job)
{
	free(job->path);
	free(job);
}

static struct costs_job *job_start(const char *path, enum profile_by by, int64_t pid)
{
	struct costs_job *job = calloc(1, sizeof(*job));

	if (job == NULL)
		return NULL;
	job->path = strdup(path);
	job->config = (struct profile_config){
		.by = by, .pid = pid, .cancel = &job->cancel, .cookie = job
	};
	if (job->path != NULL && pthread_create(&job->thread, NULL, job_run, job) == 0)
		return job;
	job_free(job);
	return NULL;
}

/* Give up what runs and what is there. */
static void costs_drop(struct costs *c)
{
	if (c->job != NULL) {
		c->job->cancel = true;
		pthread_join(c->job->thread, NULL);
		if (c->job->status == 0)
			profile_free(&c->job->profile);
		job_free(c->job);
		c->job = NULL;
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
	c->job = job_start(path, by, pid);
	if (c->job == NULL)
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
	struct costs_job *job = c->job;

	if (job == NULL || !job->finished)
		return;
	pthread_join(job->thread, NULL);
	c->job = NULL;
	c->done = job->status == 0;
	if (c->done)
		c->profile = job->profile;
	else
		c->failed = job->why;
	job_free(job);
	rows_sort(c);
}

void costs_close(struct costs *c)
{
	costs_drop(c);
	memset(c, 0, sizeof(*c));
}

bool costs_busy(const struct costs *c)
{
	return c->job != NULL;
}

unsigned costs_percent(const struct costs *c)
{
	return c->job == NULL ? 100 : c->job->percent;
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
