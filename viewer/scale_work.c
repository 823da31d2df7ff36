#include "viewer/scale_work.h"

#include <stdlib.h>
#include <string.h>

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
static bool rows_make(struct scale_picture *out, struct reader *r, const struct filter *filter,
		      const struct lod_picture *p)
{
	out->rows = calloc(p->lanes + 1, sizeof(*out->rows));
	if (out->rows == NULL)
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
		out->rows[out->row_count++] = row;
	}
	qsort(out->rows, out->row_count, sizeof(*out->rows), row_compare);
	return true;
}

static int lane_compare(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The rows that there are. */
static int list_make(struct scale_work *work, struct reader *r)
{
	const struct scale_query *q = &work->query;
	const struct lod_query list = {
		.from = q->from, .to = q->to, .columns = 1, .cancel = work->stop
	};
	struct lod_picture lanes;
	int status = reader_lod(r, &list, &lanes, &work->out.failed);

	if (status != 0)
		return status;
	if (!rows_make(&work->out, r, &q->filter, &lanes))
		status = error_set(&work->out.failed, 2, "no memory for the lanes");
	work->out.more = lanes.more;
	lod_free(&lanes);
	return status;
}

/* The picture of those from the first on. */
static int drawn_make(struct scale_work *work, struct reader *r)
{
	struct scale_picture *out = &work->out;
	uint32_t lanes[SCALE_DRAWN];
	struct lod_query query = { .from = work->query.from,
				   .to = work->query.to,
				   .columns = work->query.columns,
				   .only = lanes,
				   .cancel = work->stop };
	int status;

	out->first = scale_first(out->rows, out->row_count, work->query.lane);
	for (unsigned i = out->first; i < out->row_count && query.only_count < SCALE_DRAWN; i++)
		lanes[query.only_count++] = out->rows[i].who.lane;
	qsort(lanes, query.only_count, sizeof(*lanes), lane_compare);
	status = reader_lod(r, &query, &out->sums, &out->failed);
	if (status != 0)
		return status;
	for (unsigned i = 0; i < query.only_count; i++) {
		struct scale_row *row = &out->rows[out->first + i];
		const uint32_t *at = bsearch(&row->who.lane, out->sums.lane, out->sums.lanes,
					     sizeof(*at), lane_compare);

		row->drawn = at != NULL;
		row->index = at != NULL ? (unsigned)(at - out->sums.lane) : 0;
	}
	return 0;
}

/* The CPUs in the whole trace. */
static int whole_make(struct scale_work *work, struct reader *r)
{
	uint32_t cpus[LANE_IDLE];
	const struct lod_query query = { .to = work->query.to,
					 .columns = work->query.columns,
					 .only = cpus,
					 .only_count = LANE_IDLE,
					 .cancel = work->stop };

	for (uint32_t i = 0; i < LANE_IDLE; i++)
		cpus[i] = i;
	return reader_lod(r, &query, &work->out.sums, &work->out.failed);
}

void scale_work_make(struct scale_work *work, struct reader *r)
{
	if (work->query.whole) {
		work->status = whole_make(work, r);
		return;
	}
	work->status = list_make(work, r);
	if (work->status == 0)
		work->status = drawn_make(work, r);
}

void scale_work_run(struct job *job, void *cookie)
{
	struct scale_work *work = cookie;
	struct reader *r;

	work->stop = &job->cancel;
	work->status = reader_open(&r, work->path, &work->out.failed);
	work->unopened = work->status != 0;
	if (work->unopened)
		return;
	scale_work_make(work, r);
	reader_close(r);
}

unsigned scale_first(const struct scale_row *rows, unsigned count, uint32_t lane)
{
	const unsigned step = SCALE_DRAWN / 3;

	for (unsigned i = step; i < count; i++)
		if (rows[i].who.lane == lane)
			return (i / step - 1) * step;
	return 0;
}

void scale_picture_free(struct scale_picture *p)
{
	lod_free(&p->sums);
	free(p->rows);
	memset(p, 0, sizeof(*p));
}
