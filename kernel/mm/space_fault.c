/* Page faults.  An attempt holds the space's lock from the region's search to the
 * entry's change.  When a page of an object is not in memory the attempt ends, the
 * page is read without the lock, and the fault starts over: regions may have
 * changed meanwhile, the page is now found. */
#include "kernel/mm/space_fault.h"

#include <linux/errno.h>
#include <linux/mman.h>

#include "kernel/arch/x86_64/frame.h"
#include "kernel/lib/string.h"
#include "kernel/mm/reclaim.h"
#include "kernel/mm/space_limits.h"
#include "kernel/mm/space_map.h"
#include "kernel/mm/table.h"
#include "kernel/mm/tlb.h"
#include "schemas/events.h"

#define AROUND 16 /* pages of a file that a read may map at once; a power of two */

#define FAULT_AGAIN 0 /* of an attempt: read what is missing first */

struct attempt {
	struct change change;
	const struct access *access;
	struct region *region;
	uint64_t *entry;
	bool grown;
	struct pages *missing; /* with a reference */
	uint64_t missing_index;
};

static bool region_allows(const struct region *r, const struct access *a)
{
	if (a->force)
		return !a->write || r->prot & PROT_WRITE || !(r->flags & REGION_SHARED);
	if (a->write)
		return r->prot & PROT_WRITE;
	if (a->fetch)
		return r->prot & PROT_EXEC;
	return r->prot & (PROT_READ | PROT_WRITE | PROT_EXEC);
}

bool space_access_ready(const struct region *r, uint64_t entry, const struct access *a)
{
	return entry && region_allows(r, a) && !(a->write && entry & PTE_COW);
}

/* Extend the region above addr down to it, if it grows. */
static struct region *region_grow(struct space *s, uint64_t addr)
{
	uint32_t i = region_place(&s->regions, addr);
	struct region *r, *below;

	if (i == s->regions.count)
		return NULL;
	r = s->regions.items[i];
	if (!(r->flags & REGION_GROWS) || r->end - addr > s->limits.stack || addr < SPACE_LOWEST ||
	    space_growth_check(s, r, (r->start - addr) >> PAGE_SHIFT))
		return NULL;
	below = i ? s->regions.items[i - 1] : NULL;
	if (below && below->prot && !(below->flags & REGION_GROWS) &&
	    addr - below->end < REGION_GUARD)
		return NULL;
	space_map_emit(addr, r->start - addr, 0, r->prot, MAP_PRIVATE | MAP_GROWSDOWN,
		       r->flags & REGION_STACK ? "[stack]" : "");
	r->start = addr;
	return r;
}

/* Point the entry at a frame; bits: software bits.  The reference moves in. */
static void entry_fill(struct attempt *t, const struct page *p, uint64_t bits)
{
	struct space *s = t->change.space;

	*t->entry = table_entry_value(t->region, page_phys(p).raw | bits);
	s->resident++;
	if (bits & PTE_OBJECT)
		s->shared++;
}

static int fill_anonymous(struct attempt *t)
{
	struct page *p = page_alloc();

	if (!p)
		return FAULT_NO_MEMORY;
	entry_fill(t, p, 0);
	return t->grown ? FAULT_STACK : FAULT_DEMAND_ZERO;
}

/* A private copy of p, which is put once no CPU reads it any more. */
static struct page *page_copy(struct attempt *t, struct page *p)
{
	struct page *copy = page_alloc_raw();

	if (!copy)
		return NULL;
	memcpy(page_data(copy), page_data(p), PAGE_SIZE);
	change_drop(&t->change, p);
	return copy;
}

/* A page was read: what the object has in memory around it, in the aligned AROUND
 * pages, is mapped in the same way, and its faults never happen.  Value: of an entry
 * for frame 0. */
static void fill_around(struct attempt *t, uint64_t value)
{
	const struct region *r = t->region;
	struct space *s = t->change.space;
	uint64_t at = t->access->addr;
	uint64_t start = MAX(ALIGN_DOWN(at, AROUND * PAGE_SIZE), r->start);
	uint64_t index = region_index(r, start);
	uint64_t end = MIN(ALIGN_DOWN(at, AROUND * PAGE_SIZE) + AROUND * PAGE_SIZE, r->end);
	uint64_t pages = (pages_size(r->file.pages) + PAGE_MASK) >> PAGE_SHIFT;
	uint64_t *entry = t->entry - ((at - start) >> PAGE_SHIFT);
	struct page *run[AROUND];
	unsigned n, filled = 0;

	if (index >= pages)
		return;
	n = pages_lookup_run(r->file.pages, index,
			     (unsigned)MIN((end - start) >> PAGE_SHIFT, pages - index), run);
	for (unsigned i = 0; i < n; i++) {
		if (run[i] && !entry[i]) {
			entry[i] = value | page_phys(run[i]).raw;
			filled++;
		} else if (run[i]) {
			page_put(run[i]);
		}
	}
	s->resident += filled;
	s->shared += filled;
}

