/* Page tables of a program.  A last-level entry is 0 or holds a frame with one
 * reference; it is present when the region lets the program access it at all.
 *
 * The caller holds the space's lock. */
#ifndef KERNEL_MM_TABLE_H
#define KERNEL_MM_TABLE_H

#include "kernel/mm/page.h"
#include "kernel/mm/region.h"

/* Software bits of entries, beside PTE_COW. */
#define PTE_OBJECT 0x400ull /* the frame is the object's, not a private copy */

#define TABLE_SPAN (512 * PAGE_SIZE) /* what one last-level table covers */

/* Going over the entries of [at, end) that hold a frame:
 *
 *   struct table_walk w = table_walk(root, start, end);
 *   while ((entry = table_next(&w)))       w.at is the entry's address */
struct table_walk {
	uint64_t *root;
	uint64_t *leaf; /* the last-level table around `next` */
	uint64_t at, next, end;
};

static inline struct table_walk table_walk(uint64_t *root, uint64_t start, uint64_t end)
{
	return (struct table_walk){ .root = root, .next = start, .end = end };
}

uint64_t *table_next(struct table_walk *w);

/* The entry for addr, making tables; NULL without memory. */
static inline uint64_t *table_entry_make(uint64_t *root, uint64_t addr)
{
	return paging_entry(root, addr, page_table_alloc);
}

/* The entry for a frame of region r; e: its address and software bits. */
uint64_t table_entry_value(const struct region *r, uint64_t e);

static inline struct page *table_entry_page(uint64_t e)
{
	return page_of((phys_t){ e & PTE_ADDRESS });
}

#endif
