/* Where boot.S arrives in C. */
#ifndef KERNEL_MAIN_KERNEL_H
#define KERNEL_MAIN_KERNEL_H

#include "kernel/lib/types.h"

/* start_info: physical address of PVH's start info.  On the boot stack and the
 * boot tables, interrupts off. */
noreturn void kernel_main(uint64_t start_info);

#endif
