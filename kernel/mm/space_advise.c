/* madvise. */
#include <linux/errno.h>
#include <linux/mman.h>

#include "kernel/arch/x86_64/frame.h"
#include "kernel/mm/change.h"
#include "kernel/mm/table.h"
#include "kernel/mm/tlb.h"
#include "schemas/events.h"

/* Since Linux 5.18. */
#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24
#endif

enum advice {
	ADVICE_BAD,
	ADVICE_HINT,
	ADVICE_DISCARD,
	ADVICE_FLAG,
	ADVICE_POPULATE,
	ADVICE_REMOVE,
};

/* What to do about an advice, and the region flag it sets or clears. */
static enum advice advice_kind(int advice, uint8_t *flag)
{
	switch (advice) {
	case MADV_NORMAL:
	case MADV_RANDOM:
	case MADV_SEQUENTIAL:
	case MADV_WILLNEED:
	case MADV_MERGEABLE:
	case MADV_UNMERGEABLE:
	case MADV_HUGEPAGE:
	case MADV_NOHUGEPAGE:
	case MADV_DONTDUMP:
	case MADV_DODUMP:
	case MADV_COLD:
	case MADV_PAGEOUT:
		return ADVICE_HINT;
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
	case MADV_FREE: /* later is allowed to be now */
		return ADVICE_DISCARD;
	case MADV_REMOVE:
		return ADVICE_REMOVE;
	case MADV_DONTFORK:
	case MADV_DOFORK:
		*flag = REGION_NO_FORK;
		return ADVICE_FLAG;
	case MADV_WIPEONFORK:
	case MADV_KEEPONFORK:
		*flag = REGION_WIPE;
		return ADVICE_FLAG;
	case MADV_POPULATE_READ:
	case MADV_POPULATE_WRITE:
		return ADVICE_POPULATE;
	default:
		return ADVICE_BAD;
	}
}

static int advice_check(const struct region *r, int advice)
{
	if ((advice == MADV_FREE || advice == MADV_WIPEONFORK) && r->file.pages)
		return -EINVAL;
	if ((advice == MADV_COLD || advice == MADV_PAGEOUT) && r->file.huge_shift)
		return -EINVAL;
	if ((advice == MADV_DONTNEED || advice == MADV_FREE) && r->flags & REGION_PINNED)
		return -EINVAL;
	return 0;
}

static void advice_discard(struct change *c, uint64_t start, uint64_t end)
{
	struct region_table *t = &c->space->regions;

	for (uint32_t i = region_place(t, start); i < t->count && t->items[i]->start < end; i++)
		change_clear(c, MAX(start, t->items[i]->start), MIN(end, t->items[i]->end));
}

static int advice_flag(struct change *c, uint64_t start, uint64_t end, uint8_t flag, bool set)
{
	struct region_table *t = &c->space->regions;
	int error = change_split(c, start, end);

	if (error)
		return error;
	for (uint32_t i = region_place(t, start); i < t->count && t->items[i]->start < end; i++) {
		t->items[i]->flags &= ~flag;
		if (set)
			t->items[i]->flags |= flag;
	}
	change_join(c, start, end);
	return 0;
}

/* Huge pages are discarded from the start of one on. */
static bool discard_begins(struct space *s, uint64_t start)
{
	const struct region *r = region_find(&s->regions, start);

	return !r || !(start & ((1ull << r->file.huge_shift) - 1));
}

/* A hole is an error, but what is mapped is done nevertheless, as on Linux. */
static int advice_apply(struct space *s, uint64_t start, uint64_t end, int advice)
{
	uint8_t flag = 0;
	enum advice kind = advice_kind(advice, &flag);
	struct change c;
	int error, holes;

	change_begin(&c, s);
	error = holes = regions_check(&s->regions, start, end, advice_check, advice);
	if (holes == -ENOMEM)
		error = 0;
	if (kind == ADVICE_DISCARD && !discard_begins(s, start))
		error = -EINVAL;
	if (!error && kind == ADVICE_DISCARD)
		advice_discard(&c, start, end);
	if (!error && kind == ADVICE_FLAG)
		error = advice_flag(&c, start, end, flag,
				    advice == MADV_DONTFORK || advice == MADV_WIPEONFORK);
	change_end(&c);
	return error ? error : holes;
}

static int advice_populate(struct space *s, uint64_t start, uint64_t end, bool write)
{
	uint64_t frame;

	for (uint64_t at = start; at < end; at += PAGE_SIZE) {
		int cause = space_fault(s, at, write ? PF_WRITE : 0, &frame);

		if (cause == FAULT_BUS || cause == FAULT_PROTECTION)
			return cause == FAULT_BUS ? -EFAULT : -EINVAL;
		if (cause > FAULT_SPURIOUS)
			return -ENOMEM;
	}
	return 0;
}

/* The part of [start, end) that the region at start shows, as pages of its object
 * with a reference; how far it reaches, or -errno. */
static int64_t remove_part(struct space *s, uint64_t start, uint64_t end, struct pages **object,
			   uint64_t *index)
{
	const struct region *r;
	int64_t result;

	space_lock(s);
	r = region_find(&s->regions, start);
	if (!r)
		result = -ENOMEM;
	else if (!r->file.pages || r->flags & REGION_PINNED)
		result = -EINVAL;
	else if (!(r->flags & REGION_SHARED) || !(r->prot & PROT_WRITE))
		result = -EACCES;
	else if (pages_filled(r->file.pages))
		result = -EOPNOTSUPP;
	else
		result = (int64_t)MIN(end, r->end);
	if (result > 0) {
		*object = r->file.pages;
		*index = region_index(r, start);
		pages_get(*object);
	}
	spin_unlock(&s->lock);
	return result;
}

/* Punch a hole in what is mapped there. */
static int advice_remove(struct space *s, uint64_t start, uint64_t end)
{
	struct pages *object = NULL;
	uint64_t index = 0;

	while (start < end) {
		int64_t reached = remove_part(s, start, end, &object, &index);

		if (reached < 0)
			return (int)reached;
		pages_punch(object, index, index + (((uint64_t)reached - start) >> PAGE_SHIFT));
		pages_put(object);
		start = (uint64_t)reached;
	}
	return 0;
}

int space_advise(struct space *s, uint64_t addr, uint64_t length, int advice)
{
	uint64_t end = addr + pages_bytes(length);
	uint8_t flag;
	enum advice kind = advice_kind(advice, &flag);

	if (kind == ADVICE_BAD || addr & PAGE_MASK || end < addr || pages_bytes(length) < length)
		return -EINVAL;
	if (end == addr)
		return 0;
	if (end > USER_END)
		return -ENOMEM;
	if (kind == ADVICE_REMOVE)
		return advice_remove(s, addr, end);
	if (kind == ADVICE_POPULATE)
		return advice_populate(s, addr, end, advice == MADV_POPULATE_WRITE);
	return advice_apply(s, addr, end, advice);
}
