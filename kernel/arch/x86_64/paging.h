/* Page tables: layout of the kernel's half, entries, and walking.
 *
 *   0xffff888000000000  direct map of physical memory, no execute
 *   0xffffc90000000000  mapped areas with guard pages: stacks, device registers
 *   0xffffffff80000000  the kernel image
 *
 * The kernel's half (top-level entries 256..511) is the same in every space:
 * its second-level tables are all made at boot, so that copying 256 entries at
 * space creation is enough for ever. */
#ifndef KERNEL_ARCH_PAGING_H
#define KERNEL_ARCH_PAGING_H

#include "kernel/lib/types.h"

#define DIRECT_BASE 0xffff888000000000ull
#define MAPPED_BASE 0xffffc90000000000ull
#define MAPPED_END  0xffffca0000000000ull
#define KERNEL_BASE 0xffffffff80000000ull
#define USER_END    0x00007ffffffff000ull /* first address no program may map */

/* Entry bits: SDM vol. 3, 4.5. */
#define PTE_PRESENT  0x001ull
#define PTE_WRITE    0x002ull
#define PTE_USER     0x004ull
#define PTE_PWT      0x008ull
#define PTE_PCD      0x010ull
#define PTE_ACCESSED 0x020ull
#define PTE_DIRTY    0x040ull
#define PTE_HUGE     0x080ull
#define PTE_GLOBAL   0x100ull
#define PTE_COW      0x200ull /* software: write means copy (present, read-only) */
#define PTE_NX       (1ull << 63)
#define PTE_ADDRESS  0x000ffffffffff000ull

static inline void *phys_to_virt(phys_t p)
{
	return (void *)(DIRECT_BASE + p.raw);
}

/* Of a direct-map or kernel-image address. */
static inline phys_t virt_to_phys(const void *v)
{
	uint64_t a = (uint64_t)v;

	return (phys_t){ a >= KERNEL_BASE ? a - KERNEL_BASE : a - DIRECT_BASE };
}

/* Gives a zeroed page for a table, or NULL. */
typedef void *(*table_alloc_fn)(void);

/* Where tables of the kernel half come from; before anything else here. */
void paging_table_source(table_alloc_fn alloc);
/* Build and load the kernel half for RAM up to ram_end; boot CPU, once. */
void paging_init(uint64_t ram_end);

/* The entry that maps addr under the top-level table root, making tables on the
 * way if alloc is not NULL (with user bits when addr is in the user half).
 * NULL: not there (or no memory), or covered by a huge page.  The caller holds
 * whatever lock protects the tables. */
uint64_t *paging_entry(uint64_t *root, uint64_t addr, table_alloc_fn alloc);
/* Free the tables (not the pages they map) of the user half of root. */
void paging_free_user(uint64_t *root, void (*table_free)(void *table));
/* The kernel's own top-level table: what CPUs without a program run on. */
uint64_t *paging_kernel_root(void);
/* Map [addr, addr+size) of the kernel's half to phys with PTE bits; KASSERTs on
 * misuse; false if there is no memory. */
bool paging_map_kernel(uint64_t addr, phys_t phys, uint64_t size, uint64_t bits);
/* Undo it on this CPU; a mapped area is not reused before all CPUs flushed. */
void paging_unmap_kernel(uint64_t addr, uint64_t size);
/* size bytes of the kernel's half (at most a page of them) can be read without a fault.
 * Takes no lock. */
bool paging_readable(uint64_t addr, size_t size);
/* Load the tables at root on this CPU (a full flush: there is no PCID here). */
void paging_load(const uint64_t *root);
/* The kernel's code: kernel.ld. */
extern char text_start[], text_end[];

#endif
