/* Taking pages away from whoever has them: a file shrank or got a hole, memory is short. */
#include "kernel/mm/change.h"
#include "kernel/mm/table.h"

/* A reference to s unless its last one is gone already.  Holds: space_list_lock. */
static bool space_try_get(struct space *s)
{
	uint32_t n = ref_count(&s->refs);

	while (n && !__atomic_compare_exchange_n(&s->refs.count, &n, n + 1, false, __ATOMIC_RELAXED,
						 __ATOMIC_RELAXED))
		;
	return n != 0;
}

/* The space behind `after` (NULL: the first) with a reference; drops that of after. */
static struct space *space_after(struct space *after)
{
	struct list *at;
	struct space *found = NULL;

	spin_lock(&space_list_lock);
	at = after ? after->link.next : space_list.next;
	for (; at != &space_list && !found; at = at->next)
		if (space_try_get(list_entry(at, struct space, link)))
			found = list_entry(at, struct space, link);
	spin_unlock(&space_list_lock);
	if (after)
		space_put(after);
	return found;
}

/* The part of region r that shows the pages [first, end) of its object, if any. */
static bool part_shown(const struct region *r, uint64_t first, uint64_t end, uint64_t *from,
		       uint64_t *to)
{
	uint64_t low = MAX(first, region_index(r, r->start));
	uint64_t high = MIN(end, region_index(r, r->end));

	if (low >= high)
		return false;
	*from = r->start + ((low - region_index(r, r->start)) << PAGE_SHIFT);
	*to = r->start + ((high - region_index(r, r->start)) << PAGE_SHIFT);
	return true;
}

static void space_forget(struct space *s, const struct pages *o, uint64_t first, uint64_t end,
			 bool copies)
{
	uint64_t from, to;
	struct change c;

	change_begin(&c, s);
	for (uint32_t i = 0; i < s->regions.count; i++) {
		const struct region *r = s->regions.items[i];

		if (r->file.pages != o || !part_shown(r, first, end, &from, &to))
			continue;
		if (copies)
			change_clear(&c, from, to);
		else
			change_clear_object(&c, from, to);
	}
	change_end(&c);
}

void space_object_unmap(struct pages *o, uint64_t first, uint64_t end, bool copies)
{
	for (struct space *s = space_after(NULL); s; s = space_after(s))
		space_forget(s, o, first, end, copies);
}

/* Second chance: an entry that was used since the last visit loses the mark, one that
 * was not goes. */
static void part_age(struct change *c, const struct region *r, bool force)
{
	struct table_walk w = table_walk(c->space->root, r->start, r->end);
	uint64_t *entry;

	while ((entry = table_next(&w))) {
		if (!(*entry & PTE_OBJECT) || *entry & PTE_WRITE)
			continue;
		if (force || !(*entry & PTE_ACCESSED)) {
			change_clear(c, w.at, w.at + PAGE_SIZE);
			continue;
		}
		*entry &= ~PTE_ACCESSED;
		change_entry(c, w.at);
	}
}

void space_object_age(struct pages *o, bool force)
{
	struct change c;

	for (struct space *s = space_after(NULL); s; s = space_after(s)) {
		change_begin(&c, s);
		for (uint32_t i = 0; i < s->regions.count; i++) {
			const struct region *r = s->regions.items[i];

			if (r->file.pages == o && !(r->flags & REGION_PINNED))
				part_age(&c, r, force);
		}
		change_end(&c);
	}
}

void space_reap(struct space *s)
{
	struct change c;

	change_begin(&c, s);
	s->reaped = true;
	for (uint32_t i = 0; i < s->regions.count; i++)
		if (!(s->regions.items[i]->flags & REGION_SHARED))
			change_clear(&c, s->regions.items[i]->start, s->regions.items[i]->end);
	change_end(&c);
}

bool space_reaped(const struct space *s)
{
	return __atomic_load_n(&s->reaped, __ATOMIC_RELAXED);
}

uint64_t space_frames(const struct space *s)
{
	return __atomic_load_n(&s->resident, __ATOMIC_RELAXED);
}
