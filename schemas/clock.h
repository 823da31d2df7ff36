/* The kernel's clock as data: one page that only the kernel writes and every program
 * may read, so that the vDSO tells the same time as the kernel, to the nanosecond.
 * Kernel and vDSO share the arithmetic, too. */
#ifndef SCHEMAS_CLOCK_H
#define SCHEMAS_CLOCK_H

#include <stdint.h>

/* What the coarse clocks step by: Linux at 250 Hz. */
#define CLOCK_COARSE_NS 4000000ull

struct clock_page {
	uint32_t sequence; /* odd while the rest is changed; +2 a change */
	uint32_t unused;
	uint64_t origin_tsc;     /* what the TSC showed at time 0 of CLOCK_MONOTONIC */
	uint64_t ns_per_tick_32; /* 32.32 fixed point */
	uint64_t realtime_base;  /* CLOCK_REALTIME - CLOCK_MONOTONIC, ns */
};

static inline uint64_t clock_ticks_ns(uint64_t ticks, uint64_t ns_per_tick_32)
{
	return (uint64_t)((unsigned __int128)ticks * ns_per_tick_32 >> 32);
}

/* A CPU's number is the limit of a segment that every program may ask for by LSL: the
 * low bits the CPU, those above the node. */
#define SEL_CPU_NUMBER  0x4b
#define CPU_NUMBER_BITS 12

#endif
