/* When memory gets short: what can be had again is given up first, then somebody is
 * ended.
 *
 * Frames for programs and files are taken only while more than a reserve is free; the
 * kernel's own allocations (tables, objects, stacks) may use the reserve, and give
 * ENOMEM when that is gone, too.  Below the low mark reclaim runs until the high one.
 * Where a frame is about to be taken and the caller may sleep, memory_room asks. */
#ifndef KERNEL_MM_RECLAIM_H
#define KERNEL_MM_RECLAIM_H

#include "kernel/lib/list.h"
#include "kernel/mm/page.h"

/* Gives up about `wanted` frames, if it can; how many it gave, roughly.  Pass 0: only
 * what was not used lately; 1: whatever it can.  In thread context, may sleep. */
struct reclaimer {
	uint64_t (*reclaim)(uint64_t wanted, unsigned pass);
	struct list link;
};

void reclaim_init(void);
/* At boot.  Those added first are asked first. */
void reclaim_add(struct reclaimer *r);
/* Reclaims: true if a program may take a frame then. */
bool reclaim_run(void);

/* May a frame be taken for a program or a file?  May sleep. */
static inline bool memory_room(void)
{
	return likely(!page_is_low()) || reclaim_run();
}

#endif
