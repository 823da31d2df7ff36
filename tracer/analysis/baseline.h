/* Baselines: the sequences of a recording as lines of text.
 *
 *   ringscope baseline 2
 *   command WORDS | exact 0 or 1 | lost N
 *   fact NAME VALUE                       of manifest.h
 *   totals calls errors faults exceptions signals interrupts switches wakeups elapsed idle,
 *          and six costs: user calls faults exceptions interrupts other
 *   thread family tid pid parent ordinal thread start switches, six costs, PROGRAM
 *   item key result kind nr error self waited user TEXT        of the thread above
 *
 * Numbers are decimal, hashes hexadecimal.  Every line is checked. */
#ifndef TRACER_ANALYSIS_BASELINE_H
#define TRACER_ANALYSIS_BASELINE_H

#include <stdbool.h>

#include "tracer/analysis/side.h"

/* Does the file at path begin as a baseline does? */
bool baseline_is(const char *path);
/* Fill s, whose path is set.  0 or status 2. */
int baseline_load(struct side *s, struct error *why);

#endif
