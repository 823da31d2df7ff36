/* Where SYSCALL arrives in C. */
#ifndef KERNEL_SYSCALL_ENTRY_H
#define KERNEL_SYSCALL_ENTRY_H

#include "kernel/arch/x86_64/frame.h"

/* Handle the call in f.  True: leave by SYSRET, false: by IRET.  Interrupts are
 * off at entry and return. */
bool syscall_main(struct frame *f);

#endif
