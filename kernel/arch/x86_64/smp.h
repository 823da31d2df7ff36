/* Other CPUs: bringing them up. */
#ifndef KERNEL_ARCH_SMP_H
#define KERNEL_ARCH_SMP_H

#include "kernel/arch/x86_64/cpu.h"

/* CPUs the machine has (QEMU's fw_cfg says); APIC ids are 0..n-1. */
unsigned smp_cpus_present(void);
/* Start CPU c (its apic_id is set) at ap_main(c) on the stack that ends at
 * stack_top.  True when it set c->online within a second.  One at a time. */
bool smp_start_cpu(struct cpu *c, uint64_t stack_top);
/* Where an application processor arrives, on the boot tables: main/. */
noreturn void ap_main(struct cpu *c);

#endif
