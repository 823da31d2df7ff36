#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/arch/x86_64/frame.h"
#include "kernel/lib/assert.h"
#include "kernel/mm/page.h"
#include "kernel/sync/ipi.h"
#include "kernel/sync/spinlock.h"

#define TLB_SIZE 256

struct tlb_entry {
	uint64_t addr; /* page; 0: empty */
	uint64_t pte;
};

struct cpu fake_cpus[CPU_MAX];
unsigned fake_cpu, fake_ipis, fake_loads;
void (*fake_ipi)(void);
bool fake_irq = true;
char fake_ram[FAKE_RAM_SIZE] __attribute__((aligned(4 << 20)));

static uint64_t kernel_root[512];
static struct tlb_entry tlb[CPU_MAX][TLB_SIZE];
static const uint64_t *loaded[CPU_MAX];

void panic(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	abort();
}

/* The rest of kernel/lib/string.c is in libc. */
bool string_copy(char *to, size_t size, const char *s)
{
	return (size_t)snprintf(to, size, "%s", s) < size;
}

/* --- locks: one CPU at a time, so a lock that is held is a bug ----------------- */

void spin_init(struct spinlock *l, enum lock_rank rank, const char *name)
{
	*l = (struct spinlock){ .rank = rank, .name = name };
}

void spin_lock(struct spinlock *l)
{
	KASSERT(!l->held && l->rank);
	l->held = 1;
	l->owner = this_cpu();
}

bool spin_try(struct spinlock *l)
{
	spin_lock(l);
	return true;
}

void spin_unlock(struct spinlock *l)
{
	KASSERT(spin_held(l));
	l->held = 0;
}

bool spin_held(const struct spinlock *l)
{
	return l->held && l->owner == this_cpu();
}

/* An interrupt of another CPU is served at once, on that CPU. */
void ipi_send(uint32_t cpu, unsigned vector)
{
	unsigned self = fake_cpu;
	uint64_t flags = irq_save();

	KASSERT(vector == VECTOR_IPI_TLB && cpu != self);
	fake_ipis++;
	fake_cpu = cpu;
	fake_ipi();
	fake_cpu = self;
	irq_restore(flags);
}

/* --- page tables ------------------------------------------------------------------ */

void paging_table_source(table_alloc_fn alloc)
{
}

uint64_t *paging_kernel_root(void)
{
	return kernel_root;
}

uint64_t *paging_entry(uint64_t *root, uint64_t addr, table_alloc_fn alloc)
{
	uint64_t *table = root;

	KASSERT(addr < USER_END);
	for (unsigned level = 3; level > 0; level--) {
		uint64_t *e = &table[addr >> (12 + 9 * level) & 511];

		if (!*e) {
			void *fresh = alloc ? alloc() : NULL;

			if (!fresh)
				return NULL;
			*e = virt_to_phys(fresh).raw | PTE_PRESENT | PTE_WRITE | PTE_USER;
		}
		table = phys_to_virt((phys_t){ *e & PTE_ADDRESS });
	}
	return &table[addr >> 12 & 511];
}

static void free_level(uint64_t *table, unsigned level, void (*table_free)(void *))
{
	for (unsigned i = 0; i < (level == 3 ? 256 : 512); i++) {
		uint64_t *below = phys_to_virt((phys_t){ table[i] & PTE_ADDRESS });

		if (!table[i])
			continue;
		if (level > 1)
			free_level(below, level - 1, table_free);
		table_free(below);
	}
}

void paging_free_user(uint64_t *root, void (*table_free)(void *))
{
	free_level(root, 3, table_free);
}

void paging_load(const uint64_t *root)
{
	fake_loads++;
	loaded[fake_cpu] = root;
	memset(tlb[fake_cpu], 0, sizeof(tlb[fake_cpu]));
}

static struct tlb_entry *tlb_slot(uint64_t addr)
{
	return &tlb[fake_cpu][addr >> 12 & (TLB_SIZE - 1)];
}

void tlb_flush_page(uint64_t addr)
{
	if (tlb_slot(addr)->addr == ALIGN_DOWN(addr, PAGE_SIZE))
		tlb_slot(addr)->addr = 0;
}

static bool pte_allows(uint64_t pte, unsigned access)
{
	return pte & PTE_PRESENT && pte & PTE_USER && (!(access & PF_WRITE) || pte & PTE_WRITE) &&
	       (!(access & PF_FETCH) || !(pte & PTE_NX));
}

char *fake_mmu(uint64_t addr, unsigned access, unsigned *error)
{
	struct tlb_entry *t = tlb_slot(addr);
	uint64_t page = ALIGN_DOWN(addr, PAGE_SIZE);
	const uint64_t *e = paging_entry((uint64_t *)loaded[fake_cpu], page, NULL);
	uint64_t pte = e ? *e : 0;

	KASSERT(loaded[fake_cpu]);
	if (t->addr == page && pte_allows(t->pte, access)) {
		KASSERT(pte_allows(pte, access));
		KASSERT((pte & PTE_ADDRESS) == (t->pte & PTE_ADDRESS));
	} else if (!pte_allows(pte, access)) {
		*error = access | PF_USER | (pte & PTE_PRESENT ? PF_PRESENT : 0);
		return NULL;
	}
	*t = (struct tlb_entry){ page, pte };
	return (char *)phys_to_virt((phys_t){ pte & PTE_ADDRESS }) + (addr & PAGE_MASK);
}

void fake_memory(void)
{
	/* Two ranges with a hole, neither aligned to anything large. */
	struct memory_range ranges[] = {
		{ { FAKE_RAM + 0x3000 }, (7 << 20) + 0x800 },
		{ { FAKE_RAM + (8 << 20) + 0x5000 }, FAKE_RAM_SIZE - (8 << 20) - 0x5000 },
	};

	for (unsigned i = 0; i < CPU_MAX; i++)
		fake_cpus[i].id = i;
	memset(fake_ram, 0xa5, sizeof(fake_ram));
	page_init(ranges, 2);
}
