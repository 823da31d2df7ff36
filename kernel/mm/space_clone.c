/* fork: the child gets the parent's regions and tables.  Private frames become
 * read-only copy-on-write in both. */
#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"
#include "kernel/mm/change.h"
#include "kernel/mm/object.h"
#include "kernel/mm/table.h"

/* Give the child the frames of one region, which both have. */
static bool frames_copy(struct change *c, struct space *child, const struct region *r)
{
	struct table_walk w = table_walk(c->space->root, r->start, r->end);
	uint64_t *entry, *copy = NULL;
	uint64_t last = 0;

	while ((entry = table_next(&w))) {
		uint64_t e = *entry;

		if (copy && (w.at ^ last) < TABLE_SPAN)
			copy += (w.at - last) >> PAGE_SHIFT;
		else
			copy = table_entry_make(child->root, w.at);
		if (!copy)
			return false;
		last = w.at;
		if (!(r->flags & REGION_SHARED) && !(e & PTE_COW)) {
			if (e & PTE_WRITE)
				change_entry(c, w.at);
			e = (e | PTE_COW) & ~(PTE_WRITE | PTE_DIRTY);
			*entry = e;
		}
		page_get(table_entry_page(e));
		*copy = e;
		child->resident++;
		if (e & PTE_OBJECT)
			child->shared++;
	}
	return true;
}

static bool regions_copy(struct change *c, struct space *child)
{
	struct space *parent = c->space;

	if (region_reserve(&child->regions, parent->regions.count))
		return false;
	for (uint32_t i = 0; i < parent->regions.count; i++) {
		const struct region *r = parent->regions.items[i];
		struct region *copy;

		if (r->flags & REGION_NO_FORK)
			continue;
		copy = region_create(r);
		if (!copy)
			return false;
		copy->flags &= ~REGION_PINNED;
		region_insert(&child->regions, copy);
		if (!(r->flags & REGION_WIPE) && !frames_copy(c, child, copy))
			return false;
	}
	return true;
}

/* Holds: from->lock. */
static bool auxiliary_copy(const struct space *from, struct space *to)
{
	const size_t size = SPACE_AUXILIARY_WORDS * sizeof(*to->auxiliary);

	if (!from->auxiliary)
		return true;
	to->auxiliary = kmalloc(size);
	if (to->auxiliary)
		memcpy(to->auxiliary, from->auxiliary, size);
	return to->auxiliary;
}

struct space *space_clone(struct space *s)
{
	struct space *child = space_make();
	struct change c;
	bool complete;

	if (!child)
		return NULL;
	change_begin(&c, s);
	complete = regions_copy(&c, child) && auxiliary_copy(s, child);
	child->marks = s->marks;
	child->map_top = s->map_top;
	child->limits = s->limits;
	/* In the list before the lock is free: a truncation that waits for it then
	 * comes by the child as well. */
	space_publish(child);
	change_end(&c);
	if (complete)
		return child;
	space_put(child);
	return NULL;
}
