#include "viewer/scale.h"

#include <stdlib.h>
#include <string.h>

#define LENGTH_LEAST 100             /* ns: single events are well apart */
#define LENGTH_MOST  (INT64_MAX / 8) /* whatever the file says */

void scale_open(struct scale *t, struct reader *r)
{
	const int64_t duration = reader_duration(r);

	memset(t, 0, sizeof(*t));
	t->length = duration < LENGTH_LEAST  ? LENGTH_LEAST
		    : duration > LENGTH_MOST ? LENGTH_MOST
					     : duration + 1;
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

static void row_sum(struct scale_row *row, const struct lod_picture *p)
{
	const struct lod_sum *sum = &p->sum[(size_t)row->index * p->columns];

	for (unsigned i = 0; i < p->columns; i++) {
		row->busy +=
			sum[i].time[RUN_USER] + sum[i].time[RUN_KERNEL] + sum[i].time[RUN_FAULT];
		row->lost += sum[i].lost;
	}
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

static bool rows_make(struct scale *t, struct reader *r, const struct filter *filter)
{
	const struct lod_picture *p = &t->picture;

	free(t->rows);
	t->row_count = 0;
	t->made_filter = *filter;
	t->rows = calloc(p->lanes + 1, sizeof(*t->rows));
	if (t->rows == NULL)
		return false;
	for (unsigned i = 0; i < p->lanes; i++) {
		struct scale_row row = { .index = i, .cpu = p->lane[i] < LANE_IDLE };

		if (p->lane[i] == LANE_IDLE)
			continue; /* the lanes of the CPUs show it */
		if (!row.cpu && !reader_lane(r, p->lane[i], &row.who))
			continue;
		row.who.lane = p->lane[i];
		if (row.cpu ? !filter_cpu(filter, p->lane[i])
			    : !filter_thread(filter, row.who.pid, row.who.tid))
			continue;
		row_sum(&row, p);
		t->rows[t->row_count++] = row;
	}
	qsort(t->rows, t->row_count, sizeof(*t->rows), row_compare);
	return true;
}

/* The picture of from..to in place of *p. */
static bool picture_make(struct scale *t, struct reader *r, struct lod_picture *p, int64_t from,
			 int64_t to, unsigned columns)
{
	const struct lod_query query = { .from = from, .to = to, .columns = columns };

	lod_free(p);
	memset(p, 0, sizeof(*p));
	if (reader_lod(r, &query, p, &t->failed) == 0)
		return true;
	memset(p, 0, sizeof(*p));
	return false;
}

void scale_make(struct scale *t, struct reader *r, const struct filter *filter, int columns)
{
	const unsigned wanted =
		columns > (int)LOD_COLUMNS_MAX ? LOD_COLUMNS_MAX : (unsigned)columns;
	const bool wide = t->made_columns == wanted;
	const bool made = wide && t->made_from == t->from && t->made_to == t->to;

	if (columns < 1 || (made && memcmp(&t->made_filter, filter, sizeof(*filter)) == 0))
		return;
	t->made_columns = wanted;
	t->made_from = t->from;
	t->made_to = t->to;
	if (!made)
		t->failed.text[0] = '\0';
	if (!wide)
		picture_make(t, r, &t->all, 0, t->length, wanted);
	if (!made)
		picture_make(t, r, &t->picture, t->from, t->to, wanted);
	if (!rows_make(t, r, filter))
		error_set(&t->failed, 2, "no memory for the lanes");
}
