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

#define CPU_KERNEL_STACK 8
#define CPU_USER_STACK   16
#define SEL_USER_DATA    0x2b
#define SEL_USER_CODE    0x33
#define FRAME_SYSCALL    0x100
#define FRAME_CS         144
#define MSR_GS_BASE      0xc0000101

	.macro PUSH_REGISTERS
	pushq %rdi
	pushq %rsi
	pushq %rdx
	pushq %rcx
	pushq %rax
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	.endm

	.macro POP_REGISTERS
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rax
	popq %rcx
	popq %rdx
	popq %rsi
	popq %rdi
	.endm

	.text
	.globl syscall_entry
syscall_entry:
	swapgs
	movq %rsp, %gs:CPU_USER_STACK
	movq %gs:CPU_KERNEL_STACK, %rsp
	pushq $SEL_USER_DATA
	pushq %gs:CPU_USER_STACK
	pushq %r11
	pushq $SEL_USER_CODE
	pushq %rcx
	pushq %rax			/* error: the call's number */
	pushq $FRAME_SYSCALL
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
	swapgs
	.globl syscall_sysret
syscall_sysret:
	sysretq

/* noreturn void frame_return(struct frame *f, bool sysret): leave for ring 3 with
 * the frame f, which is at the top of this thread's stack.  Interrupts off. */
	.globl frame_return
frame_return:
	movq %rdi, %rsp
	testb %sil, %sil
	jnz syscall_leave
trap_leave_user:
	POP_REGISTERS
	addq $16, %rsp
	swapgs
	iretq

	/* The IDT's stubs.  Vectors whose exception pushes no error code push 0. */
	.macro STUB vector
	.globl trap_stub_\vector
	.align 16
trap_stub_\vector:
	.if \vector == 8 || (\vector >= 10 && \vector <= 14) || \vector == 17 || \vector == 21
	.else
	pushq $0
	.endif
	pushq $\vector
	.if \vector == 2 || \vector == 8 || \vector == 18
	jmp trap_paranoid
	.else
	jmp trap_common
	.endif
	.endm

	.altmacro
	.macro STUBS_FROM first, last
	.set v, \first
	.rept \last - \first + 1
	STUB %v
	.set v, v + 1
	.endr
	.endm
	STUBS_FROM 0, 255

trap_common:
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
	iretq

trap_paranoid:
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
	iretq

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
	pushq %rbp
	pushq %rbx
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, (%rdi)
	movq %rsi, %rsp
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbx
	popq %rbp
	ret

/* Where a new thread's first switch goes: %rbx function, %r12 its argument. */
	.globl thread_begin
thread_begin:
	xorl %ebp, %ebp
	call sched_switched
	sti
	movq %r12, %rdi
	call *%rbx
	ud2
