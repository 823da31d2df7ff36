/* Is another CPU stuck in ring 0?  Each CPU that runs something looks now and then at
 * the others: one whose last crossing (cpu->mark) stays the same for long, and that is
 * neither in ring 3 nor idle nor waits for the host (cpu->wait_ticks), gets an NMI, and
 * panics in it, so that the story is that of the place where it is stuck.  The host looks,
 * too (it reads this memory), and asks by the same word. */
#ifndef KERNEL_SCHED_WATCHDOG_H
#define KERNEL_SCHED_WATCHDOG_H

#include "kernel/arch/x86_64/frame.h"

/* CPU number + 1 whose next NMI is its end, and SALVAGE_SILENT; 0 nobody.  [a] also written
 * by the host. */
extern volatile uint32_t watchdog_suspect;

/* Patience in seconds, 0 for ever; the default is WATCHDOG_SECONDS. */
#define WATCHDOG_SECONDS 20
void watchdog_init(uint64_t seconds);
/* Look at the others: about every WATCHDOG_NS while this CPU runs a thread.  In the
 * timer interrupt. */
void watchdog_look(void);
/* An NMI struck f: panics if this CPU is the suspect, unless it is in ring 3
 * or idle after all; an idle one is no excuse when the whole kernel is silent. */
void watchdog_nmi(const struct frame *f);

#endif
