#include "tracer/analysis/page_table.h"

#include <stdlib.h>
#include <string.h>

static uint32_t home(const struct page_table *t, uint64_t number)
{
	return (uint32_t)(number * 0x9e3779b97f4a7c15u >> 32) & (t->size - 1);
}

static struct page *slot_find(const struct page_table *t, uint64_t number)
{
	uint32_t at = home(t, number);

	while (t->slot[at].number != 0 && t->slot[at].number != number)
		at = (at + 1) & (t->size - 1);
	return &t->slot[at];
}

struct page *page_find(const struct page_table *t, uint64_t addr)
{
	struct page *p = t->size ? slot_find(t, (addr >> 12) + 1) : NULL;

	return p && p->number ? p : NULL;
}

static bool grow(struct page_table *t)
{
	struct page_table wide = { .size = t->size ? t->size * 2 : 64, .count = t->count };

	wide.slot = calloc(wide.size, sizeof(*wide.slot));
	if (!wide.slot)
		return false;
	for (uint32_t i = 0; i < t->size; i++)
		if (t->slot[i].number)
			*slot_find(&wide, t->slot[i].number) = t->slot[i];
	free(t->slot);
	*t = wide;
	return true;
}

struct page *page_put(struct page_table *t, uint64_t addr)
{
	struct page *p;

	if (t->count >= t->size / 2 && !grow(t))
		return NULL;
	p = slot_find(t, (addr >> 12) + 1);
	if (!p->number) {
		*p = (struct page){ .number = (addr >> 12) + 1 };
		t->count++;
	}
	return p;
}

/* Those behind it that would not be found any more move up. */
void page_remove(struct page_table *t, struct page *p)
{
	uint32_t hole = (uint32_t)(p - t->slot), at = hole;

	t->count--;
	for (;;) {
		uint32_t from;

		at = (at + 1) & (t->size - 1);
		if (!t->slot[at].number)
			break;
		from = home(t, t->slot[at].number);
		if (((at - from) & (t->size - 1)) >= ((at - hole) & (t->size - 1))) {
			t->slot[hole] = t->slot[at];
			hole = at;
		}
	}
	t->slot[hole] = (struct page){ 0 };
}

bool page_table_copy(struct page_table *to, const struct page_table *from)
{
	page_table_free(to);
	if (!from->size)
		return true;
	to->slot = malloc(from->size * sizeof(*to->slot));
	if (!to->slot)
		return false;
	memcpy(to->slot, from->slot, from->size * sizeof(*to->slot));
	to->size = from->size;
	to->count = from->count;
	return true;
}

void page_table_free(struct page_table *t)
{
	free(t->slot);
	*t = (struct page_table){ 0 };
}
