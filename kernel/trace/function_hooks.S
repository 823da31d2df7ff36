/* What a function's first five bytes call when its entry and exit are recorded, and
 * where it then returns to.  The short way is for a ring of 64 KiB blocks with room
 * in the open one; function.c does all else.
 *
 * At a function's first instruction its arguments are in registers; %rax, %r10 and
 * %r11 are free (GCC gives no static function a convention of its own under -pg).  At
 * its end %rax and %rdx are its result and %rbx, %rbp, %r12 to %r15 its caller's.
 *
 * Interrupts may come between any two instructions: what they record is above on the
 * thread's stack of frames, and gone when they return.  So a frame is claimed before
 * it is written, and read before it is given back.
 *
 * The ring is used as ring.h says: head moves by a compare-exchange with the time read
 * before it; the block counts the record, then its bytes, which make it complete. */
#include "kernel/arch/x86_64/unwind.h"
#include "kernel/trace/function_layout.h"

	.text

/* A function returned to here: its return address is gone, so here the stack ends. */
	.macro CFI_RETURNED
	.cfi_startproc simple
	.cfi_def_cfa rsp, 0
	CFI_OUTERMOST
	.endm

/* %rax: where the record goes, its header written.  Uses %rdx and the register new. */
	.macro RECORD_BEGIN new, new16, word, slow
1:	movq %gs:CPU_RING_HEAD, \new
	addw $FUNCTION_RECORD_BYTES, \new16
	jc \slow			/* no room in the block, or it is closed */
	rdtsc
	shlq $32, %rax
	shldq $50, %rax, %rdx		/* time << 18 */
	addq %gs:\word, %rdx
	leaq -FUNCTION_RECORD_BYTES(\new), %rax
	cmpxchgq \new, %gs:CPU_RING_HEAD
	jne 1b
	andl %gs:CPU_RING_MASK, %eax
	addq %gs:CPU_RING_MEMORY, %rax
	movq %rdx, (%rax)
	.endm

/* %rax: the record's block from now on. */
	.macro RECORD_COMMIT
	xorw %ax, %ax
	incl BLOCK_RECORDS(%rax)
	addl $FUNCTION_RECORD_BYTES, BLOCK_BYTES(%rax)
	.endm

/* From here on %rax, %r10 and %r11 are used, and %rdx is kept. */
	.macro ENTER slow, back
	incq %gs:CPU_ENTER_ATTEMPTS
	movq %rdx, %r10
	RECORD_BEGIN %r11, %r11w, CPU_ENTER_WORD, \slow
	movq %r10, %rdx
	movq (%rsp), %r10
	movq %r10, 8(%rax)
	RECORD_COMMIT
	movq %gs:CPU_FUNCTIONS, %r11
	addq $16, %gs:CPU_FUNCTIONS
	movq 8(%rsp), %rax
	movq %rax, (%r11)
	movq %r10, 8(%r11)
	movq $\back, 8(%rsp)
	ret
	.endm

/* %rcx: where to return to, when the result is in its registers again. */
	.macro RETURN slow
	movq %rax, %r8
	movq %rdx, %r9
	incq %gs:CPU_EXIT_ATTEMPTS
	RECORD_BEGIN %rcx, %cx, CPU_EXIT_WORD, \slow
	movq %gs:CPU_FUNCTIONS, %rcx
	movq -8(%rcx), %rdx
	movq %rdx, 8(%rax)
	RECORD_COMMIT
	movq -16(%rcx), %rcx
	subq $16, %gs:CPU_FUNCTIONS
	movq %r8, %rax
	movq %r9, %rdx
	.endm

	.globl function_enter
function_enter:
	.cfi_startproc
	cmpq $0, %gs:CPU_FUNCTIONS
	je 2f
enter_recorded:
	ENTER enter_slow, function_return
2:	ret
	.cfi_endproc

	.globl function_return
function_return:
	CFI_RETURNED
	RETURN return_slow
	jmp *%rcx
	.cfi_endproc

/* The same for roots: the first one of a thread begins its stack of frames, if there is
 * one and recording does not pause, and leaving it ends recording. */
	.globl function_enter_root
