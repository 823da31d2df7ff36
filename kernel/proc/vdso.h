/* The vDSO (user/vdso/) in programs' memory: the page of the clock, [vvar], and behind
 * it the object, [vdso].  All programs share the pages. */
#ifndef KERNEL_PROC_VDSO_H
#define KERNEL_PROC_VDSO_H

#include "kernel/mm/space.h"

/* Boot: move the clock to its page and make the vDSO ready.  Without it programs ask
 * the kernel for the time. */
void vdso_init(void);
/* Map it into a new space: where its ELF header is, 0 without vDSO; or -errno. */
int64_t vdso_map(struct space *s);

#endif
