/* The local APIC of this CPU (SDM vol. 3, chapter 11): end of interrupt, timer,
 * interrupts to other CPUs. */
#ifndef KERNEL_ARCH_LAPIC_H
#define KERNEL_ARCH_LAPIC_H

#include "kernel/lib/types.h"

void lapic_map(void);      /* once, before any other function */
void lapic_init_cpu(void); /* on each CPU */
uint32_t lapic_id(void);
void lapic_eoi(void);
/* From here on this CPU's timer fires when lapic_timer_set says so. */
void lapic_timer_start(void);
/* Fire VECTOR_TIMER once on this CPU when the TSC shows tsc (UINT64_MAX: never), instead of
 * what was set before.  It may come early where the TSC cannot be waited for: the caller looks
 * at the time.  Interrupts off. */
void lapic_timer_set(uint64_t tsc);
/* Count down from the largest value, without interrupts; for clock.c. */
uint32_t lapic_count_start(void);
uint32_t lapic_count(void);
/* Set what is left on this CPU's timer: 0 stops it without firing. */
void lapic_count_set(uint32_t count);
/* Write the interrupt command register: command (its low word) to apic_id. */
void lapic_command(uint32_t apic_id, uint32_t command);

#define LAPIC_COMMAND_FIXED   0x04000 /* | vector */
#define LAPIC_COMMAND_NMI     0x04400
#define LAPIC_COMMAND_INIT    0x04500
#define LAPIC_COMMAND_STARTUP 0x04600 /* | page number */

#endif
