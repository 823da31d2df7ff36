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

/* Exact runs: QEMU counts instructions (-icount shift=0), a tick is an instruction
 * and a nanosecond, on one CPU.  Once, after clock_init; began is the host's
 * CLOCK_REALTIME then, which no program may see. */
void clock_exact_init(uint64_t began);
uint64_t clock_exact_began(void);
/* Set for good before other threads run. */
bool clock_is_exact(void);
/* Time stands still from clock_stop to clock_go_on: no tick of it is seen and no timer
 * comes nearer.  For waiting for the host, which takes a different time in each run.
 * Exact runs only; interrupts off all the while; not nested. */
void clock_stop(void);
void clock_go_on(void);
/* CLOCK_REALTIME = this + clock_now(). */
uint64_t clock_realtime_base(void);
/* One caller at a time. */
void clock_realtime_base_set(uint64_t ns);
/* Keep the clock in *to, on a page that programs can read.  Once, early. */
struct clock_page;
void clock_move(struct clock_page *to);

#endif
