/* mprotect and madvise: what changes regions in place. */
#include <linux/errno.h>
#include <linux/mman.h>

#include "kernel/arch/x86_64/frame.h"
#include "kernel/mm/change.h"
#include "kernel/mm/table.h"
#include "kernel/trace/trace.h"

#define PROT_ALL (PROT_READ | PROT_WRITE | PROT_EXEC)

/* Does fn like every region of [start, end), and is there no hole?  0, the first
 * error of fn, or -ENOMEM for a hole. */
static int regions_check(struct region_table *t, uint64_t start, uint64_t end,
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

static int protect_check(const struct region *r, int prot)
{
	if (prot & PROT_WRITE && r->flags & REGION_SHARED && !r->file.may_write)
		return -EACCES;
	return 0;
}

/* Give all frames of r the access its prot says. */
static void entries_update(struct change *c, const struct region *r)
{
	struct table_walk w = table_walk(c->space->root, r->start, r->end);
	uint64_t *entry;

	while ((entry = table_next(&w))) {
		uint64_t old = *entry, e = table_entry_value(r, old);

		if (e == old)
			continue;
		*entry = e;
		if (old & PTE_PRESENT)
			change_entry(c, w.at);
	}
}

static void protect_range(struct change *c, uint64_t start, uint64_t end, int prot)
{
	struct region_table *t = &c->space->regions;

	for (uint32_t i = region_place(t, start); i < t->count && t->items[i]->start < end; i++) {
		t->items[i]->prot = prot & PROT_ALL;
		entries_update(c, t->items[i]);
	}
	change_join(c, start, end);
}

/* PROT_GROWSDOWN: from the start of the growing region around start on. */
static int protect_grows(struct space *s, uint64_t *start)
{
	const struct region *r = region_find(&s->regions, *start);

	if (!r)
		return -ENOMEM;
	if (!(r->flags & REGION_GROWS))
		return -EINVAL;
	*start = r->start;
	return 0;
}

static int range_split(struct change *c, uint64_t start, uint64_t end)
{
	struct region_table *t = &c->space->regions;
	int error = region_split(t, start);

	if (!error)
		error = region_split(t, end);
	if (error)
		change_join(c, start, start);
	return error;
}

int space_protect(struct space *s, uint64_t addr, uint64_t length, int prot)
{
	uint64_t start = addr, end = addr + pages_bytes(length);
	struct change c;
	int error = 0;

	if (addr & PAGE_MASK || prot & ~(PROT_ALL | PROT_SEM | PROT_GROWSDOWN))
		return -EINVAL;
	if (!length)
		return 0;
	if (end <= addr || end > USER_END || length > USER_END)
		return -ENOMEM;
	change_begin(&c, s);
	if (prot & PROT_GROWSDOWN)
		error = protect_grows(s, &start);
	if (!error)
		error = regions_check(&s->regions, start, end, protect_check, prot);
	if (!error)
		error = range_split(&c, start, end);
	if (!error)
		protect_range(&c, start, end, prot);
	change_end(&c);
	if (!error)
		TRACE(protect, .start = start, .length = end - start,
		      .prot = (uint64_t)(prot & PROT_ALL));
	return error;
}

/* --- madvise ---------------------------------------------------------------------- */

enum advice { ADVICE_BAD, ADVICE_HINT, ADVICE_DISCARD, ADVICE_FLAG, ADVICE_POPULATE };

/* What to do about an advice, and the region flag it sets or clears. */
static enum advice advice_kind(int advice, uint8_t *flag)
{
	switch (advice) {
	case MADV_NORMAL:
	case MADV_RANDOM:
	case MADV_SEQUENTIAL:
	case MADV_WILLNEED:
	case MADV_FREE: /* later is allowed to be never */
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
		return ADVICE_DISCARD;
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
	int error = range_split(c, start, end);

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
	if (kind == ADVICE_POPULATE)
		return advice_populate(s, addr, end, advice == MADV_POPULATE_WRITE);
	return advice_apply(s, addr, end, advice);
}
