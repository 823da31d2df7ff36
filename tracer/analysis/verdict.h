/* Whether a comparison is a regression, by rules as people write them:
 *
 *   METRIC > NUMBER       it grew by more than NUMBER
 *   METRIC > +NUMBER%     by more than so many percent
 *   new ERROR             a program got this error from a call that never gave it
 *                         before; "new errors": any error
 *
 * METRIC: calls errors faults exceptions signals interrupts switches wakeups
 * differences (in structure), user kernel instructions (user + kernel), elapsed; or
 * NAME.calls, NAME.errors, NAME.kernel of one system call.  Costs are instructions in
 * exact recordings, else ns; "instructions" is refused outside them.  Rules are
 * separated by commas. */
#ifndef TRACER_ANALYSIS_VERDICT_H
#define TRACER_ANALYSIS_VERDICT_H

#include "tracer/analysis/diff.h"

#define VERDICT_RULES 64

enum verdict_metric {
	METRIC_CALLS,
	METRIC_ERRORS,
	METRIC_FAULTS,
	METRIC_EXCEPTIONS,
	METRIC_SIGNALS,
	METRIC_INTERRUPTS,
	METRIC_SWITCHES,
	METRIC_WAKEUPS,
	METRIC_DIFFERENCES,
	METRIC_USER,
	METRIC_KERNEL,
	METRIC_INSTRUCTIONS,
	METRIC_ELAPSED,
	METRIC_LIMIT
};

struct verdict_rule {
	char text[96]; /* as it was written */
	bool fresh;    /* "new ..." */
	int error;     /* of new: errno, -1 any */
	enum verdict_metric metric;
	int call; /* of one system call, -1: of everything */
	bool percent;
	double limit;
	/* The outcome. */
	bool broken;
	double was, is;
	char because[160]; /* in words, if broken */
};

struct verdict {
	unsigned count, broken;
	struct verdict_rule rule[VERDICT_RULES];
};

/* What a diff that names no rules is judged by. */
#define VERDICT_DEFAULT       "differences > 0"
#define VERDICT_DEFAULT_EXACT "differences > 0, instructions > 0"

/* 0, or status 2: the text is not understood. */
int verdict_parse(struct verdict *v, const char *rules, struct error *why);
/* 0, or status 3: a rule asks for what these recordings cannot tell. */
int verdict_judge(struct verdict *v, const struct diff *d, struct error *why);

/* A metric of one side of the comparison. */
double verdict_metric(const struct diff *d, enum verdict_metric metric, int side);
const char *verdict_metric_name(enum verdict_metric metric);

#endif
