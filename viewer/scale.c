#include "viewer/scale.h"

#include <stdlib.h>
#include <string.h>

#include "viewer/scale_work.h"

#define LENGTH_LEAST 100             /* ns: single events are well apart */
#define LENGTH_MOST  (INT64_MAX / 8) /* whatever the file says */

static int64_t length_of(struct reader *r)
{
	const int64_t duration = reader_duration(r);

	return duration < LENGTH_LEAST  ? LENGTH_LEAST
	       : duration > LENGTH_MOST ? LENGTH_MOST
					: duration + 1;
}

void scale_grow(struct scale *t, struct reader *r)
{
	const bool all = t->from == 0 && t->to == t->length;

	t->length = length_of(r);
	if (all || t->to > t->length)
		t->to = t->length;
	t->growth++;
}

void scale_open(struct scale *t, struct reader *r)
{
	memset(t, 0, sizeof(*t));
	t->length = length_of(r);
	t->to = t->length;
	t->lane = SCALE_LANE_NONE;
}

void scale_show(struct scale *t, int64_t from, int64_t to)
{
	int64_t length = to - from;

	length = length < LENGTH_LEAST ? LENGTH_LEAST : length;
	length = length > t->length ? t->length : length;
	from = from > t->length - length ? t->length - length : from;
	t->from = from < 0 ? 0 : from;
	t->to = t->from + length;
}

void scale_zoom(struct scale *t, int64_t about, bool in)
{
	int64_t length = t->to - t->from, left;

	if (about < t->from || about >= t->to)
		about = t->from + length / 2;
	left = about - t->from;
	if (in)
		scale_show(t, about - left / 2, about - left / 2 + length / 2);
	else if (length > t->length / 2)
		scale_show(t, 0, t->length);
	else
		scale_show(t, about - left * 2, about - left * 2 + length * 2);
}

void scale_pan(struct scale *t, int way)
{
	int64_t move = (t->to - t->from) / 4 * way;

	scale_show(t, t->from + move, t->to + move);
}

void scale_follow(struct scale *t, uint64_t id, int64_t time)
{
	int64_t length = t->to - t->from;

	if (t->seen == id)
		return;
	t->seen = id;
	if (time < t->from || time >= t->to)
		scale_show(t, time - length / 2, time - length / 2 + length);
}

int scale_row_of(const struct scale *t, uint32_t lane)
{
	for (unsigned i = 0; i < t->shown.row_count; i++)
		if (t->shown.rows[i].who.lane == lane)
			return (int)i;
	return -1;
}

void scale_select(struct scale *t, int way)
{
	const int count = (int)t->shown.row_count;
	int row = scale_row_of(t, t->lane);

	if (count == 0)
		return;
	row = row < 0 ? 0 : row + way;
	row = row < 0 ? 0 : row >= count ? count - 1 : row;
	t->lane = t->shown.rows[row].who.lane;
}

int64_t scale_column(const struct scale *t, int64_t time, int columns)
{
	return time < t->from ? -1
			      : (int64_t)((__int128)(time - t->from) * columns / (t->to - t->from));
}

/* --- The pictures -------------------------------------------------------------------------- */

/* Both show the same part in the same way, but for how long the trace is. */
static bool query_same(const struct scale_query *a, const struct scale_query *b)
{
	return a->whole == b->whole && a->from == b->from && a->to == b->to &&
	       a->columns == b->columns && filter_same(&a->filter, &b->filter);
}

static bool picture_of(const struct scale_picture *p, const struct scale_query *q)
{
	return query_same(&p->query, q) && p->query.growth == q->growth &&
	       p->first == scale_first(p->rows, p->row_count, q->lane);
}

/* What was made; a failure is a picture too, of nothing. */
static void picture_take(struct scale *t, struct scale_work *work)
{
	struct scale_picture *p = work->query.whole ? &t->whole : &t->shown;

	if (work->status != 0) {
		const struct error failed = work->out.failed;

		scale_picture_free(&work->out);
		work->out.failed = failed;
	}
	scale_picture_free(p);
	*p = work->out;
	p->query = work->query;
	t->turn = !work->query.whole;
}

