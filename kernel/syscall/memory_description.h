/* prctl(PR_SET_MM): what a program says of its own memory. */
#ifndef KERNEL_SYSCALL_MEMORY_DESCRIPTION_H
#define KERNEL_SYSCALL_MEMORY_DESCRIPTION_H

#include <stdint.h>

/* what: PR_SET_MM_*; value: an address or a descriptor; size: of what is at value; rest:
 * the fifth argument.  Returns what prctl does. */
int64_t memory_description_set(uint64_t what, uint64_t value, uint64_t size, uint64_t rest);

#endif
