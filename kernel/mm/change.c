#include "kernel/mm/change.h"

#include "kernel/lib/assert.h"
#include "kernel/mm/table.h"
#include "kernel/mm/tlb.h"

/* A page full of pages to put. */
struct page_batch {
	struct page_batch *next;
	uint64_t count;
	struct page *pages[PAGE_SIZE / sizeof(void *) - 2];
};
_Static_assert(sizeof(struct page_batch) == PAGE_SIZE, "a batch is a page");

void change_begin(struct change *c, struct space *s)
{
	KASSERT_DEBUG(irq_enabled());
	space_lock(s);
	c->space = s;
	c->start = UINT64_MAX;
	c->end = 0;
	c->changed = 0;
	c->few_count = 0;
	c->batches = NULL;
	c->regions = NULL;
}

/* Flush what has gathered.  Holds: space->lock. */
static void flush(struct change *c)
{
	if (c->changed)
		tlb_flush(c->space, c->start, c->end, c->changed);
	c->start = UINT64_MAX;
	c->end = 0;
	c->changed = 0;
}

/* Put what was dropped; the flush is done. */
static void put_pages(struct change *c)
{
	struct page_batch *b;

	for (uint32_t i = 0; i < c->few_count; i++)
		page_put(c->few[i]);
	c->few_count = 0;
	while ((b = c->batches)) {
		c->batches = b->next;
		for (uint64_t i = 0; i < b->count; i++)
			page_put(b->pages[i]);
		page_put(page_of(virt_to_phys(b)));
	}
}

void change_end(struct change *c)
{
	struct region *r;

	flush(c);
	spin_unlock(&c->space->lock);
	put_pages(c);
	while ((r = c->regions)) {
		c->regions = r->next;
		region_destroy(r);
	}
}

void change_entry(struct change *c, uint64_t addr)
{
	c->start = MIN(c->start, addr);
	c->end = MAX(c->end, addr + PAGE_SIZE);
	c->changed++;
}

/* Room for one more page; false without memory. */
static bool batch_room(struct change *c)
{
	struct page_batch *b = c->batches;
	struct page *p;

	if (b && b->count < sizeof(b->pages) / sizeof(b->pages[0]))
		return true;
	p = page_alloc_raw();
	if (!p)
		return false;
	b = page_data(p);
	b->count = 0;
	b->next = c->batches;
	c->batches = b;
	return true;
}

void change_drop(struct change *c, struct page *page)
{
	if (c->few_count < CHANGE_FEW) {
		c->few[c->few_count++] = page;
		return;
	}
	if (batch_room(c)) {
		c->batches->pages[c->batches->count++] = page;
		return;
	}
	flush(c);
	put_pages(c);
	page_put(page);
}

void change_region(struct change *c, struct region *r)
{
	r->next = c->regions;
	c->regions = r;
}

static void entry_clear(struct change *c, uint64_t *entry, uint64_t addr)
{
	uint64_t e = *entry;

	*entry = 0;
	if (e & PTE_PRESENT)
		change_entry(c, addr);
	c->space->resident--;
	if (e & PTE_OBJECT)
		c->space->shared--;
	change_drop(c, table_entry_page(e));
}

void change_clear(struct change *c, uint64_t start, uint64_t end)
{
	struct table_walk w = table_walk(c->space->root, start, end);
	uint64_t *entry;

	KASSERT(spin_held(&c->space->lock));
	while ((entry = table_next(&w)))
		entry_clear(c, entry, w.at);
}

void change_clear_object(struct change *c, uint64_t start, uint64_t end)
{
	struct table_walk w = table_walk(c->space->root, start, end);
	uint64_t *entry;

	KASSERT(spin_held(&c->space->lock));
	while ((entry = table_next(&w)))
		if (*entry & PTE_OBJECT)
			entry_clear(c, entry, w.at);
}

int change_split(struct change *c, uint64_t start, uint64_t end)
{
	struct region_table *t = &c->space->regions;
	int error = region_split(t, start);

	if (!error)
		error = region_split(t, end);
	if (error)
		change_join(c, start, start);
	return error;
}

int change_unmap(struct change *c, uint64_t start, uint64_t end)
{
	struct region_table *t = &c->space->regions;
	uint32_t i;
	int error = change_split(c, start, end);

	if (error)
		return error;
	for (i = region_place(t, start); i < t->count && t->items[i]->start < end;) {
		change_clear(c, t->items[i]->start, t->items[i]->end);
		change_region(c, region_remove(t, i));
	}
	return 0;
}

void change_join(struct change *c, uint64_t start, uint64_t end)
{
	struct region_table *t = &c->space->regions;
	uint32_t i = region_place(t, start ? start - 1 : 0);

	while (i < t->count && t->items[i]->start <= end) {
		struct region *r = region_join(t, i);

		if (r)
			change_region(c, r);
		else
			i++;
	}
}
