/* Whether a comparison is a regression, by rules as people write them:
 *
 *   METRIC > NUMBER       it grew by more than NUMBER
 *   METRIC > +NUMBER%     by more than so many percent; with "and NUMBER" also by more
 *                         than that, so that small things may be a little dearer
 *   new ERROR             a program got this error from a call that never gave it
 *                         before; "new errors": any error
 *
 * METRIC: calls errors faults exceptions signals interrupts switches wakeups
 * differences (in structure), user kernel instructions (user + kernel), elapsed; dearer
 * and more, the number of rows (of a program: a call, a cause of faults, ...) that cost
 * more or came more often; each, what one item of a row costs, of whichever row; or
 * NAME.calls, NAME.errors, NAME.kernel of one system call.
 * Costs are instructions in exact recordings, else ns.  Rules are separated by commas.
 *
 * Of one run a side that is not exact, what depends on the host's speed is not judged.
 * Of several runs a side (diff.trial) a rule is broken where it is shown to be, at a
 * level of 5 % for all rules together (Holm); kept where the interval of the growth, 95 %
 * sure, does not exceed its limit; else nobody can tell. */
#ifndef TRACER_ANALYSIS_VERDICT_H
#define TRACER_ANALYSIS_VERDICT_H

#include "tracer/analysis/diff.h"
#include "tracer/analysis/trial.h"

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
	METRIC_DEARER,
	METRIC_MORE,
	METRIC_SHOWN, /* those before are one number a side */
	METRIC_EACH = METRIC_SHOWN,
	METRIC_LIMIT
};

enum rule_outcome { RULE_KEPT, RULE_BROKEN, RULE_UNKNOWN };

struct verdict_rule {
	char text[96]; /* as it was written */
	bool fresh;    /* "new ..." */
	int error;     /* of new: errno, -1 any */
	enum verdict_metric metric;
	int call; /* of one system call, -1: of everything */
	bool percent;
	double limit;
	double least; /* of percent: growth of no more is allowed */
	/* The outcome. */
	enum rule_outcome outcome;
	double was, is;    /* medians of several runs */
	double p;          /* of several runs: that it is not broken */
	char because[200]; /* in words, if it is not kept */
};

struct verdict {
	unsigned count, broken, unknown;
	struct verdict_rule rule[VERDICT_RULES];
};

/* What a diff that names no rules is judged by. */
#define VERDICT_DEFAULT       "differences > 0"
#define VERDICT_DEFAULT_EXACT "differences > 0, instructions > 0"
#define VERDICT_DEFAULT_RUNS  "dearer > 0, more > 0"

/* 0, or status 2: the text is not understood. */
int verdict_parse(struct verdict *v, const char *rules, struct error *why);
/* 0, or status 2: out of memory. */
int verdict_judge(struct verdict *v, const struct diff *d, struct error *why);

/* A metric of one side of the comparison; of several runs their median. */
double verdict_metric(const struct diff *d, enum verdict_metric metric, int side);
/* Does it depend on when things happen, so that it differs between runs that are not
 * exact? */
bool verdict_metric_noisy(enum verdict_metric metric);
const char *verdict_metric_name(enum verdict_metric metric);

#endif
