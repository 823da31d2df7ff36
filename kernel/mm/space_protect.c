/* mprotect. */
#include <linux/errno.h>
#include <linux/mman.h>

#include "kernel/mm/change.h"
#include "kernel/mm/space_limits.h"
#include "kernel/mm/table.h"
#include "kernel/trace/trace.h"

#define PROT_ALL (PROT_READ | PROT_WRITE | PROT_EXEC)

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

/* As on Linux, what comes before a region that may not become writable is done. */
static int protect_range(struct change *c, uint64_t start, uint64_t end, int prot)
{
	struct region_table *t = &c->space->regions;
	int error = 0;

	for (uint32_t i = region_place(t, start); i < t->count && t->items[i]->start < end; i++) {
		if (prot & PROT_WRITE)
			error = space_data_check(c->space, t->items[i]);
		if (error)
			break;
		t->items[i]->prot = prot & PROT_ALL;
		entries_update(c, t->items[i]);
	}
	change_join(c, start, end);
	return error;
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
		error = change_split(&c, start, end);
	if (!error)
		error = protect_range(&c, start, end, prot);
	change_end(&c);
	if (!error)
		TRACE(protect, .start = start, .length = end - start,
		      .prot = (uint64_t)(prot & PROT_ALL));
	return error;
}
