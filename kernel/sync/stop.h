/* Stopping the other CPUs for good, by NMI, whatever they do.
 *
 * A CPU that is amidst a trace record or serves the wire is let go and asked again,
 * so that what it writes gets whole; who does not come to an end within STOP_POLITE_NS
 * is stopped where it is. */
#ifndef KERNEL_SYNC_STOP_H
#define KERNEL_SYNC_STOP_H

#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/frame.h"
#include "schemas/salvage.h"

/* What each CPU did when it stopped, for who reads this memory. */
extern struct salvage_cpu cpu_states[CPU_MAX];

/* Keep f as what this CPU did. */
void cpu_state_save(const struct frame *f);
/* Stop all others.  True: they have stopped, and none of them amidst a record. */
bool stop_others(void);
/* An NMI may be a request to stop: does not return if it is and this CPU follows it.
 * False: it is none. */
bool stop_nmi(const struct frame *f);
/* This CPU stops here. */
noreturn void stop_here(void);

#endif
