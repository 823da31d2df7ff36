/* The one way a frame comes into a page table, for faults and for whoever copies
 * to a space that may not be loaded. */
#ifndef KERNEL_MM_SPACE_FAULT_H
#define KERNEL_MM_SPACE_FAULT_H

#include "kernel/mm/change.h"

struct access {
	uint64_t addr; /* first byte of the page */
	bool write, fetch;
	bool force; /* whatever the protection says; never writes to a read-only object */
};

/* Make the access possible: FAULT_*, *frame on success.  Takes: space->lock.
 * May sleep. */
int space_resolve(struct space *s, const struct access *a, uint64_t *frame);
/* True if the entry allows the access already.  Holds: space->lock. */
bool space_access_ready(const struct region *r, uint64_t entry, const struct access *a);

#endif
