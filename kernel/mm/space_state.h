/* What a space is made of; for the files of mm/ that work on one.
 *
 * The lock is a spin lock, taken with interrupts on and held while other CPUs are
 * asked to flush: until they have, nothing may be mapped where something was
 * removed.  Whoever spins on it has interrupts on and so answers the flush.
 * Nothing sleeps under it: reading a file page, dropping a file and freeing
 * regions happen outside of it, and a fault starts over after that.
 *
 * Reading order: region.h, table.h, tlb.h, change.h, then space*.c. */
#ifndef KERNEL_MM_SPACE_STATE_H
#define KERNEL_MM_SPACE_STATE_H

#include "kernel/lib/list.h"
#include "kernel/mm/region.h"
#include "kernel/sync/spinlock.h"

#define SPACE_LOWEST 0x10000ull /* sysctl vm.mmap_min_addr of Linux */

/* Locks: [I] at birth   [l] lock   [a] atomic   [L] space_list_lock   [m] see marks */
struct space {
	struct ref refs; /* [a] */
	struct spinlock lock;
	uint64_t serial;             /* [I] */
	uint64_t *root;              /* [I] top-level page table */
	uint64_t loaded;             /* [a] CPUs whose CR3 is root; bit a CPU */
	uint64_t flushes;            /* [a] flushes so far: what a CPU loaded earlier is stale */
	bool reaped;                 /* [l] memory was taken away: out of memory */
	bool dying;                  /* [a] no references: CPUs let go of it */
	struct region_table regions; /* [l] */
	uint64_t resident, shared;   /* [l] frames in the tables; objects' among them */
	uint64_t map_top;            /* [l] mmap searches downwards from here */
	struct space_limits limits;  /* [a] each of them */
	bool pin_new, pin_on_fault;  /* [l] MCL_FUTURE, MCL_ONFAULT */
	struct list link;            /* [L] */
	struct space_marks marks;    /* [m] heap_*: lock; the rest: exec, prctl */
	uint64_t *auxiliary;         /* [l] what prctl gave; NULL: nothing */
};

extern struct list space_list; /* [L] all spaces, those made later behind */
extern struct spinlock space_list_lock;

/* An empty space that is not in the list yet. */
struct space *space_make(void);
void space_publish(struct space *s);

static inline uint64_t pages_bytes(uint64_t length)
{
	return ALIGN_UP(length, PAGE_SIZE);
}

#endif
