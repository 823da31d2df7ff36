/* The pages of an address space as far as they are known, by page number: an open
 * hash table. */
#ifndef TRACER_ANALYSIS_PAGE_TABLE_H
#define TRACER_ANALYSIS_PAGE_TABLE_H

#include <stdbool.h>
#include <stdint.h>

/* A page that is there. */
struct page {
	uint64_t number; /* address / 4096, plus 1: 0 is an empty slot */
	uint64_t frame : 40;
	bool file : 1;   /* it came from a file, and was not copied since */
	bool write : 1;  /* the page table lets its program write */
	bool copied : 1; /* it is a copy that a write made */
};

struct page_table {
	struct page *slot;
	uint32_t size, count; /* size: a power of two, or 0 */
};

static inline uint64_t page_address(const struct page *p)
{
	return (p->number - 1) << 12;
}

/* NULL if it is not there. */
struct page *page_find(const struct page_table *t, uint64_t addr);
/* The page at addr, made empty if it is new.  NULL: no memory. */
struct page *page_put(struct page_table *t, uint64_t addr);
void page_remove(struct page_table *t, struct page *p);
/* Make to an equal of from.  False: no memory, and to is empty. */
bool page_table_copy(struct page_table *to, const struct page_table *from);
void page_table_free(struct page_table *t);

#endif
