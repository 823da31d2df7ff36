/* A file shrank or got a hole. */
#include "kernel/mm/change.h"

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