function_enter_root:
	.cfi_startproc
	cmpq $0, %gs:CPU_FUNCTIONS
	jne enter_recorded
	cmpb $0, %gs:CPU_FUNCTIONS_PAUSED
	jne 2b
	movq %gs:CPU_TRACE_THREAD, %rax
	testq %rax, %rax
	jz 2b
	movq THREAD_FUNCTIONS(%rax), %rax
	testq %rax, %rax
	jz 2b
	movq %rax, %gs:CPU_FUNCTIONS
	ENTER enter_root_slow, function_return_root
	.cfi_endproc

	.globl function_return_root
function_return_root:
	CFI_RETURNED
	RETURN return_slow
	movq $0, %gs:CPU_FUNCTIONS
	jmp *%rcx
	.cfi_endproc

/* The long way.  The return address into the function and the one into its caller are
 * above what is pushed. */
	.macro ARGUMENTS_PUSH
	PUSH rdi
	PUSH rsi
	PUSH rdx
	PUSH rcx
	PUSH r8
	PUSH r9
	leaq 48(%rsp), %rdi
	.endm

	.macro ARGUMENTS_POP
	POP r9
	POP r8
	POP rcx
	POP rdx
	POP rsi
	POP rdi
	.endm

	.macro CALL_ENTER slow
	ARGUMENTS_PUSH
	call \slow
	ARGUMENTS_POP
	.endm

enter_slow:
	.cfi_startproc
	movq %r10, %rdx
	CALL_ENTER function_enter_slow
	ret
	.cfi_endproc

enter_root_slow:
	.cfi_startproc
	movq %r10, %rdx
	CALL_ENTER function_root_slow
	ret
	.cfi_endproc

return_slow:
	CFI_RETURNED
	pushq %r8
	pushq %r9
	call function_exit_slow
	movq %rax, %rcx
	popq %rdx
	popq %rax
	jmp *%rcx
	.cfi_endproc

/* As function_enter and function_enter_root for any ring. */
	.globl function_enter_plain
function_enter_plain:
	.cfi_startproc
	cmpq $0, %gs:CPU_FUNCTIONS
	je 2f
	incq %gs:CPU_ENTER_ATTEMPTS
	CALL_ENTER function_enter_slow
2:	ret
	.cfi_endproc

	.globl function_enter_root_plain
function_enter_root_plain:
	.cfi_startproc
	CALL_ENTER function_root_plain_slow
	ret
	.cfi_endproc

	.globl function_return_plain
function_return_plain:
	CFI_RETURNED
	incq %gs:CPU_EXIT_ATTEMPTS
	movq %rax, %r8
	movq %rdx, %r9
	jmp return_slow
	.cfi_endproc

/* A stack is taken at the function's entry, and then it may be recorded as well. */
	.macro STACK_HOOK name, then
	.globl \name
\name:
	.cfi_startproc
	ARGUMENTS_PUSH
	movq %rbp, %rsi
	call function_stack_slow
	ARGUMENTS_POP
	\then
	.cfi_endproc
	.endm
	STACK_HOOK function_stack, ret
	STACK_HOOK function_stack_enter, "jmp function_enter"
	STACK_HOOK function_stack_root, "jmp function_enter_root"
	STACK_HOOK function_stack_enter_plain, "jmp function_enter_plain"
	STACK_HOOK function_stack_root_plain, "jmp function_enter_root_plain"

/* In sched/switch.c, from now on the running thread is another one: no register is
 * changed. */
	.globl function_switch
function_switch:
	.cfi_startproc
	PUSH rax
	PUSH rcx
	movq %gs:CPU_FUNCTION_OWNER, %rax
	movq %gs:CPU_FUNCTIONS, %rcx
	movq %rcx, THREAD_FUNCTIONS_TOP(%rax)
	movq %gs:CPU_TRACE_THREAD, %rax
	movq THREAD_FUNCTIONS_TOP(%rax), %rcx
	movq %rcx, %gs:CPU_FUNCTIONS
	movq %rax, %gs:CPU_FUNCTION_OWNER
	POP rcx
	POP rax
	ret
	.cfi_endproc
