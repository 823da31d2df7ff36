/* Kernel virtual areas with an unmapped guard page on both sides. */
#ifndef KERNEL_MM_MAPPED_H
#define KERNEL_MM_MAPPED_H

#include "kernel/arch/x86_64/paging.h"

/* size bytes of fresh zeroed pages, read-write, not executable; NULL if there is no
 * memory.  Safe in thread context only. */
void *mapped_alloc(size_t size);
/* The pages stay with the area, which later allocations of the same size get. */
void mapped_free(void *p, size_t size);
/* Pages of areas that are free. */
uint64_t mapped_pages_spare(void);
/* Device registers, uncached.  Never unmapped; NULL if there is no memory. */
volatile void *mapped_device(phys_t phys, size_t size);
/* count pieces of that many bytes (a power of two) of the caller's memory, one behind
 * the other, aligned to their size.  Never unmapped; NULL if there is no memory. */
void *mapped_join(void *const *pieces, size_t count, size_t bytes);
/* True if addr is in the guard page of an area (for the panic text). */
bool mapped_is_guard(uint64_t addr);

#endif
