/* One change to a space: takes its lock, gathers what was removed, and at the end
 * flushes all CPUs, unlocks, and only then frees: no CPU reaches a freed frame.
 *
 *   struct change c;
 *   change_begin(&c, space);
 *   ... change_entry, change_drop, change_region ...
 *   change_end(&c);
 */
#ifndef KERNEL_MM_CHANGE_H
#define KERNEL_MM_CHANGE_H

#include "kernel/mm/space_state.h"

#define CHANGE_FEW 8

struct page_batch;

struct change {
	struct space *space;
	uint64_t start, end; /* around all addresses whose entry changed */
	uint32_t changed;    /* entries that some CPU may remember */
	uint32_t few_count;
	struct page *few[CHANGE_FEW]; /* dropped pages: the first ones, then batches */
	struct page_batch *batches;
	struct region *regions; /* to be destroyed */
};

/* Takes: space->lock. */
void change_begin(struct change *c, struct space *s);
/* Releases it.  May sleep (files of removed regions are put). */
void change_end(struct change *c);
/* The present entry at addr was cleared, narrowed, or leads elsewhere now. */
void change_entry(struct change *c, uint64_t addr);
/* Put page once the CPUs have flushed. */
void change_drop(struct change *c, struct page *page);
/* Destroy the region, which is out of the table, once the lock is free. */
void change_region(struct change *c, struct region *r);

/* Take out all frames in [start, end), which lies in one region or in none. */
void change_clear(struct change *c, uint64_t start, uint64_t end);
/* Let no region reach across start or end: 0, or as region_split with nothing
 * changed. */
int change_split(struct change *c, uint64_t start, uint64_t end);
/* Of those only the frames that are the object's: private copies stay. */
void change_clear_object(struct change *c, uint64_t start, uint64_t end);
/* Take out all regions in [start, end) with their frames: 0, or as
 * region_split with nothing changed. */
int change_unmap(struct change *c, uint64_t start, uint64_t end);
/* Join what can be joined among the regions that touch [start, end]. */
void change_join(struct change *c, uint64_t start, uint64_t end);

#endif
