/* Address spaces: regions in order, cut where something is mapped over them. */
#include <stdlib.h>

#include "tracer/array.h"
#include "tracer/state/parts.h"

/* A hostile trace may map any number: what is beyond is not kept. */
#define REGIONS_MAX 65536u

static struct state_space *space_find(struct state *s, uint32_t id)
{
	return (struct state_space *)state_space_find(s, id);
}

uint32_t space_new(struct state *s)
{
	if (!array_grow(&s->space, &s->space_room, s->space_count, sizeof(*s->space)))
		return 0;
	s->space[s->space_count++] = (struct state_space){ .id = ++s->objects, .users = 1 };
	return s->objects;
}

void space_release(struct state *s, uint32_t id)
{
	struct state_space *a = space_find(s, id);

	if (!a || --a->users)
		return;
	free(a->region);
	memmove(a, a + 1, (size_t)(--s->space_count - (a - s->space)) * sizeof(*a));
}

bool space_give(struct state *s, struct state_process *p, uint32_t from, bool share)
{
	struct state_space *old = space_find(s, from), *made;
	const uint32_t had = p->space;
	uint32_t id, count = 0;
	struct state_region *copy = NULL;

	if (old && share) {
		old->users++;
		p->space = from;
		space_release(s, had);
		return true;
	}
	if (old && old->count) {
		count = old->count;
		copy = malloc(count * sizeof(*copy));
		if (!copy)
			return false;
		memcpy(copy, old->region, count * sizeof(*copy));
	}
	id = space_new(s);
	if (!id) {
		free(copy);
		return false;
	}
	made = &s->space[s->space_count - 1];
	made->region = copy;
	made->count = made->room = count;
	p->space = id;
	space_release(s, had);
	return true;
}

/* Index of the first region that ends after addr. */
static uint32_t region_place(const struct state_space *a, uint64_t addr)
{
	uint32_t low = 0, high = a->count;

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;
		const struct state_region *r = &a->region[middle];

		if (r->start + (r->length - 1) < addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct state_region *state_region_find(const struct state_space *space, uint64_t addr)
{
	const uint32_t at = region_place(space, addr);

	return at < space->count && space->region[at].start <= addr ? &space->region[at] : NULL;
}

static bool region_insert(struct state_space *a, uint32_t at, const struct state_region *r)
{
	const struct state_region copy = *r;

	if (a->count >= REGIONS_MAX)
		return true;
	if (!array_grow(&a->region, &a->room, a->count, sizeof(*r)))
		return false;
	memmove(&a->region[at + 1], &a->region[at], (a->count++ - at) * sizeof(*r));
	a->region[at] = copy;
	return true;
}

/* Make addr a border between regions.  Counts of faults stay with the lower part. */
static bool region_cut(struct state_space *a, uint64_t addr)
{
	const uint32_t at = region_place(a, addr);
	struct state_region upper;
	uint64_t below;

	if (at == a->count || a->region[at].start >= addr)
		return true;
	upper = a->region[at];
	below = addr - upper.start;
	upper.start = addr;
	upper.length -= below;
	upper.offset += upper.path[0] ? below : 0;
	upper.zero = upper.read = upper.copied = upper.other = 0;
	a->region[at].length = below;
	return region_insert(a, at + 1, &upper);
}

/* Does start + length stay an address? */
static bool range_sound(uint64_t start, uint64_t length)
{
	return length && start + length > start;
}

bool space_unmap(struct state *s, uint32_t id, uint64_t start, uint64_t length)
{
	struct state_space *a = space_find(s, id);
	uint32_t first, last;

	if (!a || !a->count || !range_sound(start, length))
		return true;
	if (!region_cut(a, start) || !region_cut(a, start + length))
		return false;
	first = region_place(a, start);
	last = region_place(a, start + length);
	memmove(&a->region[first], &a->region[last], (a->count - last) * sizeof(*a->region));
	a->count -= last - first;
	return true;
}

/* Does r continue below, as a heap that grows does? */
static bool region_continues(const struct state_region *below, const struct state_region *r)
{
	const bool file = r->path[0] && r->path[0] != '[';

	return below->start + below->length == r->start && below->prot == r->prot &&
	       below->flags == r->flags && memcmp(below->path, r->path, sizeof(r->path)) == 0 &&
	       (!file || below->offset + below->length == r->offset);
}

bool space_map(struct state *s, uint32_t id, const struct state_region *r)
{
	struct state_space *a = space_find(s, id);
	uint32_t at;

	if (!a || !range_sound(r->start, r->length))
		return true;
	if (a->count && !space_unmap(s, id, r->start, r->length))
		return false;
	at = region_place(a, r->start);
	if (at && region_continues(&a->region[at - 1], r)) {
		a->region[at - 1].length += r->length;
		return true;
	}
	return region_insert(a, at, r);
}

bool space_protect(struct state *s, uint32_t id, uint64_t start, uint64_t length, uint32_t prot)
{
	struct state_space *a = space_find(s, id);

	if (!a || !range_sound(start, length))
		return true;
	if (!region_cut(a, start) || !region_cut(a, start + length))
		return false;
	for (uint32_t i = region_place(a, start);
	     i < a->count && a->region[i].start < start + length; i++)
		a->region[i].prot = prot;
	return true;
}

void space_fault(struct state *s, uint32_t id, uint64_t addr, unsigned cause)
{
	const struct state_space *a = state_space_find(s, id);
	struct state_region *r = a ? (struct state_region *)state_region_find(a, addr) : NULL;

	if (!r)
		return;
	switch (cause) {
	case FAULT_DEMAND_ZERO:
	case FAULT_STACK:
		r->zero++;
		break;
	case FAULT_FILE:
		r->read++;
		break;
	case FAULT_COW:
	case FAULT_COW_REUSE:
		r->copied++;
		break;
	default:
		r->other++;
	}
}
