/* Interrupting other CPUs. */
#ifndef KERNEL_SYNC_IPI_H
#define KERNEL_SYNC_IPI_H

#include "kernel/lib/types.h"

/* Interrupt CPU number cpu with one of the VECTOR_IPI_ vectors.  Safe anywhere but
 * in NMIs; emits ipi. */
void ipi_send(uint32_t cpu, unsigned vector);
/* Ask all other online CPUs to stop for ever (panic, power-off); waits at most
 * 100 ms for them. */
void ipi_stop_others(void);
/* VECTOR_IPI_STOP arrived: this CPU stops here. */
noreturn void ipi_stopped(void);

#endif
