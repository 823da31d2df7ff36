/* Assembly only: what a debugger must be told to walk a stack through assembly (DWARF CFI),
 * and what is a function there.
 * It goes to .debug_frame, so no byte of the kernel is another for it.
 *
 * A way into the kernel is a "signal frame": it has its own stack, and what it interrupted
 * goes on at the very address, not behind a call.  gdb prints it as <signal handler called>.
 * Numbers are DWARF's registers: 49 rflags, 51 cs, 52 ss (psABI x86-64, table 3.36). */
#ifndef KERNEL_ARCH_UNWIND_H
#define KERNEL_ARCH_UNWIND_H

/* clang-format off */
	.cfi_sections .debug_frame

/* What is pushed is a register of who called, or of what was interrupted. */
	.macro PUSH_FOR register, value
	pushq \value
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset \register, 0
	.endm

	.macro PUSH register
	pushq %\register
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset \register, 0
	.endm

	.macro POP register
	popq %\register
	.cfi_adjust_cfa_offset -8
	.cfi_same_value \register
	.endm

/* The stack as the CPU leaves it when it interrupts something, or as IRET wants it, with
 * so many bytes pushed below, where the register base points. */
	.macro CFI_INTERRUPTED base, pushed
	.cfi_def_cfa \base, 40 + \pushed
	.cfi_offset 52, -8
	.cfi_offset rsp, -16
	.cfi_offset 49, -24
	.cfi_offset 51, -32
	.cfi_offset rip, -40
	.endm

/* Nothing called this: the stack ends. */
	.macro CFI_OUTERMOST
	.cfi_undefined rip
	.endm

/* That was the function name, with the labels in it. */
	.macro FUNCTION name
	.type \name, @function
	.size \name, . - \name
	.endm
/* clang-format on */

#endif
