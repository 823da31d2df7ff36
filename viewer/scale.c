#include "viewer/scale.h"

#include <stdlib.h>
#include <string.h>

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
	t->made_columns = 0;
}

void scale_open(struct scale *t, struct reader *r)
{
	memset(t, 0, sizeof(*t));
	t->length = length_of(r);
	t->to = t->length;
	t->lane = SCALE_LANE_NONE;
}

void scale_free(struct scale *t)
{
	lod_free(&t->picture);
	lod_free(&t->all);
	free(t->rows);
	memset(t, 0, sizeof(*t));
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
	for (unsigned i = 0; i < t->row_count; i++)
		if (t->rows[i].who.lane == lane)
			return (int)i;
	return -1;
}

void scale_select(struct scale *t, int way)
{
	int row = scale_row_of(t, t->lane);

	if (t->row_count == 0)
		return;
	row = row < 0 ? 0 : row + way;
	row = row < 0 ? 0 : row >= (int)t->row_count ? (int)t->row_count - 1 : row;
	t->lane = t->rows[row].who.lane;
}

int64_t scale_column(const struct scale *t, int64_t time, int columns)
{
	return time < t->from ? -1
			      : (int64_t)((__int128)(time - t->from) * columns / (t->to - t->from));
}

/* CPUs first, threads of the kernel last. */
static int row_class(const struct scale_row *row)
{
	return row->cpu ? 0 : row->who.kernel ? 2 : 1;
}

static int row_compare(const void *a, const void *b)
{
	const struct scale_row *x = a, *y = b;

	if (row_class(x) != row_class(y))
		return row_class(x) - row_class(y);
	return x->who.lane < y->who.lane ? -1 : x->who.lane > y->who.lane;
}

/* Rows from one sum a lane. */
static bool rows_make(struct scale *t, struct reader *r, const struct filter *filter,
		      const struct lod_picture *p)
{
	free(t->rows);
	t->row_count = 0;
	t->made_filter = *filter;
	t->rows = calloc(p->lanes + 1, sizeof(*t->rows));
	if (t->rows == NULL)
		return false;
	for (unsigned i = 0; i < p->lanes; i++) {
		const struct lod_sum *sum = &p->sum[i];
		struct scale_row row = { .cpu = p->lane[i] < LANE_IDLE, .lost = sum->lost };

		if (p->lane[i] == LANE_IDLE)
			continue; /* the lanes of the CPUs show it */
		if (!row.cpu && !reader_lane(r, p->lane[i], &row.who))
			continue;
		row.who.lane = p->lane[i];
		if (row.cpu ? !filter_cpu(filter, p->lane[i])
			    : !filter_thread(filter, row.who.pid, row.who.tid))
			continue;
		row.busy = sum->time[RUN_USER] + sum->time[RUN_KERNEL] + sum->time[RUN_FAULT];
		t->rows[t->row_count++] = row;
	}
	qsort(t->rows, t->row_count, sizeof(*t->rows), row_compare);
	return true;
}

/* One picture in place of *p. */
static bool picture_make(struct scale *t, struct reader *r, struct lod_picture *p,
			 const struct lod_query *query)
{
	lod_free(p);
	memset(p, 0, sizeof(*p));
	if (reader_lod(r, query, p, &t->failed) == 0)
		return true;
	memset(p, 0, sizeof(*p));
	return false;
}

static int lane_compare(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The picture of the rows from made_first on. */
static void drawn_make(struct scale *t, struct reader *r)
{
	const unsigned last = t->made_first + SCALE_DRAWN < t->row_count
				      ? t->made_first + SCALE_DRAWN
				      : t->row_count;
	uint32_t lanes[SCALE_DRAWN];
	struct lod_query query = {
		.from = t->from, .to = t->to, .columns = t->made_columns, .only = lanes
	};

	for (unsigned i = t->made_first; i < last; i++)
		lanes[query.only_count++] = t->rows[i].who.lane;
	qsort(lanes, query.only_count, sizeof(*lanes), lane_compare);
	picture_make(t, r, &t->picture, &query);
	for (unsigned i = 0; i < t->row_count; i++) {
		struct scale_row *row = &t->rows[i];

		row->drawn = false;
		for (unsigned k = 0; i >= t->made_first && i < last && k < t->picture.lanes; k++) {
			if (t->picture.lane[k] == row->who.lane) {
				row->index = k;
				row->drawn = true;
			}
		}
	}
}

/* Which rows there are, and the whole trace's CPUs. */
static void list_make(struct scale *t, struct reader *r, const struct filter *filter, bool wide)
{
	uint32_t cpus[LANE_IDLE];
	const struct lod_query all = {
		.to = t->length, .columns = t->made_columns, .only = cpus, .only_count = LANE_IDLE
	};
	const struct lod_query list = { .from = t->from, .to = t->to, .columns = 1 };
	struct lod_picture lanes = { 0 };

	for (uint32_t i = 0; i < LANE_IDLE; i++)
		cpus[i] = i;
	t->failed.text[0] = '\0';
	t->row_count = 0;
	if (wide)
		picture_make(t, r, &t->all, &all);
	if (picture_make(t, r, &lanes, &list) && !rows_make(t, r, filter, &lanes))
		error_set(&t->failed, 2, "no memory for the lanes");
	t->more = lanes.more;
	lod_free(&lanes);
}

/* The first row to draw, in steps, so that moving on seldom needs a new picture. */
static unsigned first_drawn(const struct scale *t)
{
	const int row = scale_row_of(t, t->lane);
	const unsigned step = SCALE_DRAWN / 3;

	return row < (int)step ? 0 : ((unsigned)row / step - 1) * step;
}

void scale_make(struct scale *t, struct reader *r, const struct filter *filter, int columns)
{
	const unsigned wanted =
		columns > (int)LOD_COLUMNS_MAX ? LOD_COLUMNS_MAX : (unsigned)columns;
	const bool wide = t->made_columns != wanted;
	const bool fresh = wide || t->made_from != t->from || t->made_to != t->to ||
			   !filter_same(&t->made_filter, filter);

	if (columns < 1)
		return;
	t->made_columns = wanted;
	t->made_from = t->from;
	t->made_to = t->to;
	if (fresh)
		list_make(t, r, filter, wide);
	if (!fresh && t->made_first == first_drawn(t))
		return;
	t->made_first = first_drawn(t);
	if (t->failed.text[0] == '\0')
		drawn_make(t, r);
}
