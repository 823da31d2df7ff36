/* Several runs a side: what can be said of a change when no two runs cost the same.
 *
 * Each run gives one number a row: how often a program did something, and what it
 * typically cost (the median of the item's own time in that run, which an interrupt
 * in one of many does not move).  The numbers of both sides are compared by rank, with
 * Holm's correction for all that is compared at once: with no change anywhere one
 * comparison in twenty, at most, shows one.
 *
 * A host that is slower for a while makes all calls dearer alike: that is a run's pace,
 * the median over the rows of how much dearer than usual they were.  A row's costs are
 * divided by it where they are then spread less within the sides; the pace is itself one
 * more thing compared, and totals are compared as they are. */
#ifndef TRACER_ANALYSIS_TRIAL_H
#define TRACER_ANALYSIS_TRIAL_H

#include "tracer/analysis/side.h"

#define TRIAL_LEVEL 0.05 /* the chance of any false alarm */

enum trial_outcome {
	TRIAL_NONE,    /* no change is shown */
	TRIAL_MORE,    /* it grew */
	TRIAL_LESS,    /* it shrank */
	TRIAL_UNKNOWN, /* so few runs cannot tell */
};

struct trial_change {
	double median[2]; /* of the runs of each side, as measured */
	double low, high; /* the growth of the median, about 95 % sure */
	double p;         /* corrected for all comparisons of the trial */
	bool above;       /* side B ranks higher */
	enum trial_outcome outcome;
	bool constant; /* the same in each run of both sides: not a comparison */
};

struct trial_row {
	uint8_t kind; /* enum item_kind */
	uint16_t nr;
	char program[WALK_NAME_BYTES];
	/* By run of each side. */
	double *count[2], *errors[2], *self[2]; /* self: ns, all of them */
	double *cost[2];                        /* typical ns of one */
	bool everywhere;                        /* each run has it: its cost can be compared */
	bool paced;                             /* its costs were divided by the pace */
	struct trial_change more, dearer;
	/* inside */
	int64_t *now;
	uint64_t now_count, now_size;
};

/* Errors of a call in a program. */
struct trial_error {
	char program[WALK_NAME_BYTES];
	uint16_t nr;
	uint8_t error;
	double *count[2];
};

struct trial {
	unsigned runs[2];
	unsigned added[2];                 /* of which so many are here */
	struct sequence_totals *totals[2]; /* by run */
	double *differences[2];            /* in structure, from the first run of side A */
	double *pace[2];                   /* 1: as usual */
	struct trial_change slower;        /* the pace */
	struct trial_row *rows;
	uint32_t row_count, row_size;
	struct trial_error *errors;
	uint32_t error_count, error_size;
	unsigned comparisons; /* done at once */
	unsigned needed;      /* runs a side that could show a change in one of them */
	bool paced;           /* costs are divided by the pace */
	bool failed;          /* no memory */
};

/* For so many runs of each side; freed by trial_free.  0, or -1 without memory. */
int trial_init(struct trial *t, unsigned runs_a, unsigned runs_b);
/* Add a run to a side: s is not needed afterwards.  differences: see above. */
void trial_add(struct trial *t, int side, const struct side *s, uint64_t differences);
/* All runs are there: compare.  paced: the runs are not exact.  0 or status 2. */
int trial_judge(struct trial *t, bool paced, struct error *why);
void trial_free(struct trial *t);

/* Compare one pair of samples; p is of both directions and not corrected. */
void trial_compare(struct trial_change *c, const double *a, unsigned n, const double *b,
		   unsigned m);
/* Rows shown to be dearer, or more often there. */
unsigned trial_dearer(const struct trial *t);
unsigned trial_more(const struct trial *t);

#endif
