/* Device interrupts. */
#ifndef KERNEL_ARCH_IRQ_H
#define KERNEL_ARCH_IRQ_H

#include "kernel/lib/types.h"

/* Called with interrupts off, after the record, before EOI.  Must not block. */
typedef void (*irq_handler_fn)(void *data);

/* A free vector bound to handler (for MSI-X); 0 if none is left. */
unsigned irq_vector_alloc(irq_handler_fn handler, void *data);
#define IRQ_CPU 0 /* the CPU that devices interrupt */

/* MSI message for a vector on IRQ_CPU: SDM vol. 3, 11.11. */
uint64_t irq_msi_address(void);
uint32_t irq_msi_data(unsigned vector);
/* Run the handler of a device vector; false if nobody has it. */
bool irq_dispatch(unsigned vector);

#endif
