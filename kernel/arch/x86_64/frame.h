/* What entry.S leaves on the kernel stack, for system calls, exceptions and
 * interrupts alike.  Order is fixed by entry.S and pinned there. */
#ifndef KERNEL_ARCH_FRAME_H
#define KERNEL_ARCH_FRAME_H

#include "kernel/lib/types.h"

struct frame {
	uint64_t r15, r14, r13, r12, rbp, rbx;
	uint64_t r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	uint64_t vector; /* SYSCALL: 0x100 */
	uint64_t error;  /* SYSCALL: the call's number; else the CPU's error code or 0 */
	uint64_t rip, cs, rflags, rsp, ss; /* as IRET wants them */
};
_Static_assert(offsetof(struct frame, vector) == 120, "entry.S pushes 15 registers below it");
_Static_assert(sizeof(struct frame) == 176, "entry.S");

#define FRAME_SYSCALL 0x100

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

/* Exceptions: SDM vol. 3, table 6-1.  Interrupt vectors: ours. */
enum vector {
	VECTOR_DIVIDE = 0,
	VECTOR_DEBUG = 1,
	VECTOR_NMI = 2,
	VECTOR_BREAKPOINT = 3,
	VECTOR_OVERFLOW = 4,
	VECTOR_BOUND = 5,
	VECTOR_OPCODE = 6,
	VECTOR_NO_FPU = 7,
	VECTOR_DOUBLE_FAULT = 8,
	VECTOR_TSS = 10,
	VECTOR_SEGMENT = 11,
	VECTOR_STACK = 12,
	VECTOR_PROTECTION = 13,
	VECTOR_PAGE_FAULT = 14,
	VECTOR_FPU = 16,
	VECTOR_ALIGNMENT = 17,
	VECTOR_MACHINE_CHECK = 18,
	VECTOR_SIMD = 19,
	VECTOR_CONTROL = 21,
	VECTOR_EXCEPTIONS = 32, /* exceptions are below */
	VECTOR_TIMER = 0x20,
	VECTOR_IPI_RESCHEDULE = 0x21,
	VECTOR_IPI_TLB = 0x22,
	VECTOR_IPI_STOP = 0x23,
	VECTOR_DEVICE = 0x40, /* first of those handed out by irq_vector_alloc */
	VECTOR_DEVICE_END = 0xf0,
	VECTOR_SPURIOUS = 0xff,
};

/* Page-fault error code: SDM vol. 3, 4.7. */
#define PF_PRESENT  0x01
#define PF_WRITE    0x02
#define PF_USER     0x04
#define PF_RESERVED 0x08
#define PF_FETCH    0x10

#endif
