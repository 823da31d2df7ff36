/* Every way into the kernel and every way out of it.
 *
 *   in    syscall_entry (SYSCALL), trap_stub_0 .. trap_stub_255 (the IDT)
 *   out   syscall_leave: SYSRET; trap_leave: IRET; nothing else
 *
 * Each entry builds a struct frame and calls C with its address; C has emitted
 * the record of the way out when it returns.  GS: the kernel's while in ring 0.
 * NMI, double fault and machine check may hit between a SWAPGS and its ring
 * change, so they look at the GS base itself ("paranoid").
 *
 * The labels ..._called stand behind the calls of C: who walks a stack and finds one
 * as a return address knows that a struct frame lies above it. */

#include "kernel/arch/x86_64/unwind.h"

#define CPU_KERNEL_STACK 8
#define CPU_USER_STACK   16
#define SEL_USER_DATA    0x2b
#define SEL_USER_CODE    0x33
#define FRAME_SYSCALL    0x100
#define FRAME_CS         144
#define MSR_GS_BASE      0xc0000101

	.macro PUSH_REGISTERS
	PUSH rdi
	PUSH rsi
	PUSH rdx
	PUSH rcx
	PUSH rax
	PUSH r8
	PUSH r9
	PUSH r10
	PUSH r11
	PUSH rbx
	PUSH rbp
	PUSH r12
	PUSH r13
	PUSH r14
	PUSH r15
	.endm

	.macro POP_REGISTERS
	POP r15
	POP r14
	POP r13
	POP r12
	POP rbp
	POP rbx
	POP r11
	POP r10
	POP r9
	POP r8
	POP rax
	POP rcx
	POP rdx
	POP rsi
	POP rdi
	.endm

/* The whole frame, which begins at a register. */
	.macro CFI_FRAME base
	CFI_INTERRUPTED \base, 136
	.set v, -56
	.irp register, rdi, rsi, rdx, rcx, rax, r8, r9, r10, r11, rbx, rbp, r12, r13, r14, r15
	.set v, v - 8
	.cfi_offset \register, v
	.endr
	.endm

	.text
	.globl syscall_entry
syscall_entry:
	.cfi_startproc simple
	.cfi_signal_frame
	.cfi_def_cfa rsp, 0
	.cfi_register rip, rcx
	.cfi_register 49, r11
	swapgs
	movq %rsp, %gs:CPU_USER_STACK
	movq %gs:CPU_KERNEL_STACK, %rsp
	CFI_OUTERMOST			/* for now: the program's %rsp is where no rule finds it */
	PUSH_FOR 52, $SEL_USER_DATA
	PUSH_FOR rsp, %gs:CPU_USER_STACK
	.cfi_register rip, rcx
	PUSH_FOR 49, %r11
	PUSH_FOR 51, $SEL_USER_CODE
	PUSH_FOR rip, %rcx
	pushq %rax			/* error: the call's number */
	.cfi_adjust_cfa_offset 8
	pushq $FRAME_SYSCALL
	.cfi_adjust_cfa_offset 8
	PUSH_REGISTERS
	xorl %ebp, %ebp
	movq %rsp, %rdi
	call syscall_main		/* true: SYSRET will do */
	.globl syscall_called
syscall_called:
	testb %al, %al
	jz trap_leave_user

/* Registers from the frame at %rsp, ring 3 by SYSRET.  Interrupts are off; rip is
 * canonical, so that SYSRET cannot fault in ring 0 on the program's stack. */
syscall_leave:
	POP_REGISTERS
	movq 16(%rsp), %rcx		/* rip */
	movq 32(%rsp), %r11		/* rflags */
	movq 40(%rsp), %rsp
	.cfi_def_cfa rsp, 0
	.cfi_register rip, rcx
	.cfi_register 49, r11
	.cfi_val_offset rsp, 0
	swapgs
	.globl syscall_sysret
syscall_sysret:
	sysretq
	.cfi_endproc
	FUNCTION syscall_entry

/* noreturn void frame_return(struct frame *f, bool sysret): leave for ring 3 with
 * the frame f, which is at the top of this thread's stack.  Interrupts off. */
	.globl frame_return
