/* What a core file keeps of a space: the pages that are nowhere else.  Nothing is
 * brought into memory for it, so a reservation of any size costs nothing. */
#include "kernel/lib/string.h"
#include "kernel/mm/change.h"
#include "kernel/mm/table.h"
#include "kernel/mm/tlb.h"

/* A frame that the region shows at addr, mapped yet or not, with a reference; NULL: none. */
static struct page *page_there(const struct space *s, const struct region *r, uint64_t addr)
{
	const uint64_t *entry = paging_entry(s->root, addr, NULL);
	struct page *p;

	if (entry && *entry) {
		p = table_entry_page(*entry);
		page_get(p);
		return p;
	}
	if (!r->file.pages || !pages_covers(r->file.pages, region_index(r, addr)))
		return NULL;
	return pages_lookup(r->file.pages, region_index(r, addr));
}

/* The first page of an ELF file says which file it was; the vDSO is no file at all. */
static bool first_page_kept(const struct space *s, const struct region *r)
{
	struct page *p = r->offset ? NULL : page_there(s, r, r->start);

	if (p)
		page_put(p);
	return p;
}

/* The first page of r from addr on that is kept; r->end: none. */
static uint64_t kept_next(const struct space *s, const struct region *r, uint64_t addr)
{
	struct table_walk w = table_walk(s->root, addr, r->end);
	const uint64_t *entry;
	uint64_t index;

	if (r->flags & REGION_SHARED) {
		if (r->file.file)
			return r->end;
		index = region_index(r, addr);
		if (!pages_seek(r->file.pages, &index, true) || index > region_index(r, r->end - 1))
			return r->end;
		return r->start + (index << PAGE_SHIFT) - r->offset;
	}
	if (r->file.pages && addr == r->start && first_page_kept(s, r))
		return addr;
	while ((entry = table_next(&w)))
		if (!(*entry & PTE_OBJECT))
			return w.at;
	return r->end;
}

bool space_dump_run(struct space *s, uint64_t addr, struct space_run *out)
{
	const struct region *r = NULL;
	uint32_t i;

	space_lock(s);
	i = region_place(&s->regions, addr);
	if (i < s->regions.count) {
		r = s->regions.items[i];
		*out = (struct space_run){
			.region_start = r->start,
			.region_end = r->end,
			.prot = r->prot,
			.file = r->file.file,
			.start = kept_next(s, r, MAX(addr, r->start)),
		};
		out->end = out->start;
		while (out->end < r->end && kept_next(s, r, out->end) == out->end)
			out->end += PAGE_SIZE;
	}
	spin_unlock(&s->lock);
	return r;
}

bool space_peek(struct space *s, uint64_t addr, void *page)
{
	const struct region *r;
	struct page *p = NULL;

	space_lock(s);
	r = region_find(&s->regions, addr);
	if (r)
		p = page_there(s, r, addr);
	if (p)
		memcpy(page, page_data(p), PAGE_SIZE);
	spin_unlock(&s->lock);
	if (p)
		page_put(p);
	return p;
}
