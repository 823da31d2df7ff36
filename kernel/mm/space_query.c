/* What is asked about ranges of a space, and what is only remembered of them: which
 * pages are in memory, memory policies, remap_file_pages. */
#include <linux/errno.h>
#include <linux/mman.h>

#include "kernel/mm/change.h"
#include "kernel/mm/table.h"
#include "kernel/mm/tlb.h"
#include "kernel/trace/trace.h"

/* Is the page of region r at addr in memory, mapped yet or not? */
static bool page_resident(const struct space *s, const struct region *r, uint64_t addr)
{
	const uint64_t *entry = paging_entry(s->root, addr, NULL);
	struct page *p;

	if (entry && *entry)
		return true;
	if (!r->file.pages || !pages_covers(r->file.pages, region_index(r, addr)))
		return false;
	p = pages_lookup(r->file.pages, region_index(r, addr));
	if (p)
		page_put(p);
	return p;
}

int space_residence(struct space *s, uint64_t addr, uint64_t count, uint8_t *out)
{
	const struct region *r;
	int error = 0;

	space_lock(s);
	for (uint64_t i = 0; i < count && !error; i++) {
		r = region_find(&s->regions, addr + (i << PAGE_SHIFT));
		if (r)
			out[i] = page_resident(s, r, addr + (i << PAGE_SHIFT));
		else
			error = -ENOMEM;
	}
	spin_unlock(&s->lock);
	return error;
}

int space_page_mapped(struct space *s, uint64_t addr)
{
	const uint64_t *entry;
	int result = -EFAULT;

	space_lock(s);
	if (region_find(&s->regions, addr)) {
		entry = paging_entry(s->root, addr, NULL);
		result = entry && *entry;
	}
	spin_unlock(&s->lock);
	return result;
}

int space_policy_set(struct space *s, uint64_t addr, uint64_t length, uint16_t policy)
{
	struct region_table *t = &s->regions;
	uint64_t end = addr + length;
	struct change c;
	int error;

	change_begin(&c, s);
	error = regions_check(t, addr, end, NULL, 0) ? -EFAULT : 0;
	if (!error)
		error = change_split(&c, addr, end);
	for (uint32_t i = region_place(t, addr); !error && i < t->count && t->items[i]->start < end;
	     i++)
		t->items[i]->policy = policy;
	if (!error)
		change_join(&c, addr, end);
	change_end(&c);
	return error;
}

int space_policy_get(struct space *s, uint64_t addr, uint16_t *policy)
{
	const struct region *r;

	space_lock(s);
	r = region_find(&s->regions, addr);
	if (r)
		*policy = r->policy;
	spin_unlock(&s->lock);
	return r ? 0 : -EFAULT;
}

/* The mapping around [addr, addr + length) with references of its own; -EINVAL if it is
 * none of a shared object. */
static int mapping_get(struct space *s, uint64_t addr, uint64_t length, struct region *out)
{
	const struct region *r;
	int error = 0;

	space_lock(s);
	r = region_find(&s->regions, addr);
	if (!r || !(r->flags & REGION_SHARED) || addr + length > r->end) {
		error = -EINVAL;
	} else {
		*out = *r;
		pages_get(out->file.pages);
		if (out->file.file)
			out->file.get(out->file.file);
	}
	spin_unlock(&s->lock);
	return error;
}

int space_remap_pages(struct space *s, uint64_t addr, uint64_t length, uint64_t index)
{
	struct region r;
	int64_t placed;
	int error = mapping_get(s, addr, length, &r);

	if (error)
		return error;
	placed = space_map(s, addr, length, r.prot,
			   MAP_SHARED | MAP_FIXED | MAP_POPULATE | space_file_flags(&r.file),
			   &r.file, index << PAGE_SHIFT);
	pages_put(r.file.pages);
	if (r.file.file)
		r.file.put(r.file.file);
	return placed < 0 ? (int)placed : 0;
}

/* Does r show the file of which page 0 would be at addr? */
static bool region_of_file(const struct region *r, uint64_t addr, void (*put)(void *file))
{
	return r->file.file && r->file.put == put && r->start - addr == r->offset;
}

int space_unmap_file(struct space *s, uint64_t addr, void (*put)(void *file))
{
	struct region_table *t = &s->regions;
	const struct pages *object = NULL;
	uint64_t length = 0;
	struct change c;
	int error = 0;

	change_begin(&c, s);
	for (uint32_t i = region_place(t, addr); i < t->count && !error; i++) {
		const struct region *r = t->items[i];

		if (r->start < addr || !region_of_file(r, addr, put) ||
		    (object && r->file.pages != object))
			continue;
		object = r->file.pages;
		length = pages_size(object);
		error = change_unmap(&c, r->start, r->end);
		i--;
	}
	change_end(&c);
	if (!error && object)
		TRACE(unmap, .start = addr, .length = length);
	return object ? error : -EINVAL;
}
