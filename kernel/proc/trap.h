/* The way back to ring 3, shared by system calls and traps. */
#ifndef KERNEL_PROC_TRAP_H
#define KERNEL_PROC_TRAP_H

#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/frame.h"
#include "kernel/arch/x86_64/paging.h"
#include "kernel/arch/x86_64/regs.h"
#include "kernel/sched/thread.h"

/* Something must be done before this thread may go on in ring 3: a signal, a
 * stop, or somebody else's turn.  Interrupts off. */
static inline bool return_work_pending(void)
{
	return this_cpu()->reschedule || current()->attention;
}

/* SYSRET puts %rcx and %r11 into %rip and %rflags and takes fixed selectors; with a
 * %rip that is not canonical it would fault in ring 0 on the program's stack. */
static inline bool frame_allows_sysret(const struct frame *f)
{
	return f->rip == f->rcx && f->rflags == f->r11 && f->rip < USER_END &&
	       f->cs == SEL_USER_CODE && f->ss == SEL_USER_DATA &&
	       !(f->rflags & (RFLAGS_TF | RFLAGS_RF | RFLAGS_NT));
}

/* Where entry.S arrives with an exception or interrupt; it leaves by IRET. */
void trap_main(struct frame *f);

/* Do the work, emit user_enter, account.  True: leave by SYSRET, else by IRET.
 * Interrupts off at entry and return. */
bool user_leave(struct frame *f, bool in_syscall);

#endif
