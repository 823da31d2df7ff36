/* The rows of a comparison: the part of diff.h that counts. */
#ifndef TRACER_ANALYSIS_DIFF_ROWS_H
#define TRACER_ANALYSIS_DIFF_ROWS_H

#include "tracer/analysis/diff.h"

/* Fill rows and errors of d, whose threads are matched and aligned.  0, or -1 without
 * memory. */
int diff_rows(struct diff *d);

#endif
