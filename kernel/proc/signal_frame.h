/* The frame a handler runs on: Linux x86-64's rt_sigframe, to the byte
 * (System V ABI, AMD64; <asm/sigcontext.h>, <asm/ucontext.h>).
 *
 *   stack before the signal
 *   128 bytes red zone (not when changing to the alternate stack)
 *   extended state as XSAVE writes it, 64-byte aligned; FP_XSTATE_MAGIC2
 *   struct signal_frame, address 8 modulo 16 as after a call */
#ifndef KERNEL_PROC_SIGNAL_FRAME_H
#define KERNEL_PROC_SIGNAL_FRAME_H

#include "kernel/proc/task.h"

#include <asm/sigcontext.h>
#include <asm/ucontext.h>

struct signal_frame {
	uint64_t restorer; /* where the handler returns to */
	struct ucontext context;
	siginfo_t info;
};
_Static_assert(offsetof(struct signal_frame, info) == 312, "layout of rt_sigframe");
_Static_assert(sizeof(struct signal_frame) == 440, "layout of rt_sigframe");

/* Make f start a's handler for sig; mask is what the handler's return restores.
 * False: the stack cannot take the frame. */
bool signal_frame_push(struct frame *f, int sig, const struct sigaction *a, const siginfo_t *info,
		       uint64_t mask);
/* rt_sigreturn: put everything back into f and the thread; false if the frame is
 * not readable or would give the program what it may not have. */
bool signal_frame_pop(struct frame *f);
/* AT_MINSIGSTKSZ: the largest frame. */
uint64_t signal_frame_size(void);

/* Is sp on the thread's alternate stack?  sigaltstack(2). */
bool signal_on_altstack(const stack_t *s, uint64_t sp);

#endif
