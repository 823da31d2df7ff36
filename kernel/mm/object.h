/* Object caches (slabs) and general allocations.  Memory comes zeroed.  Safe in
 * interrupts.  Every allocation is counted, so that tests can tell leaks. */
#ifndef KERNEL_MM_OBJECT_H
#define KERNEL_MM_OBJECT_H

#include "kernel/lib/types.h"

struct object_cache;

/* A cache of objects of size bytes, aligned to align (a power of two). */
struct object_cache *object_cache_create(const char *name, size_t size, size_t align);
void *object_alloc(struct object_cache *c); /* zeroed, or NULL */
void object_free(struct object_cache *c, void *object);

/* Any size; zeroed, or NULL.  More than a page is rounded to whole pages. */
void *kmalloc(size_t size);
void kfree(void *p); /* NULL is fine */

/* Objects in use over all caches, kmalloc included. */
uint64_t object_count(void);
/* Pages that caches hold, full or not: what is in them is counted as objects. */
uint64_t object_pages(void);
/* One line a cache, for /proc/slabinfo: false at the end. */
bool object_cache_info(unsigned index, const char **name, size_t *size, uint64_t *used,
		       uint64_t *pages);

void object_init(void);

/* For kasan.c: the object around addr, and who allocated and last freed it (0: nobody);
 * false: there is none. */
struct object_owner {
	uint64_t start;
	const char *cache;
	uint64_t allocated_by, freed_by;
};
bool object_owner_find(const void *addr, struct object_owner *out);

#endif
