/* The trace as plain lines, one an event, for pipes and screen readers. */
#ifndef VIEWER_LINEAR_H
#define VIEWER_LINEAR_H

#include <stdio.h>

#include "viewer/filter.h"

/* Print the events from first on that pass the filter.  0, or 2 with why filled
 * in if an event cannot be read or the output fails. */
int linear_print(struct reader *r, const struct filter *filter, uint64_t first, bool ascii,
		 FILE *out, struct error *why);

/* One event as a line, with its newline. */
void linear_line(struct reader *r, const struct event *e, bool ascii, FILE *out);

#endif
