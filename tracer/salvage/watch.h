/* Is the guest stuck?  Looked at from outside, in its memory: a CPU that is in the kernel,
 * not idle, and crosses no boundary for a long time will not do so any more. */
#ifndef TRACER_SALVAGE_WATCH_H
#define TRACER_SALVAGE_WATCH_H

#include "tracer/salvage/guest.h"

struct watch {
	struct guest guest;
	bool found;                                       /* the kernel is there */
	uint64_t mark[SALVAGE_CPUS], since[SALVAGE_CPUS]; /* last crossing; ns when first seen */
};

/* Look, at ns of a clock that stands still while the guest is paused; *patience ns is what
 * a CPU gets.  The one that is stuck, or -1. */
int watch_look(struct watch *w, const struct ram *m, uint64_t now, uint64_t patience);
/* Ask the kernel to panic in this CPU's next NMI; -1: it is silent, whatever its CPUs do.
 * fd: the file that is its RAM. */
bool watch_suspect(const struct watch *w, int fd, int cpu);
/* Did its NMI strike ring 3, or an idle CPU?  Then it is not stuck. */
bool watch_acquitted(const struct watch *w, int fd);

#endif
