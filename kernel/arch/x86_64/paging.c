#include "kernel/arch/x86_64/paging.h"

#include "kernel/arch/x86_64/regs.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"

#define LEVELS     4
#define HUGE_PAGE  0x200000ull
#define HALF_FIRST 256 /* top-level entries from here on are the kernel's */

extern char rodata_end[], image_start[], image_end[];

static uint64_t kernel_root[512] __attribute__((aligned(4096)));
static table_alloc_fn table_source;

uint64_t *paging_kernel_root(void)
{
	return kernel_root;
}

void paging_table_source(table_alloc_fn alloc)
{
	table_source = alloc;
}

static unsigned table_index(uint64_t addr, unsigned level)
{
	return addr >> (PAGE_SHIFT + 9 * level) & 511;
}

static uint64_t *table_of(uint64_t entry)
{
	return phys_to_virt((phys_t){ entry & PTE_ADDRESS });
}

/* The entry for addr at level (0: 4 KiB pages), making tables on the way. */
static uint64_t *entry_at(uint64_t *root, uint64_t addr, unsigned level, table_alloc_fn alloc)
{
	uint64_t *table = root;

	for (unsigned l = LEVELS - 1; l > level; l--) {
		uint64_t *e = &table[table_index(addr, l)];

		if (!(*e & PTE_PRESENT)) {
			void *fresh = alloc ? alloc() : NULL;

			if (!fresh)
				return NULL;
			*e = virt_to_phys(fresh).raw | PTE_PRESENT | PTE_WRITE |
			     (addr < USER_END ? PTE_USER : 0);
		} else if (*e & PTE_HUGE) {
			return NULL;
		}
		table = table_of(*e);
	}
	return &table[table_index(addr, level)];
}

uint64_t *paging_entry(uint64_t *root, uint64_t addr, table_alloc_fn alloc)
{
	return entry_at(root, addr, 0, alloc);
}

static void free_level(uint64_t *table, unsigned level, unsigned entries,
		       void (*table_free)(void *table))
{
	for (unsigned i = 0; i < entries; i++) {
		if (!(table[i] & PTE_PRESENT))
			continue;
		if (level > 1)
			free_level(table_of(table[i]), level - 1, 512, table_free);
		table_free(table_of(table[i]));
		table[i] = 0;
	}
}

void paging_free_user(uint64_t *root, void (*table_free)(void *table))
{
	free_level(root, LEVELS - 1, HALF_FIRST, table_free);
}

bool paging_map_kernel(uint64_t addr, phys_t phys, uint64_t size, uint64_t bits)
{
	KASSERT(addr >= DIRECT_BASE && !((addr | phys.raw | size) & PAGE_MASK));
	for (uint64_t at = 0; at < size; at += PAGE_SIZE) {
		uint64_t *e = paging_entry(kernel_root, addr + at, table_source);

		if (!e)
			return false;
		*e = (phys.raw + at) | bits | PTE_PRESENT;
	}
	return true;
}

void paging_unmap_kernel(uint64_t addr, uint64_t size)
{
	for (uint64_t at = 0; at < size; at += PAGE_SIZE) {
		uint64_t *e = paging_entry(kernel_root, addr + at, NULL);

		if (e)
			*e = 0;
		tlb_flush_page(addr + at);
	}
}

void paging_load(const uint64_t *root)
{
	cr3_write(virt_to_phys(root).raw);
}

/* Permissions of the direct map's alias of a page of the kernel image: what is
 * read-only there is read-only here, so that no alias of code is writable. */
static uint64_t alias_bits(uint64_t phys)
{
	uint64_t image = phys + KERNEL_BASE;

	if (image >= (uint64_t)image_start && image < (uint64_t)rodata_end)
		return PTE_NX;
	return PTE_WRITE | PTE_NX;
}

static void map_direct(uint64_t ram_end)
{
	uint64_t split_end = ALIGN_UP((uint64_t)rodata_end - KERNEL_BASE, HUGE_PAGE);

	for (uint64_t p = 0; p < split_end; p += PAGE_SIZE)
		KASSERT(paging_map_kernel(DIRECT_BASE + p, (phys_t){ p }, PAGE_SIZE,
					  alias_bits(p)));
	for (uint64_t p = split_end; p < ram_end; p += HUGE_PAGE) {
		uint64_t *e = entry_at(kernel_root, DIRECT_BASE + p, 1, table_source);

		KASSERT(e);
		*e = p | PTE_PRESENT | PTE_WRITE | PTE_NX | PTE_HUGE;
	}
}

static void map_image(const char *from, const char *to, uint64_t bits)
{
	KASSERT(paging_map_kernel((uint64_t)from, virt_to_phys(from), to - from, bits));
}

void paging_init(uint64_t ram_end)
{
	/* The top-level entries of the kernel's half never change after this. */
	for (uint64_t at = MAPPED_BASE; at < MAPPED_END; at += 1ull << 39)
		KASSERT(entry_at(kernel_root, at, 2, table_source));
	map_direct(ram_end);
	map_image(text_start, text_end, 0);
	map_image(text_end, rodata_end, PTE_NX);
	map_image(rodata_end, image_end, PTE_WRITE | PTE_NX);
	paging_load(kernel_root);
}

static bool is_present(uint64_t addr)
{
	const uint64_t *table = kernel_root;

	for (unsigned l = LEVELS; l-- > 0;) {
		uint64_t e = table[table_index(addr, l)];

		if (!(e & PTE_PRESENT))
			return false;
		if (l == 0 || e & PTE_HUGE)
			return true;
		table = table_of(e);
	}
	return false;
}

bool paging_readable(uint64_t addr, size_t size)
{
	return addr >= DIRECT_BASE && addr <= UINT64_MAX - size && is_present(addr) &&
	       is_present(addr + size - 1);
}
