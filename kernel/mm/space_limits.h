/* What a program may have of memory: RLIMIT_AS, RLIMIT_DATA, RLIMIT_MEMLOCK and the
 * default heuristic of overcommit, asked before a region is made, grown, or made
 * writable.  What there is already is counted only when there is a limit. */
#ifndef KERNEL_MM_SPACE_LIMITS_H
#define KERNEL_MM_SPACE_LIMITS_H

#include "kernel/mm/space_state.h"

/* The sizes of s.  Holds: space->lock. */
void space_count(const struct space *s, struct space_usage *out);
/* May s have `pages` more that are like r?  0, -ENOMEM, or -EAGAIN when they would be
 * pinned beyond the limit.  Holds: space->lock. */
int space_growth_check(const struct space *s, const struct region *r, uint64_t pages);
/* May the private region r, all of it, become writable?  Holds: space->lock. */
int space_data_check(const struct space *s, const struct region *r);

#endif
