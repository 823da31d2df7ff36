/* Extended processor state (x87, SSE, AVX): saved whenever a thread leaves a
 * CPU, restored when it comes back unless the registers still hold it. */
#ifndef KERNEL_ARCH_FPU_H
#define KERNEL_ARCH_FPU_H

#include "kernel/lib/types.h"

/* Find what the CPU has; on the boot CPU first, then on each other. */
void fpu_init_cpu(void);
/* An upper bound of fpu_size(): legacy region, header, AVX (SDM vol. 1, 13.4). */
#define FPU_SIZE_MAX 832
/* Bytes of a save area (XSAVE standard format, 64-byte aligned), and the mask XCR0. */
uint32_t fpu_size(void);
uint64_t fpu_mask(void);
/* Write the state a new program starts with into area. */
void fpu_area_init(void *area);
void fpu_save(void *area);
void fpu_restore(const void *area);
/* True if area (copied from a program's signal frame) can be restored safely;
 * reserved fields are cleared where that is enough. */
bool fpu_area_check(void *area);

#endif
