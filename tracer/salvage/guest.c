#include "tracer/salvage/guest.h"

#include <string.h>

#include "tracer/crc.h"

#define PAGE        4096u
#define PAGES_READ  256u /* looked at in one go */
#define STACK_MAX   (1u << 20)
#define PTE_PRESENT 1ull
#define PTE_HUGE    0x80ull
#define PTE_ADDRESS 0x000ffffffffff000ull

static bool page_is_ours(const struct salvage_page *page, uint64_t phys)
{
	struct salvage_page p;

	if (memcmp(page->magic, SALVAGE_MAGIC, sizeof(page->magic)) != 0 ||
	    page->size != sizeof(*page) || page->version != SALVAGE_VERSION ||
	    page->fields != SALVAGE_FIELDS || page->stack_size > STACK_MAX)
		return false;
	p = *page;
	p.checksum = 0;
	/* It is part of the kernel's image: a program cannot forge one. */
	return crc32c(0, &p, sizeof(p)) == page->checksum && phys + p.image_base >= p.image_start &&
	       phys + p.image_base < p.image_end;
}

static bool run_search(struct guest *g, uint64_t phys, uint64_t end, bool *other)
{
	static _Thread_local uint8_t bytes[PAGES_READ * PAGE];

	for (phys = (phys + PAGE - 1) & ~(uint64_t)(PAGE - 1); phys < end; phys += sizeof(bytes)) {
		const size_t got = ram_read(g->memory, phys, bytes, sizeof(bytes));

		for (size_t at = 0; at + PAGE <= got; at += PAGE) {
			if (memcmp(bytes + at, SALVAGE_MAGIC, 16) != 0)
				continue;
			memcpy(&g->page, bytes + at, sizeof(g->page));
			if (page_is_ours(&g->page, phys + at))
				return true;
			*other = true;
		}
	}
	return false;
}

static void cpus_find(struct guest *g)
{
	uint32_t count = 0;

	guest_read(g, g->page.cpu_count, &count, sizeof(count));
	if (count == 0 || count > SALVAGE_CPUS) /* overwritten: as many as there are */
		count = g->page.hello.cpus < SALVAGE_CPUS ? g->page.hello.cpus : SALVAGE_CPUS;
	g->cpus = count;
	for (unsigned i = 0; i < count; i++)
		if (!guest_read(g, g->page.cpus + i * 8, &g->cpu[i], 8))
			g->cpu[i] = 0;
}

int guest_find(struct guest *g, const struct ram *m, struct error *why)
{
	uint64_t phys = 0, end;
	bool other = false, found = false;

	memset(g, 0, sizeof(*g));
	g->memory = m;
	for (; !found && ram_next(m, &phys, &end); phys = end)
		found = run_search(g, phys, end, &other);
	if (!found)
		return error_set(why, 3,
				 other ? "the page that describes the memory is damaged, or"
					 " of another version of Ringscope"
				       : "nothing in this memory says that a Ringscope kernel"
					 " runs there");
	cpus_find(g);
	return 0;
}

/* By the kernel's page table. */
static bool table_walk(const struct guest *g, uint64_t virt, uint64_t *phys)
{
	uint64_t table = g->page.root, entry;

	for (unsigned shift = 39; shift >= 12; shift -= 9) {
		if (ram_read(g->memory, (table & PTE_ADDRESS) + (virt >> shift & 511) * 8, &entry,
			     8) != 8 ||
		    !(entry & PTE_PRESENT))
			return false;
		if (shift == 12 || (shift < 39 && entry & PTE_HUGE)) {
			const uint64_t mask = (1ull << shift) - 1;

			*phys = (entry & PTE_ADDRESS & ~mask) | (virt & mask);
			return true;
		}
		table = entry;
	}
	return false;
}

bool guest_physical(const struct guest *g, uint64_t virt, uint64_t *phys)
{
	const struct salvage_page *p = &g->page;

	if (virt >= p->image_start && virt < p->image_end) {
		*phys = virt - p->image_base;
		return true;
	}
	if (virt >= p->direct_base && virt - p->direct_base < ram_top(g->memory)) {
		*phys = virt - p->direct_base;
		return true;
	}
	return virt >= p->mapped_base && virt < p->mapped_end && table_walk(g, virt, phys);
}

bool guest_read(const struct guest *g, uint64_t virt, void *to, size_t n)
{
	for (size_t done = 0; done < n;) {
		const size_t left = PAGE - (virt + done) % PAGE;
		const size_t piece = n - done < left ? n - done : left;
		uint64_t phys;

		if (!guest_physical(g, virt + done, &phys) ||
		    ram_read(g->memory, phys, (char *)to + done, piece) != piece)
			return false;
		done += piece;
	}
	return true;
}

uint64_t guest_address(const struct guest *g, uint64_t base, enum salvage_field_id field)
{
	return base + g->page.field[field].offset;
}

bool guest_bytes(const struct guest *g, uint64_t base, enum salvage_field_id field, void *to,
		 size_t n)
{
	return base && guest_read(g, guest_address(g, base, field), to, n);
}

uint64_t guest_member(const struct guest *g, uint64_t base, enum salvage_field_id field)
{
	const uint32_t size = g->page.field[field].size;
	uint64_t value = 0;

	if (size == 0 || size > 8 || !guest_bytes(g, base, field, &value, size))
		return 0;
	return value;
}

bool guest_is_text(const struct guest *g, uint64_t virt)
{
	return virt >= g->page.text_start && virt < g->page.text_end;
}

void guest_panic(const struct guest *g, struct salvage_panic *out)
{
	if (!guest_read(g, g->page.panic, out, sizeof(*out)) || out->owner > SALVAGE_CPUS)
		memset(out, 0, sizeof(*out));
	out->text[SALVAGE_TEXT - 1] = out->again[SALVAGE_TEXT - 1] = '\0';
}