frame_return:
	.cfi_startproc simple
	.cfi_signal_frame
	CFI_FRAME rdi
	movq %rdi, %rsp
	.cfi_def_cfa_register rsp
	testb %sil, %sil
	jnz syscall_leave
trap_leave_user:
	POP_REGISTERS
	addq $16, %rsp
	.cfi_adjust_cfa_offset -16
	swapgs
	iretq
	.cfi_endproc
	FUNCTION frame_return

	/* The IDT's stubs.  Vectors whose exception pushes no error code push 0. */
	.macro STUB vector
	.globl trap_stub_\vector
	.align 16
trap_stub_\vector:
	.if \vector == 8 || (\vector >= 10 && \vector <= 14) || \vector == 17 || \vector == 21
	CFI_INTERRUPTED rsp, 8
	.else
	CFI_INTERRUPTED rsp, 0
	pushq $0
	.cfi_adjust_cfa_offset 8
	.endif
	pushq $\vector
	.cfi_adjust_cfa_offset 8
	.if \vector == 2 || \vector == 8 || \vector == 18
	jmp trap_paranoid
	.else
	jmp trap_common
	.endif
	FUNCTION trap_stub_\vector
	.endm

	.altmacro
	.macro STUBS_FROM first, last
	.set v, \first
	.rept \last - \first + 1
	STUB %v
	.set v, v + 1
	.endr
	.endm
	.cfi_startproc simple
	.cfi_signal_frame
	STUBS_FROM 0, 255

trap_common:
	CFI_INTERRUPTED rsp, 16
	PUSH_REGISTERS
	cld
	clac				/* AC may be set: by the program, or in mm/user.c */
	testb $3, FRAME_CS(%rsp)
	jz 1f
	swapgs
	xorl %ebp, %ebp
	movq %rsp, %rdi
	call trap_main
	.globl trap_called_user
trap_called_user:
	jmp trap_leave_user
1:	movq %rsp, %rdi
	call trap_main
	.globl trap_called_kernel
trap_called_kernel:
	POP_REGISTERS
	addq $16, %rsp
	.cfi_adjust_cfa_offset -16
	iretq
	FUNCTION trap_common

trap_paranoid:
	CFI_INTERRUPTED rsp, 16
	PUSH_REGISTERS
	cld
	clac
	movl $MSR_GS_BASE, %ecx
	rdmsr
	xorl %ebx, %ebx
	testl %edx, %edx
	js 1f				/* the kernel's half: GS is ours */
	swapgs
	movl $1, %ebx
1:	movq %rsp, %rdi
	call trap_main
	.globl trap_called_paranoid
trap_called_paranoid:
	testl %ebx, %ebx
	jz 2f
	swapgs
2:	POP_REGISTERS
	addq $16, %rsp
	.cfi_adjust_cfa_offset -16
	iretq
	.cfi_endproc
	FUNCTION trap_paranoid

	.section .rodata
	.globl trap_stubs
	.align 8
trap_stubs:
	.macro STUB_ADDRESS vector
	.quad trap_stub_\vector
	.endm
	.set v, 0
	.rept 256
	STUB_ADDRESS %v
	.set v, v + 1
	.endr

	.text
/* void context_switch(uint64_t *save, uint64_t load): keep the callee-saved
 * registers and the stack pointer of one thread, go on with another's. */
	.globl context_switch
context_switch:
	.cfi_startproc
	PUSH rbp
	PUSH rbx
	PUSH r12
	PUSH r13
	PUSH r14
	PUSH r15
	movq %rsp, (%rdi)
	movq %rsi, %rsp
	POP r15
	POP r14
	POP r13
	POP r12
	POP rbx
	POP rbp
	ret
	.cfi_endproc
	FUNCTION context_switch

/* Where a new thread's first switch goes: %rbx function, %r12 its argument. */
	.globl thread_begin
thread_begin:
	.cfi_startproc
	CFI_OUTERMOST
	xorl %ebp, %ebp
	call sched_switched
	sti
	movq %r12, %rdi
	call *%rbx
	ud2
	.cfi_endproc
	FUNCTION thread_begin
