/* A machine for kernel/mm on the host, in the place of kernel/arch and kernel/trace:
 * memory in one array, CPUs by number, a TLB of each CPU that remembers what it was
 * not told to forget.  Included before everything else by the compiler's command
 * line; fake_arch.c has the definitions. */
#ifndef TESTS_HOST_FAKE_ARCH_H
#define TESTS_HOST_FAKE_ARCH_H

#include "kernel/lib/types.h"

#define KERNEL_DEBUG 1

/* In the place of kernel/arch/x86_64/cpu.h. */
#define KERNEL_ARCH_CPU_H
#define CPU_MAX 64
struct space;
struct cpu {
	uint32_t id;
	struct space *space;
};
extern struct cpu fake_cpus[CPU_MAX];
extern unsigned fake_cpu; /* the one that runs now */

static inline struct cpu *this_cpu(void)
{
	return &fake_cpus[fake_cpu];
}

/* In the place of kernel/arch/x86_64/regs.h. */
#define KERNEL_ARCH_REGS_H
extern bool fake_irq;
void tlb_flush_page(uint64_t addr);

static inline void cpu_pause(void)
{
}

static inline uint64_t irq_save(void)
{
	uint64_t flags = fake_irq;

	fake_irq = false;
	return flags;
}

static inline void irq_restore(uint64_t flags)
{
	fake_irq = flags;
}

static inline void irq_wait(void)
{
}

static inline bool irq_enabled(void)
{
	return fake_irq;
}

/* In the place of kernel/arch/x86_64/paging.h. */
#define KERNEL_ARCH_PAGING_H
#define USER_END     0x00007ffffffff000ull
#define MAPPED_BASE  0xffffc90000000000ull
#define MAPPED_END   0xffffca0000000000ull
#define PTE_PRESENT  0x001ull
#define PTE_WRITE    0x002ull
#define PTE_USER     0x004ull
#define PTE_ACCESSED 0x020ull
#define PTE_DIRTY    0x040ull
#define PTE_COW      0x200ull
#define PTE_NX       (1ull << 63)
#define PTE_ADDRESS  0x000ffffffffff000ull

/* Memory begins at this "physical" address. */
#define FAKE_RAM      0x100000ull
#define FAKE_RAM_SIZE (24ull << 20)
extern char fake_ram[FAKE_RAM_SIZE];

static inline void *phys_to_virt(phys_t p)
{
	return fake_ram + (p.raw - FAKE_RAM);
}

static inline phys_t virt_to_phys(const void *v)
{
	return (phys_t){ (uint64_t)((const char *)v - fake_ram) + FAKE_RAM };
}

typedef void *(*table_alloc_fn)(void);
void paging_table_source(table_alloc_fn alloc);
uint64_t *paging_entry(uint64_t *root, uint64_t addr, table_alloc_fn alloc);
void paging_free_user(uint64_t *root, void (*table_free)(void *table));
uint64_t *paging_kernel_root(void);
void paging_load(const uint64_t *root);

/* In the place of kernel/trace/trace.h. */
#define KERNEL_TRACE_TRACE_H
#include "kernel/lib/string.h"
#include "schemas/events.h"
#define TRACE(name, ...)                        ((void)(struct ev_##name){ __VA_ARGS__ })
#define TRACE_TAIL(name, tail, tail_bytes, ...) ((void)(tail), TRACE(name, __VA_ARGS__))

/* --- for tests ------------------------------------------------------------------ */

/* Start the page allocator on memory full of garbage.  Once in a program. */
void fake_memory(void);
/* An access of the program on the running CPU as the MMU makes it, by way of the
 * CPU's TLB.  The byte, or NULL: a page fault, with the error code's PF_ bits.
 * Checks that what the TLB remembers is not more than the tables say. */
char *fake_mmu(uint64_t addr, unsigned access, unsigned *error);
/* What an IPI does; it is called on the target, at once. */
extern void (*fake_ipi)(void);
/* IPIs that were sent, and flushes of everything. */
extern unsigned fake_ipis, fake_loads;

#endif
