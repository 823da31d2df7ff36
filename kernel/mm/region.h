/* Regions: what a program has mapped where, sorted by address.
 *
 * A table belongs to one space and is guarded by its lock.  What allocates is done
 * before anything is changed: region_reserve, region_create and region_split may
 * fail, the rest cannot. */
#ifndef KERNEL_MM_REGION_H
#define KERNEL_MM_REGION_H

#include "kernel/mm/space.h"

#define REGION_SHARED     0x01 /* writes go to the object */
#define REGION_STACK      0x02 /* the stack made by exec */
#define REGION_GROWS      0x04 /* faults below extend it, up to space->limits.stack */
#define REGION_NO_FORK    0x08 /* MADV_DONTFORK */
#define REGION_WIPE       0x10 /* MADV_WIPEONFORK */
#define REGION_PINNED     0x20 /* mlock: reclaim leaves it alone */
#define REGION_NO_RESERVE 0x40 /* MAP_NORESERVE: not counted as promised */

#define REGION_GUARD (256 * PAGE_SIZE) /* kept free below a region that grows, as on Linux */
#define REGION_MAX   65530             /* sysctl vm.max_map_count of Linux */

struct region {
	uint64_t start, end;  /* whole pages */
	uint64_t offset;      /* of start in the object, in bytes; anonymous: 0 */
	uint8_t prot;         /* PROT_* */
	uint8_t flags;        /* REGION_* */
	uint16_t policy;      /* MPOL_* of mbind: with one node only remembered */
	struct map_file file; /* pages NULL: private anonymous; file NULL: shared anonymous */
	struct region *next;  /* list of regions to be destroyed */
};

struct region_table {
	struct region **items; /* by address */
	uint32_t count, capacity;
	uint32_t last; /* where the last search ended */
};

/* Once, before any region is made. */
void region_init(void);
/* A copy of r with references to its object and file of its own; NULL without
 * memory.  Does not sleep. */
struct region *region_create(const struct region *r);
/* Sleeps: dropping a file may write or free it. */
void region_destroy(struct region *r);

/* Place of the first region that ends after addr; the count if there is none. */
uint32_t region_place(struct region_table *t, uint64_t addr);
/* The region around addr, or NULL. */
struct region *region_find(struct region_table *t, uint64_t addr);
/* True if no region touches [start, end). */
bool region_vacant(struct region_table *t, uint64_t start, uint64_t end);
/* Make room for n regions more: 0 or -ENOMEM. */
int region_reserve(struct region_table *t, uint32_t n);
/* Needs room (region_reserve). */
void region_insert(struct region_table *t, struct region *r);
/* Take the region at place i out; it is the caller's. */
struct region *region_remove(struct region_table *t, uint32_t i);
/* Let no region reach across addr: 0, -ENOMEM, or -EINVAL within a huge page. */
int region_split(struct region_table *t, uint64_t addr);
/* Join the region at place i with the next one if they continue each other: the
 * one that became superfluous, for the caller to destroy, or NULL. */
struct region *region_join(struct region_table *t, uint32_t i);
/* Does fn (NULL: none) like every region of [start, end), and is there no hole?  0, the
 * first error of fn, or -ENOMEM for a hole. */
int regions_check(struct region_table *t, uint64_t start, uint64_t end,
		  int (*fn)(const struct region *r, int argument), int argument);
/* The highest free range of length bytes in [low, high); 0 if there is none. */
uint64_t region_gap(const struct region_table *t, uint64_t length, uint64_t low, uint64_t high);

/* Number of the object's page that addr shows. */
static inline uint64_t region_index(const struct region *r, uint64_t addr)
{
	return (r->offset + (addr - r->start)) >> PAGE_SHIFT;
}

#endif
