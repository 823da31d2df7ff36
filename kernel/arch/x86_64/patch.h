/* Code that is changed while nothing else runs: a site is a no-operation of five
 * bytes, as GCC's -mnop-mcount leaves at the beginning of a function, and becomes a
 * call.  No mapping of the code is ever writable: the write protection of ring 0 is
 * off for the few instructions that it takes. */
#ifndef KERNEL_ARCH_PATCH_H
#define KERNEL_ARCH_PATCH_H

#include "kernel/lib/types.h"

#define PATCH_BYTES 5

/* SDM vol. 2, NOP: the five-byte form, "nopl 0(%rax,%rax,1)". */
#define PATCH_NOP ".byte 0x0f, 0x1f, 0x44, 0x00, 0x00"

/* Is there such a site in the kernel's code at addr? */
bool patch_is_site(uint64_t addr);
/* Make the site call target.  Only before other CPUs run. */
void patch_call(uint64_t site, const void *target);

#endif
