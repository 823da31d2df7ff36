/* Which CPU has which space loaded, and flushing what CPUs remember of page tables.
 *
 * A CPU that goes to a kernel thread keeps the program's tables loaded ("lazy"):
 * most often the same program comes next.  A lazy CPU is not asked to flush; when
 * it takes the space up again it looks whether there was a flush meanwhile.
 *
 * Requests are numbers: the asker takes the target's next one, interrupts it, and
 * waits until the target has flushed that far.  A waiting CPU answers requests to
 * itself even with interrupts off, so two that wait for each other both go on. */
#ifndef KERNEL_MM_TLB_H
#define KERNEL_MM_TLB_H

#include "kernel/mm/space_state.h"

/* Take s->lock.  While this CPU waits for it nobody has to wait for this CPU: it
 * counts as lazy, since it touches no user memory before it has the lock. */
void space_lock(struct space *s);

/* Forget [start, end) of s, `changed` pages of it, on all CPUs; returns when all
 * have.  Holds: s->lock, so that nothing is mapped there before. */
void tlb_flush(struct space *s, uint64_t start, uint64_t end, uint32_t changed);
/* Forget one page on this CPU only. */
void tlb_flush_here(struct space *s, uint64_t addr);
/* Make all CPUs let go of s, which is dying. */
void tlb_release(struct space *s);

#endif
