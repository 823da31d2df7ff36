/* The selected row of the profile: what its time was spent as, and when its durations were
 * how long. */
#ifndef VIEWER_SPREAD_H
#define VIEWER_SPREAD_H

#include "tracer/analysis/profile.h"
#include "viewer/grid.h"
#include "viewer/session.h"

/* Rows used of area, from its top. */
int paint_spread(const struct session *s, struct grid *grid, struct rect area,
		 const struct profile_row *row);

#endif
