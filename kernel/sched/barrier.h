/* Memory barriers on other CPUs, for membarrier(2). */
#ifndef KERNEL_SCHED_BARRIER_H
#define KERNEL_SCHED_BARRIER_H

#include "kernel/sched/thread.h"

/* Each CPU of the set (bit a CPU; this one and those offline are left out) has passed a
 * full, serializing barrier when this returns; restart: what its thread was doing in a
 * restartable sequence is begun again.  Interrupts on, no locks. */
void barrier_run(uint64_t cpu_set, bool restart);
/* The CPUs that have the current thread's space loaded. */
uint64_t barrier_space(void);
/* VECTOR_IPI_BARRIER arrived. */
void barrier_interrupt(void);

#endif
