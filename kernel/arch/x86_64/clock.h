/* Time: the TSC, measured once at boot. */
#ifndef KERNEL_ARCH_CLOCK_H
#define KERNEL_ARCH_CLOCK_H

#include "kernel/lib/types.h"

/* Measure TSC and local APIC timer against the PIT.  Boot CPU, interrupts off. */
void clock_init(void);
/* TSC ticks a second, and the bound of its error in parts per million. */
uint64_t clock_tsc_hz(void);
uint32_t clock_tsc_error_ppm(void);
uint64_t clock_boot_tsc(void);
uint64_t clock_lapic_hz(void);
/* Nanoseconds since boot (CLOCK_MONOTONIC); never goes back on any CPU. */
uint64_t clock_now(void);
/* The TSC value at which clock_now gives ns, to some nanoseconds. */
uint64_t clock_tsc_at(uint64_t ns);
uint64_t clock_from_ticks(uint64_t ticks); /* ticks to nanoseconds */
/* CLOCK_REALTIME = this + clock_now(). */
uint64_t clock_realtime_base(void);
void clock_realtime_base_set(uint64_t ns);

#endif
