/* A kernel below kernel/fs for host tests, on one thread: memory by malloc and
 * counted, locks that check that they are free, queues on which nobody may sleep.
 * Included before everything else by the compiler's command line; fake_fs.c has
 * the definitions. */
#ifndef TESTS_HOST_FAKE_FS_H
#define TESTS_HOST_FAKE_FS_H

/* With glibc's headers linux/stat.h leaves S_IFMT and the like to them. */
#include <sys/stat.h>

#include "kernel/lib/types.h"

#define KERNEL_DEBUG 1

/* In the place of kernel/arch/x86_64/cpu.h. */
#define KERNEL_ARCH_CPU_H
struct thread;
struct cpu {
	bool reschedule;
};
struct cpu *this_cpu(void);
struct thread *current(void);

/* In the place of kernel/arch/x86_64/regs.h. */
#define KERNEL_ARCH_REGS_H
static inline uint64_t irq_save(void)
{
	return 0;
}

static inline void irq_restore(uint64_t flags)
{
	(void)flags;
}

/* In the place of kernel/arch/x86_64/paging.h. */
#define KERNEL_ARCH_PAGING_H
static inline void *phys_to_virt(phys_t p)
{
	return (void *)p.raw;
}

/* --- for tests ------------------------------------------------------------------ */

/* Pieces of memory in use: kmalloc, objects, pages. */
extern unsigned fake_pieces;
/* After so many allocations more one fails; 0: none. */
extern unsigned fake_fail_in;

#endif
