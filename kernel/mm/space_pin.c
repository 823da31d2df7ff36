/* mlock and its kin: pinned pages are brought in at once, or when they are first
 * touched, and reclaim leaves them alone.  Which regions are pinned is what counts
 * against the limit. */
#include <linux/errno.h>
#include <linux/mman.h>

#include "kernel/arch/x86_64/frame.h"
#include "kernel/mm/change.h"
#include "kernel/mm/space_limits.h"
#include "schemas/events.h"

/* Pages of [start, end) that are pinned already.  Holds: space->lock. */
static uint64_t pinned_within(struct space *s, uint64_t start, uint64_t end)
{
	struct region_table *t = &s->regions;
	uint64_t n = 0;

	for (uint32_t i = region_place(t, start); i < t->count && t->items[i]->start < end; i++)
		if (t->items[i]->flags & REGION_PINNED)
			n += MIN(end, t->items[i]->end) - MAX(start, t->items[i]->start);
	return n >> PAGE_SHIFT;
}

static int pin_check(struct space *s, uint64_t start, uint64_t end)
{
	struct space_usage now;
	uint64_t wanted = (end - start) >> PAGE_SHIFT;

	if (s->limits.pinned == UINT64_MAX)
		return 0;
	space_count(s, &now);
	wanted += now.pinned - pinned_within(s, start, end);
	return wanted > s->limits.pinned >> PAGE_SHIFT ? -ENOMEM : 0;
}

/* Huge pages are never paged out: nothing of them is pinned, nor split for it. */
static int pin_split(struct region_table *t, uint64_t addr)
{
	const struct region *r = region_find(t, addr);

	return r && r->file.huge_shift ? 0 : region_split(t, addr);
}

static void region_pin(struct region *r, bool pin)
{
	r->flags &= ~REGION_PINNED;
	if (pin && !r->file.huge_shift)
		r->flags |= REGION_PINNED;
}

/* Pin or unpin what is mapped of [start, end); a hole ends it, as on Linux. */
static int pin_range(struct change *c, uint64_t start, uint64_t end, bool pin)
{
	struct region_table *t = &c->space->regions;
	uint64_t at = start;
	int error = pin_split(t, start);

	if (!error)
		error = pin_split(t, end);
	for (uint32_t i = region_place(t, start); !error && i < t->count && at < end; i++) {
		struct region *r = t->items[i];

		if (r->start > at)
			break;
		region_pin(r, pin);
		at = r->end;
	}
	change_join(c, start, end);
	return error || at >= end ? error : -ENOMEM;
}

/* Whole pages around [addr, addr + length). */
static int range_align(uint64_t addr, uint64_t length, uint64_t *start, uint64_t *end)
{
	*start = ALIGN_DOWN(addr, PAGE_SIZE);
	*end = *start + pages_bytes(length + (addr - *start));
	if (*end < *start || length + (addr - *start) < length)
		return -EINVAL;
	return *end > USER_END ? -ENOMEM : 0;
}

/* Bring all in: what mlock says when that fails. */
static int pin_populate(struct space *s, uint64_t start, uint64_t end)
{
	uint64_t frame;

	for (uint64_t at = start; at < end; at += PAGE_SIZE) {
		int cause = space_fault(s, at, PF_USER, &frame);

		if (cause == FAULT_NO_MEMORY)
			return -EAGAIN;
		if (cause > FAULT_SPURIOUS)
			return -ENOMEM;
	}
	return 0;
}

int space_pin(struct space *s, uint64_t addr, uint64_t length, bool on_fault)
{
	uint64_t start, end;
	struct change c;
	int error = range_align(addr, length, &start, &end);

	if (!s->limits.pinned)
		return -EPERM;
	if (error || start == end)
		return error;
	change_begin(&c, s);
	error = pin_check(s, start, end);
	if (!error)
		error = pin_range(&c, start, end, true);
	change_end(&c);
	return error || on_fault ? error : pin_populate(s, start, end);
}

int space_unpin(struct space *s, uint64_t addr, uint64_t length)
{
	uint64_t start, end;
	struct change c;
	int error = range_align(addr, length, &start, &end);

	if (error || start == end)
		return error;
	change_begin(&c, s);
	error = pin_range(&c, start, end, false);
	change_end(&c);
	return error;
}

static void regions_pin(struct change *c, bool pin)
{
	struct region_table *t = &c->space->regions;

	for (uint32_t i = 0; i < t->count; i++)
		region_pin(t->items[i], pin);
	change_join(c, 0, USER_END);
}

/* All that is there, region by region: none of them may be in memory as a whole. */
static void populate_all(struct space *s)
{
	struct region_info r;

	for (uint64_t at = 0; space_region(s, at, &r); at = r.end)
		pin_populate(s, r.start, r.end);
}

int space_pin_all(struct space *s, bool now, bool future, bool on_fault)
{
	struct space_usage usage;
	struct change c;
	int error = 0;

	if (!s->limits.pinned)
		return -EPERM;
	change_begin(&c, s);
	space_count(s, &usage);
	if (now && usage.size > s->limits.pinned >> PAGE_SHIFT)
		error = -ENOMEM;
	if (!error) {
		s->pin_new = future;
		s->pin_on_fault = on_fault;
	}
	if (!error && now)
		regions_pin(&c, true);
	change_end(&c);
	if (!error && now && !on_fault)
		populate_all(s);
	return error;
}

void space_unpin_all(struct space *s)
{
	struct change c;

	change_begin(&c, s);
	s->pin_new = s->pin_on_fault = false;
	regions_pin(&c, false);
	change_end(&c);
}
