#include "kernel/mm/table.h"

#include <linux/mman.h>

/* The last-level table around addr; when there is none, *span is the size of the
 * aligned range that has none. */
static uint64_t *leaf_find(uint64_t *root, uint64_t addr, uint64_t *span)
{
	uint64_t *table = root;

	for (unsigned level = 3; level > 0; level--) {
		unsigned shift = PAGE_SHIFT + 9 * level;
		uint64_t e = table[addr >> shift & 511];

		if (!(e & PTE_PRESENT)) {
			*span = 1ull << shift;
			return NULL;
		}
		table = phys_to_virt((phys_t){ e & PTE_ADDRESS });
	}
	return table;
}

uint64_t *table_next(struct table_walk *w)
{
	uint64_t span = 0;

	while (w->next < w->end) {
		if (!w->leaf || !(w->next & (TABLE_SPAN - 1))) {
			w->leaf = leaf_find(w->root, w->next, &span);
			if (!w->leaf) {
				w->next = ALIGN_DOWN(w->next, span) + span;
				continue;
			}
		}
		w->at = w->next;
		w->next += PAGE_SIZE;
		if (w->leaf[w->at >> PAGE_SHIFT & 511])
			return &w->leaf[w->at >> PAGE_SHIFT & 511];
	}
	return NULL;
}

/* Accessed and dirty are set at once: nobody asks for them, and the CPU need not
 * write them. */
uint64_t table_entry_value(const struct region *r, uint64_t e)
{
	e &= PTE_ADDRESS | PTE_COW | PTE_OBJECT;
	if (r->prot & (PROT_READ | PROT_WRITE | PROT_EXEC))
		e |= PTE_PRESENT | PTE_USER | PTE_ACCESSED;
	if (r->prot & PROT_WRITE && !(e & PTE_COW))
		e |= PTE_WRITE | PTE_DIRTY;
	if (!(r->prot & PROT_EXEC))
		e |= PTE_NX;
	return e;
}
