/* A file shrank. */
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

static void space_forget(struct space *s, const struct pages *o, uint64_t from_index)
{
	uint64_t from = from_index << PAGE_SHIFT;
	struct change c;

	change_begin(&c, s);
	for (uint32_t i = 0; i < s->regions.count; i++) {
		const struct region *r = s->regions.items[i];
		uint64_t start = r->start;

		if (r->file.pages != o || r->offset + (r->end - r->start) <= from)
			continue;
		if (from > r->offset)
			start += from - r->offset;
		change_clear(&c, start, r->end);
	}
	change_end(&c);
}

void space_object_truncate(struct pages *o, uint64_t from_index)
{
	if (from_index > UINT64_MAX >> PAGE_SHIFT)
		return;
	for (struct space *s = space_after(NULL); s; s = space_after(s))
		space_forget(s, o, from_index);
}