/* Map the object's page p for a reader, without a copy. */
static void fill_read(struct attempt *t, const struct page *p, uint64_t bits)
{
	entry_fill(t, p, bits);
	fill_around(t, table_entry_value(t->region, bits));
}

static int fill_object(struct attempt *t)
{
	struct region *r = t->region;
	uint64_t index = region_index(r, t->access->addr);
	struct page *p, *copy;

	if (!pages_covers(r->file.pages, index))
		return FAULT_BUS;
	p = pages_lookup(r->file.pages, index);
	if (!p) {
		t->missing = r->file.pages;
		t->missing_index = index;
		pages_get(t->missing);
		return FAULT_AGAIN;
	}
	if (r->flags & REGION_SHARED) {
		if (t->access->write) {
			pages_dirty(r->file.pages, index, p);
			entry_fill(t, p, PTE_OBJECT);
		} else {
			fill_read(t, p,
				  pages_tracked(r->file.pages) ? PTE_OBJECT | PTE_COW : PTE_OBJECT);
		}
		return r->file.file ? FAULT_FILE : FAULT_DEMAND_ZERO;
	}
	if (!t->access->write) {
		fill_read(t, p, PTE_OBJECT | PTE_COW);
		return FAULT_FILE;
	}
	copy = page_copy(t, p);
	if (!copy) {
		page_put(p);
		return FAULT_NO_MEMORY;
	}
	entry_fill(t, copy, 0);
	return FAULT_COW;
}

/* A write to a frame that others may see as well. */
static int fill_copy(struct attempt *t)
{
	struct space *s = t->change.space;
	uint64_t e = *t->entry;
	struct page *p = table_entry_page(e), *copy;

	if (t->region->flags & REGION_SHARED) { /* no copy: the object wants to know */
		pages_dirty(t->region->file.pages, region_index(t->region, t->access->addr), p);
		*t->entry = table_entry_value(t->region, e & (PTE_ADDRESS | PTE_OBJECT));
		tlb_flush_here(s, t->access->addr);
		return FAULT_COW_REUSE;
	}
	if (!(e & PTE_OBJECT) && ref_count(&p->refs) == 1) {
		*t->entry = table_entry_value(t->region, e & PTE_ADDRESS);
		tlb_flush_here(s, t->access->addr);
		return FAULT_COW_REUSE;
	}
	copy = page_copy(t, p);
	if (!copy)
		return FAULT_NO_MEMORY;
	if (e & PTE_OBJECT)
		s->shared--;
	*t->entry = table_entry_value(t->region, page_phys(copy).raw);
	change_entry(&t->change, t->access->addr);
	return FAULT_COW;
}

static int attempt_access(struct attempt *t)
{
	struct space *s = t->change.space;
	const struct access *a = t->access;

	if (unlikely(s->reaped))
		return FAULT_BUS;
	t->region = region_find(&s->regions, a->addr);
	if (!t->region) {
		t->region = region_grow(s, a->addr);
		t->grown = true;
	}
	if (!t->region)
		return FAULT_NO_REGION;
	if (!region_allows(t->region, a))
		return FAULT_PROTECTION;
	t->entry = table_entry_make(s->root, a->addr);
	if (!t->entry)
		return FAULT_NO_MEMORY;
	if (!*t->entry)
		return t->region->file.pages ? fill_object(t) : fill_anonymous(t);
	if (!space_access_ready(t->region, *t->entry, a))
		return fill_copy(t);
	tlb_flush_here(s, a->addr);
	return FAULT_SPURIOUS;
}

/* Read the page the attempt lacked: FAULT_AGAIN, or why it cannot be had. */
static int read_missing(struct attempt *t)
{
	int error;
	struct page *p = pages_find(t->missing, t->missing_index, true, &error);

	if (p)
		page_put(p);
	pages_put(t->missing);
	if (p)
		return FAULT_AGAIN;
	return error == -ENOMEM ? FAULT_NO_MEMORY : FAULT_BUS;
}

int space_resolve(struct space *s, const struct access *a, uint64_t *frame)
{
	struct attempt t;
	int cause;

	t.access = a;
	t.grown = false;
	do {
		if (unlikely(!memory_room()))
			return FAULT_NO_MEMORY;
		change_begin(&t.change, s);
		cause = attempt_access(&t);
		if (cause >= FAULT_DEMAND_ZERO && cause <= FAULT_SPURIOUS)
			*frame = (*t.entry & PTE_ADDRESS) >> PAGE_SHIFT;
		change_end(&t.change);
	} while (cause == FAULT_AGAIN && (cause = read_missing(&t)) == FAULT_AGAIN);
	return cause;
}

int space_fault(struct space *s, uint64_t addr, unsigned error, uint64_t *frame)
{
	struct access a = {
		.addr = ALIGN_DOWN(addr, PAGE_SIZE),
		.write = error & PF_WRITE,
		.fetch = error & PF_FETCH,
	};

	*frame = 0;
	if (addr >= USER_END)
		return FAULT_NO_REGION;
	return space_resolve(s, &a, frame);
}
