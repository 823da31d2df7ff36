/* Physical pages.  Each frame of memory has a struct page; a reference count of
 * 0 means free.  Allocation gives zeroed frames; safe in interrupts. */
#ifndef KERNEL_MM_PAGE_H
#define KERNEL_MM_PAGE_H

#include "kernel/arch/x86_64/paging.h"
#include "kernel/sync/atomic.h"

/* What a frame is.  Changed only by whoever owns the frame. */
#define PAGE_RAM   0x01 /* given to page_init; the rest of the array is holes */
#define PAGE_FREE  0x02 /* head of a free block of 2^order frames */
#define PAGE_SLAB  0x04 /* of a slab; owner is the slab */
#define PAGE_LARGE 0x08 /* head of a kmalloc of whole pages */
#define PAGE_USED  0x20 /* of an object: looked up since reclaim came by; under its lock */
#define PAGE_DIRTY 0x10 /* of an object: changed since it was stored; under its lock */

struct page {
	struct ref refs;
	uint8_t order;     /* of the block this is the head of */
	uint8_t flags;     /* PAGE_* */
	void *owner;       /* the owner's (slabs); free blocks: the one before in the list */
	struct page *next; /* the owner's; free blocks: the next one in the list */
};

#define PAGE_ORDER_MAX 10

/* Boot: memory map from the PVH start info; keeps clear of kernel and initrd. */
struct memory_range {
	phys_t start;
	uint64_t size;
};
/* The direct map of these ranges is there and this_cpu() works.  Takes the array
 * of struct page from the first range that has room for it, and becomes the source
 * of page tables. */
void page_init(const struct memory_range *free, unsigned count);

/* A zeroed frame with one reference, or NULL. */
struct page *page_alloc(void);
/* 2^order contiguous zeroed frames, counted as one; order <= 10. */
struct page *page_alloc_order(unsigned order);
/* The same without zeroing: the caller overwrites every byte. */
struct page *page_alloc_raw(void);
static inline void page_get(struct page *p)
{
	ref_get(&p->refs);
}
/* Drop a reference; the last one frees. */
void page_put(struct page *p);

phys_t page_phys(const struct page *p);
struct page *page_of(phys_t phys); /* NULL outside of RAM */
static inline void *page_data(const struct page *p)
{
	return phys_to_virt(page_phys(p));
}
/* Frames the allocator manages; those of them that are free (a snapshot). */
uint64_t page_count_total(void);
uint64_t page_count_free(void);
/* Fewer than the mark are free, roughly: frames on the CPUs' stacks do not count. */
void page_low_mark_set(uint64_t mark);
extern bool page_low;
static inline bool page_is_low(void)
{
	return __atomic_load_n(&page_low, __ATOMIC_RELAXED);
}

/* A zeroed frame as a page table, and back: paging.h's table functions. */
void *page_table_alloc(void);
void page_table_free(void *table);

#endif
