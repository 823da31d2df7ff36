/* What entry.S leaves on the kernel stack, for system calls, exceptions and
 * interrupts alike.  Order is fixed by entry.S and pinned there. */
#ifndef KERNEL_ARCH_FRAME_H
#define KERNEL_ARCH_FRAME_H

#include "kernel/lib/types.h"
#include "schemas/events.h"

struct frame {
	uint64_t r15, r14, r13, r12, rbp, rbx;
	uint64_t r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	uint64_t vector; /* or one of FRAME_ */
	uint64_t error;  /* SYSCALL: the call's number; else the CPU's error code or 0 */
	uint64_t rip, cs, rflags, rsp, ss; /* as IRET wants them */
};
_Static_assert(offsetof(struct frame, vector) == 120, "entry.S pushes 15 registers below it");
_Static_assert(sizeof(struct frame) == 176, "entry.S");

#define FRAME_SYSCALL 0x100
#define FRAME_CALL    0x101 /* made up by panic: its caller, of which only rip, rbp, rsp are known */

/* Selectors: gdt.c's order, which SYSRET dictates (SDM vol. 2, SYSRET). */
#define SEL_KERNEL_CODE 0x08
#define SEL_KERNEL_DATA 0x10
#define SEL_USER_DATA   0x2b
#define SEL_USER_CODE   0x33
#define SEL_TSS         0x38

static inline bool frame_from_user(const struct frame *f)
{
	return (f->cs & 3) == 3;
}

/* Vectors are group VECTOR of schemas/enums.def; these bound their kinds. */
#define VECTOR_EXCEPTIONS 32   /* exceptions are below */
#define VECTOR_DEVICE_END 0xf0 /* device vectors are below */

/* Page-fault error code: SDM vol. 3, 4.7. */
#define PF_PRESENT  0x01
#define PF_WRITE    0x02
#define PF_USER     0x04
#define PF_RESERVED 0x08
#define PF_FETCH    0x10

#endif
