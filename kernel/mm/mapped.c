/* Areas are cut from the range upwards, each followed by a page that is never
 * mapped.  A freed area keeps its pages and is given out again for the same size,
 * so nothing is ever unmapped and no CPU has to flush: nearly all areas are kernel
 * stacks, which come and go in one size. */
#include "kernel/mm/mapped.h"

#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"
#include "kernel/mm/page.h"
#include "kernel/sync/spinlock.h"

/* At the start of a freed area. */
struct free_area {
	struct free_area *next;
	size_t size;
};

static struct spinlock lock = SPINLOCK_INIT(RANK_MAPPED, "mapped"); /* interrupts off */
static uint64_t next = MAPPED_BASE + PAGE_SIZE;                     /* [lock] */
static uint64_t spare;                                              /* [lock] pages of: */
static struct free_area *freed;                                     /* [lock] */

/* Cut out size bytes; 0 when the range is used up.  Holds: lock. */
static uint64_t area_cut(size_t size)
{
	uint64_t addr = next;

	if (size > MAPPED_END - PAGE_SIZE - addr)
		return 0;
	next += size + PAGE_SIZE;
	return addr;
}

static void *area_reuse(size_t size)
{
	struct free_area **link = &freed, *found;
	uint64_t flags = spin_lock_irq(&lock);

	while (*link && (*link)->size != size)
		link = &(*link)->next;
	found = *link;
	if (found) {
		*link = found->next;
		spare -= size >> PAGE_SHIFT;
	}
	spin_unlock_irq(&lock, flags);
	return found;
}

/* Map fresh pages at [addr, addr + size); on failure none stays mapped.  The area
 * was never mapped before, so no CPU can hold a translation of it. */
static bool area_fill(uint64_t addr, size_t size)
{
	uint64_t done = 0;

	for (; done < size; done += PAGE_SIZE) {
		struct page *p = page_alloc_raw();

		if (!p)
			break;
		if (!paging_map_kernel(addr + done, page_phys(p), PAGE_SIZE,
				       PTE_PRESENT | PTE_WRITE | PTE_NX)) {
			page_put(p);
			break;
		}
	}
	if (done == size)
		return true;
	for (uint64_t at = 0; at < done; at += PAGE_SIZE) {
		uint64_t *e = paging_entry(paging_kernel_root(), addr + at, NULL);

		page_put(page_of((phys_t){ *e & PTE_ADDRESS }));
	}
	paging_unmap_kernel(addr, done);
	return false;
}

void *mapped_alloc(size_t size)
{
	uint64_t addr, flags;
	void *area;

	size = ALIGN_UP(size, PAGE_SIZE);
	area = area_reuse(size);
	if (!area) {
		flags = spin_lock_irq(&lock);
		addr = area_cut(size);
		if (addr && area_fill(addr, size))
			area = (void *)addr;
		else if (addr)
			next = addr;
		spin_unlock_irq(&lock, flags);
	}
	if (area)
		memset(area, 0, size);
	return area;
}

void mapped_free(void *p, size_t size)
{
	struct free_area *area = p;
	uint64_t flags;

	size = ALIGN_UP(size, PAGE_SIZE);
	KASSERT((uint64_t)p > MAPPED_BASE && (uint64_t)p < MAPPED_END && size);
	area->size = size;
	flags = spin_lock_irq(&lock);
	area->next = freed;
	freed = area;
	spare += size >> PAGE_SHIFT;
	spin_unlock_irq(&lock, flags);
}

uint64_t mapped_pages_spare(void)
{
	return __atomic_load_n(&spare, __ATOMIC_RELAXED);
}

volatile void *mapped_device(phys_t phys, size_t size)
{
	uint64_t offset = phys.raw & PAGE_MASK, addr, flags;
	bool mapped = false;

	size = ALIGN_UP(offset + size, PAGE_SIZE);
	flags = spin_lock_irq(&lock);
	addr = area_cut(size);
	if (addr)
		mapped = paging_map_kernel(addr, (phys_t){ phys.raw - offset }, size,
					   PTE_PRESENT | PTE_WRITE | PTE_NX | PTE_PCD | PTE_PWT);
	spin_unlock_irq(&lock, flags);
	return mapped ? (volatile char *)addr + offset : NULL;
}

void *mapped_join(void *const *pieces, size_t count, size_t bytes)
{
	uint64_t flags = spin_lock_irq(&lock);
	uint64_t addr = ALIGN_UP(next, bytes);
	bool mapped = count * bytes <= MAPPED_END - PAGE_SIZE - addr;

	for (size_t i = 0; mapped && i < count; i++)
		mapped = paging_map_kernel(addr + i * bytes, virt_to_phys(pieces[i]), bytes,
					   PTE_PRESENT | PTE_WRITE | PTE_NX);
	next = addr + count * bytes + PAGE_SIZE;
	spin_unlock_irq(&lock, flags);
	return mapped ? (void *)addr : NULL;
}

bool mapped_is_guard(uint64_t addr)
{
	const uint64_t *e;

	if (addr < MAPPED_BASE || addr >= __atomic_load_n(&next, __ATOMIC_RELAXED))
		return false;
	e = paging_entry(paging_kernel_root(), addr, NULL);
	return !e || !(*e & PTE_PRESENT);
}
