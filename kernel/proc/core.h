/* Core dumps: when a signal whose default action dumps core ends a process, its threads
 * stop where they are, and an ELF core file of it goes to the host by a port of its own
 * and, where RLIMIT_CORE and /proc/sys/kernel/core_pattern say so, into a file, as on
 * Linux.  The program cannot tell the first. */
#ifndef KERNEL_PROC_CORE_H
#define KERNEL_PROC_CORE_H

#include "kernel/proc/process.h"

/* Bytes of memory that a core for the host may have; 0: none is made. */
void core_limit_set(uint64_t bytes);
/* sig, which the running thread took with this frame, ends its process: process_exit_group
 * is to follow.  Returns the wait status: sig, with 0x80 when a file was written.  Sleeps. */
int core_dump(const struct frame *f, int sig, const siginfo_t *info);
/* The running thread's process ends: while a core of it is made, wait. */
void core_wait(void);

#endif
