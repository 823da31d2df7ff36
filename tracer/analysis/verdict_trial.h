/* Rules judged by several runs a side: the part of verdict.h that is statistics. */
#ifndef TRACER_ANALYSIS_VERDICT_TRIAL_H
#define TRACER_ANALYSIS_VERDICT_TRIAL_H

#include "tracer/analysis/verdict.h"

/* Set the outcome of each rule.  0, or -1 without memory. */
int verdict_trial(struct verdict *v, const struct trial *t, bool exact);
/* What a rule is about, in each run of a side; how many.  to has room for them. */
unsigned verdict_samples(const struct verdict_rule *r, const struct trial *t, int side, double *to);

/* A metric that is a sum over one run. */
double verdict_total(const struct sequence_totals *t, enum verdict_metric metric);
/* Does a growth from was to is exceed what the rule allows? */
bool verdict_exceeds(const struct verdict_rule *r, double was, double is);

#endif
