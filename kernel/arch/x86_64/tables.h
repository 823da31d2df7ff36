/* The tables a CPU works from: GDT, TSS, IDT, and the registers that point at
 * the kernel's entries. */
#ifndef KERNEL_ARCH_TABLES_H
#define KERNEL_ARCH_TABLES_H

#include "kernel/arch/x86_64/cpu.h"

/* Task state segment: SDM vol. 3, 8.7. */
struct tss {
	uint32_t reserved0;
	uint64_t rsp[3];
	uint64_t reserved1;
	uint64_t ist[7];
	uint64_t reserved2;
	uint16_t reserved3, io_map;
} __attribute__((packed));

/* Stacks of their own: what may hit while the kernel stack is unusable. */
enum ist { IST_DOUBLE_FAULT = 1, IST_NMI = 2, IST_MACHINE_CHECK = 3, IST_COUNT = 3 };
#define IST_STACK_SIZE 8192

struct cpu_tables {
	uint64_t gdt[10];
	struct tss tss;
};

/* Load everything for CPU c on this CPU: afterwards this_cpu() is c.  ist_tops are
 * the upper ends of the IST stacks.  Interrupts off. */
void cpu_init(struct cpu *c, struct cpu_tables *t, const uint64_t ist_tops[IST_COUNT]);
/* Fill the IDT; once. */
void idt_init(void);
/* The stack that interrupts and calls from ring 3 use from now on. */
void cpu_set_kernel_stack(struct cpu *c, uint64_t top);

#endif
