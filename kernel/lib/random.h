/* Random bytes: ChaCha20 keyed from the seed of the command line, so that two
 * runs with one seed see the same bytes in the same order.  Safe anywhere. */
#ifndef KERNEL_LIB_RANDOM_H
#define KERNEL_LIB_RANDOM_H

#include "kernel/lib/types.h"

/* Once at boot; before it the generator runs from seed 0. */
void random_init(uint64_t seed);
void random_bytes(void *to, size_t size);

#endif
