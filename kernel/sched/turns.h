/* Turns by seed: in an exact run the CPU is taken away at instruction counts that only
 * a seed decides, and given to any of the threads that are ready.  So each seed is
 * another interleaving, and the same one each time.  Off without a seed: nobody asks
 * then but by one flag. */
#ifndef KERNEL_SCHED_TURNS_H
#define KERNEL_SCHED_TURNS_H

#include "kernel/lib/types.h"

extern bool turns_on; /* [I] */

/* At boot. */
void turns_init(uint64_t seed);
/* How long the thread that runs now keeps the CPU, ns: from 256 to 4 million, each
 * power of two as likely as the next.  Interrupts off. */
uint64_t turns_length(void);
/* One of count, from 0.  Interrupts off. */
uint32_t turns_choose(uint32_t count);

#endif
