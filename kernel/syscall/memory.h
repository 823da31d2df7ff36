/* For the calls that map and pin memory. */
#ifndef KERNEL_SYSCALL_MEMORY_H
#define KERNEL_SYSCALL_MEMORY_H

#include "kernel/mm/space.h"

/* The caller's memory, told the caller's limits as they are now. */
struct space *caller_space(void);

#endif
