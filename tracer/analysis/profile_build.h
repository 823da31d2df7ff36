/* The tables of a profile while it is made. */
#ifndef TRACER_ANALYSIS_PROFILE_BUILD_H
#define TRACER_ANALYSIS_PROFILE_BUILD_H

#include "tracer/analysis/profile.h"

#define PROFILE_NONE UINT32_MAX

/* The child of parent with that name, made if it is new (parent PROFILE_NONE: the
 * root); PROFILE_NONE without memory. */
uint32_t profile_node_get(struct profile *p, uint32_t parent, const char *name);
/* Add to the row or the wait of that name.  0, or -1 without memory. */
int profile_row_add(struct profile *p, const char *name, const struct walk_span *s,
		    const struct profile_config *config, bool error);
int profile_share_add(struct profile *p, const struct profile_share *s);
int profile_wait_add(struct profile *p, const struct profile_wait *w);
/* Percentiles, order, sums of the tree. */
void profile_sort(struct profile *p);

#endif
