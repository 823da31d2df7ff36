/* The operations of prctl(2) on capabilities.  Each returns what prctl does. */
#ifndef KERNEL_SYSCALL_CAPABILITY_H
#define KERNEL_SYSCALL_CAPABILITY_H

#include <stdbool.h>
#include <stdint.h>

/* PR_CAPBSET_READ, PR_CAPBSET_DROP, PR_GET_KEEPCAPS, PR_SET_KEEPCAPS, PR_GET_SECUREBITS,
 * PR_SET_SECUREBITS, PR_CAP_AMBIENT; *known: it was one of these.  rest: arguments 4 and
 * 5, or-ed. */
int64_t capability_option(int option, uint64_t arg2, uint64_t arg3, uint64_t rest, bool *known);

#endif