static void work_free(struct scale_work *work)
{
	free(work->path);
	free(work);
}

static void make_here(struct scale *t, struct reader *r, const struct scale_query *q)
{
	struct scale_work work = { .query = *q };

	scale_work_make(&work, r);
	picture_take(t, &work);
}

static bool work_start(struct scale *t, const char *path, const struct scale_query *q)
{
	t->work = calloc(1, sizeof(*t->work));
	if (t->work == NULL)
		return false;
	t->work->path = strdup(path);
	t->work->query = *q;
	if (t->work->path != NULL && job_start(&t->job, scale_work_run, t->work))
		return true;
	work_free(t->work);
	t->work = NULL;
	return false;
}

/* The next picture that is not there; false: none. */
static bool query_next(const struct scale *t, const struct scale_query *shown,
		       struct scale_query *next)
{
	const struct scale_query whole = {
		.whole = true, .to = t->length, .columns = shown->columns, .growth = t->growth
	};
	const bool have_shown = picture_of(&t->shown, shown);
	const bool have_whole = picture_of(&t->whole, &whole);

	*next = !have_whole && (t->turn || have_shown) ? whole : *shown;
	return !have_whole || !have_shown;
}

/* What the person waits for is another picture by now: give up, but not twice in a row, so
 * that something of what keeps moving is seen. */
static void work_review(struct scale *t, const struct scale_query *shown)
{
	const struct scale_query *made = t->work->query.whole ? &t->shown.query : &t->work->query;

	if (t->skipped || query_same(made, shown))
		return;
	t->job.cancel = true;
	t->turn = false;
}

void scale_ask(struct scale *t, const char *path, struct reader *r, const struct filter *filter,
	       int columns)
{
	const struct scale_query shown = { .from = t->from,
					   .to = t->to,
					   .columns = columns > (int)LOD_COLUMNS_MAX
							      ? LOD_COLUMNS_MAX
							      : (unsigned)columns,
					   .growth = t->growth,
					   .lane = t->lane,
					   .filter = *filter };
	struct scale_query next;

	if (columns < 1)
		return;
	if (t->job.running) {
		work_review(t, &shown);
		return;
	}
	while (query_next(t, &shown, &next)) {
		if (path != NULL && !t->here && work_start(t, path, &next))
			return;
		make_here(t, r, &next);
	}
}

void scale_poll(struct scale *t)
{
	struct scale_work *work = t->work;

	if (!job_poll(&t->job))
		return;
	t->work = NULL;
	t->here = work->unopened;
	t->skipped = work->status != 0 && t->job.cancel;
	if (t->skipped || t->here)
		scale_picture_free(&work->out);
	else
		picture_take(t, work);
	work_free(work);
}

void scale_free(struct scale *t)
{
	if (job_stop(&t->job)) {
		scale_picture_free(&t->work->out);
		work_free(t->work);
	}
	scale_picture_free(&t->shown);
	scale_picture_free(&t->whole);
	memset(t, 0, sizeof(*t));
}

bool scale_busy(const struct scale *t)
{
	return t->job.running;
}

bool scale_fresh(const struct scale *t)
{
	return t->shown.query.from == t->from && t->shown.query.to == t->to;
}

int scale_source(const struct scale *t, int column, int columns)
{
	const struct scale_query *q = &t->shown.query;
	const int64_t middle =
		t->from + (int64_t)((__int128)(t->to - t->from) * (2 * column + 1) / (2 * columns));

	if (scale_fresh(t) && (int)q->columns == columns)
		return column;
	if (middle < q->from || middle >= q->to)
		return -1;
	return (int)((__int128)(middle - q->from) * q->columns / (q->to - q->from));
}
