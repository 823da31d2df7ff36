/* Restartable sequences, rseq(2): a thread that was preempted, moved or interrupted by
 * a signal amidst a sequence goes on at the sequence's abort address, and the area it
 * registered tells the CPU it runs on.  Rules and structure are Linux 6.1's. */
#ifndef KERNEL_PROC_SEQUENCE_H
#define KERNEL_PROC_SEQUENCE_H

#include "kernel/proc/task.h"

/* rseq(2) itself: 0 or -errno. */
int sequence_register(uint64_t area, uint32_t length, uint32_t signature);
int sequence_unregister(uint64_t area, uint32_t length, uint32_t signature);
/* The current thread goes back to ring 3 with f after it was preempted or moved. */
void sequence_resume(struct frame *f);
/* A handler is about to be put on top of f. */
void sequence_interrupt(struct frame *f);
/* A new program: nothing is registered. */
void sequence_forget(struct thread *t);
/* A new thread without CLONE_VM has its parent's. */
void sequence_inherit(struct thread *t, const struct thread *from);

#endif
