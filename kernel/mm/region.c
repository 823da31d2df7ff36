/* A sorted array of pointers: searches halve it, changes move pointers, which is
 * cheap for the tens to thousands of regions that programs have. */
#include "kernel/mm/region.h"

#include <linux/errno.h>

#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

static struct object_cache *regions;

void region_init(void)
{
	regions = object_cache_create("region", sizeof(struct region), 8);
}

/* Writes to its object are or may become possible. */
static bool region_writes(const struct region *r)
{
	return r->flags & REGION_SHARED && r->file.may_write;
}

struct region *region_create(const struct region *r)
{
	struct region *copy = object_alloc(regions);

	if (!copy)
		return NULL;
	*copy = *r;
	copy->next = NULL;
	if (copy->file.pages) {
		pages_get(copy->file.pages);
		pages_map_count(copy->file.pages, 1, region_writes(copy));
	}
	if (copy->file.file)
		copy->file.get(copy->file.file);
	if (copy->file.mapped)
		copy->file.mapped(copy->file.file, 1);
	return copy;
}

void region_destroy(struct region *r)
{
	if (r->file.mapped)
		r->file.mapped(r->file.file, -1);
	if (r->file.pages) {
		pages_map_count(r->file.pages, -1, region_writes(r));
		pages_put(r->file.pages);
	}
	if (r->file.file)
		r->file.put(r->file.file);
	object_free(regions, r);
}

static bool place_fits(const struct region_table *t, uint32_t i, uint64_t addr)
{
	return i < t->count && t->items[i]->end > addr && (i == 0 || t->items[i - 1]->end <= addr);
}

uint32_t region_place(struct region_table *t, uint64_t addr)
{
	uint32_t low = 0, high = t->count;

	if (place_fits(t, t->last, addr))
		return t->last;
	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (t->items[middle]->end > addr)
			high = middle;
		else
			low = middle + 1;
	}
	t->last = low;
	return low;
}

struct region *region_find(struct region_table *t, uint64_t addr)
{
	uint32_t i = region_place(t, addr);

	return i < t->count && t->items[i]->start <= addr ? t->items[i] : NULL;
}

bool region_vacant(struct region_table *t, uint64_t start, uint64_t end)
{
	uint32_t i = region_place(t, start);

	return i == t->count || t->items[i]->start >= end;
}

int region_reserve(struct region_table *t, uint32_t n)
{
	uint32_t capacity = MAX(t->capacity, 16u);
	struct region **items;

	if (t->count + n > REGION_MAX)
		return -ENOMEM;
	if (t->count + n <= t->capacity)
		return 0;
	while (capacity < t->count + n)
		capacity *= 2;
	items = kmalloc(capacity * sizeof(*items));
	if (!items)
		return -ENOMEM;
	if (t->count)
		memcpy(items, t->items, t->count * sizeof(*items));
	kfree(t->items);
	t->items = items;
	t->capacity = capacity;
	return 0;
}

void region_insert(struct region_table *t, struct region *r)
{
	uint32_t i = region_place(t, r->start);

	KASSERT(t->count < t->capacity);
	KASSERT(i == t->count || t->items[i]->start >= r->end);
	memmove(&t->items[i + 1], &t->items[i], (t->count - i) * sizeof(*t->items));
	t->items[i] = r;
	t->count++;
}

struct region *region_remove(struct region_table *t, uint32_t i)
{
	struct region *r = t->items[i];

	t->count--;
	memmove(&t->items[i], &t->items[i + 1], (t->count - i) * sizeof(*t->items));
	return r;
}

int region_split(struct region_table *t, uint64_t addr)
{
	struct region *r = region_find(t, addr), *upper;

	if (!r || r->start == addr)
		return 0;
	if (addr & ((1ull << r->file.huge_shift) - 1))
		return -EINVAL; /* within a huge page */
	if (region_reserve(t, 1))
		return -ENOMEM;
	upper = region_create(r);
	if (!upper)
		return -ENOMEM;
	upper->start = addr;
	if (r->file.pages)
		upper->offset += addr - r->start;
	upper->flags &= ~REGION_GROWS; /* only the lowest part has room below it */
	r->end = addr;
	region_insert(t, upper);
	return 0;
}

static bool regions_continue(const struct region *a, const struct region *b)
{
	if (a->end != b->start || a->prot != b->prot || a->flags != b->flags ||
	    a->policy != b->policy || a->flags & REGION_GROWS)
		return false;
	if (a->file.pages != b->file.pages || a->file.file != b->file.file)
		return false;
	return !a->file.pages || a->offset + (a->end - a->start) == b->offset;
}

struct region *region_join(struct region_table *t, uint32_t i)
{
	if (i + 1 >= t->count || !regions_continue(t->items[i], t->items[i + 1]))
		return NULL;
	t->items[i]->end = t->items[i + 1]->end;
	return region_remove(t, i + 1);
}

uint64_t region_gap(const struct region_table *t, uint64_t length, uint64_t low, uint64_t high)
{
	uint64_t top = high;

	for (uint32_t i = t->count; i-- > 0 && top > low;) {
		const struct region *r = t->items[i];
		uint64_t guard = r->flags & REGION_GROWS ? REGION_GUARD : 0;

		if (r->end < top && top - MAX(r->end, low) >= length)
			return top - length;
		top = MIN(top, r->start > guard ? r->start - guard : 0);
	}
	return top > low && top - low >= length ? top - length : 0;
}

int regions_check(struct region_table *t, uint64_t start, uint64_t end,
		  int (*fn)(const struct region *r, int argument), int argument)
{
	uint64_t reached = start;
	int error;

	for (uint32_t i = region_place(t, start); i < t->count && reached < end; i++) {
		const struct region *r = t->items[i];

		if (r->start > reached)
			return -ENOMEM;
		error = fn ? fn(r, argument) : 0;
		if (error)
			return error;
		reached = r->end;
	}
	return reached < end ? -ENOMEM : 0;
}
