/* Placing regions; shared by the files that map, move and grow. */
#ifndef KERNEL_MM_SPACE_MAP_H
#define KERNEL_MM_SPACE_MAP_H

#include "kernel/mm/space_state.h"

/* A free range of length bytes: the hint if it is free, else the highest one below
 * the stack; 0: none.  flags: MAP_*.  Holds: space->lock. */
uint64_t space_place(struct space *s, uint64_t hint, uint64_t length, int flags);
/* True if [start, end) is free and not in the guard of a region that grows.
 * Holds: space->lock. */
bool space_place_free(struct space *s, uint64_t start, uint64_t end);
/* Fault in [start, end) as far as it goes. */
void space_populate(struct space *s, uint64_t start, uint64_t end, bool write);
/* The record of a mapping made. */
void space_map_emit(uint64_t start, uint64_t length, uint64_t offset, int prot, int flags,
		    const char *path);

#endif
