/* ringscope diff BASE... -- NEW...: several runs a side. */
#include <stdio.h>
#include <stdlib.h>

#include "tracer/analysis/trial.h"
#include "tracer/analysis/verdict.h"
#include "tracer/cli/diff_request.h"

/* What is open while the runs are read, one after the other. */
struct series {
	const struct diff_request *r;
	struct trial trial;
	struct ignore ignore;
	struct side first[2];
	bool open[2];
	int64_t began[2], ended[2]; /* when the first and the last of a side were recorded */
};

static void series_time(struct series *s, int side, const struct side *run)
{
	if (!s->trial.added[side] || run->started < s->began[side])
		s->began[side] = run->started;
	if (!s->trial.added[side] || run->started > s->ended[side])
		s->ended[side] = run->started;
}

/* One more run of a side; what is wrong with it is wrong with the comparison. */
static int run_add(struct series *s, int side, struct side *run, struct error *why)
{
	struct side *base = &s->first[0];
	struct diff d = { 0 };
	int status = 0;

	if (!s->r->force)
		status = diff_sides_check(base, run, false, why);
	else
		diff_loss_tell(run);
	status = status ? status : diff_make(&d, base, run, &s->ignore, why);
	if (!status) {
		series_time(s, side, run);
		trial_add(&s->trial, side, run, diff_count(&d));
	}
	diff_free(&d);
	return status;
}

static int series_read(struct series *s, struct error *why)
{
	int status = 0;

	for (int side = 0; side < 2; side++)
		for (unsigned i = 0; i < s->r->runs[side].count && !status; i++) {
			struct side other, *run = i ? &other : &s->first[side];

			status = side_open(run, s->r->runs[side].paths[i], why);
			if (status)
				break;
			s->open[side] = true;
			status = side_load(run, NULL, why);
			status = status ? status : run_add(s, side, run, why);
			if (i)
				side_close(run);
		}
	return status;
}

/* A slower hour of the host looks as a change of what was recorded in it. */
static void series_warn(const struct series *s)
{
	if (s->first[0].exact || !s->began[0] || !s->began[1])
		return;
	if (s->ended[0] < s->began[1] || s->ended[1] < s->began[0])
		fputs("ringscope: all runs of one side were recorded before those of the other: if"
		      " the host was slower then, that shows as a change; record both in turn\n",
		      stderr);
}

int diff_compare_runs(const struct diff_request *r, struct error *why)
{
	struct series *s = calloc(1, sizeof(*s));
	struct diff d = { 0 };
	int status;

	if (!s || trial_init(&s->trial, r->runs[0].count, r->runs[1].count)) {
		free(s);
		return error_set(why, 2, "cannot compare the traces: out of memory");
	}
	s->r = r;
	status = diff_ignore_read(&s->ignore, r, r->runs[0].paths[0], why);
	status = status ? status : series_read(s, why);
	status = status ? status : trial_judge(&s->trial, !s->first[0].exact, why);
	status = status ? status : diff_make(&d, &s->first[0], &s->first[1], &s->ignore, why);
	if (!status) {
		series_warn(s);
		d.trial = &s->trial;
		status = diff_verdict(r, &d, r->rules ? r->rules : VERDICT_DEFAULT_RUNS, why);
	}
	diff_free(&d);
	for (int side = 0; side < 2; side++)
		if (s->open[side])
			side_close(&s->first[side]);
	trial_free(&s->trial);
	free(s);
	return status;
}
