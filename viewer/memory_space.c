/* One process's regions and pages for the memory view. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "viewer/memory_shot.h"

static int page_order(const void *a, const void *b)
{
	const struct memory_page *x = a, *y = b;

	return (x->addr > y->addr) - (x->addr < y->addr);
}

/* The known pages, the lowest MEMORY_PAGES of them. */
static bool pages_take(const struct page_table *table, struct memory_space *out)
{
	unsigned count = 0;

	out->pages = calloc(table->count + 1, sizeof(*out->pages));
	if (out->pages == NULL)
		return false;
	for (uint32_t i = 0; i < table->size; i++)
		if (table->slot[i].number != 0)
			out->pages[count++] = (struct memory_page){
				.addr = page_address(&table->slot[i]),
				.frame = table->slot[i].frame,
				.look = table->slot[i].file ? PAGE_FILE : PAGE_OWN,
			};
	qsort(out->pages, count, sizeof(*out->pages), page_order);
	out->page_count = count;
	if (count > MEMORY_PAGES) {
		out->beyond = count - MEMORY_PAGES;
		out->page_count = MEMORY_PAGES;
	}
	return true;
}

static enum page_look page_look(const struct memory_work *w, const struct state_region *region,
				const struct memory_page *page, uint64_t now)
{
	if (page->addr == now)
		return PAGE_NOW;
	if (region->flags & MAP_SHARED && page->look != PAGE_FILE)
		return PAGE_COMMON;
	if (page->look == PAGE_FILE)
		return PAGE_FILE;
	return pages_owners(w->pages, page->frame, NULL, 0) > 1 ? PAGE_SHARED : PAGE_OWN;
}

/* Regions in order of address, and which pages are in each. */
static bool regions_take(const struct memory_work *w, const struct state_space *from, uint64_t now,
			 struct memory_space *out)
{
	unsigned at = 0;

	out->regions = calloc((from == NULL ? 0 : from->count) + 1, sizeof(*out->regions));
	if (out->regions == NULL)
		return false;
	for (uint32_t i = 0; from != NULL && i < from->count; i++) {
		struct memory_region *r = &out->regions[out->region_count++];
		const struct state_region *region = &from->region[i];

		r->region = *region;
		while (at < out->page_count && out->pages[at].addr < region->start)
			at++;
		r->first = at;
		while (at < out->page_count &&
		       out->pages[at].addr - region->start < region->length) {
			struct memory_page *page = &out->pages[at++];

			page->look = page_look(w, region, page, now);
			r->look[page->look]++;
			out->look[page->look]++;
		}
		r->count = at - r->first;
	}
	return true;
}

/* Page tables of each level that the known pages lie in: Intel SDM vol. 3, 4.5. */
static void tables_count(struct memory_space *out)
{
	for (unsigned level = 0; level < 3; level++) {
		const unsigned shift = 21 + 9 * level;
		uint64_t last = UINT64_MAX;

		for (unsigned i = 0; i < out->page_count; i++) {
			if (out->pages[i].addr >> shift == last)
				continue;
			last = out->pages[i].addr >> shift;
			out->tables[level]++;
		}
	}
}

bool space_shot(const struct memory_work *w, uint32_t pid, uint64_t now, struct memory_space *out)
{
	const struct page_table *table = pages_of(w->pages, pid), none = { 0 };
	const struct state_process *process = state_process_find(&w->state, pid);
	const struct state_space *space =
		process == NULL ? NULL : state_space_find(&w->state, process->space);

	memset(out, 0, sizeof(*out));
	out->pid = pid;
	if (process != NULL) {
		out->parent = process->parent;
		memcpy(out->path, process->path, sizeof(out->path));
	}
	out->users = space == NULL ? 0 : space->users;
	if (!pages_take(table == NULL ? &none : table, out) || !regions_take(w, space, now, out))
		return false;
	tables_count(out);
	return true;
}

void space_shot_free(struct memory_space *space)
{
	free(space->regions);
	free(space->pages);
	memset(space, 0, sizeof(*space));
}
