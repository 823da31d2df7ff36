/* From QEMU's PVH entry (32-bit protected mode, paging off, %ebx = start info)
 * and from the start-up IPI (real mode) to 64-bit C code in the higher half.
 * The tables made here map the first GiB three times: at 0, at DIRECT_BASE and
 * at KERNEL_BASE; paging_init replaces them. */

#include "kernel/arch/x86_64/unwind.h"

#define KERNEL_BASE 0xffffffff80000000
#define PHYS(x)     ((x) - KERNEL_BASE)

	/* ELF note: Xen's XEN_ELFNOTE_PHYS32_ENTRY. */
	.section .note.pvh, "a", @note
	.long 4, 4, 18
	.asciz "Xen"
	.long pvh_start

	.section .boot, "ax"
	.code32
	.globl pvh_start
pvh_start:
	cld
	movl %ebx, %esi
	movl $PHYS(boot_stack_top), %esp
	/* Second level: 512 pages of 2 MiB. */
	movl $PHYS(boot_pd), %edi
	movl $0x83, %eax
	movl $512, %ecx
1:	movl %eax, (%edi)
	addl $0x200000, %eax
	addl $8, %edi
	loop 1b
	movl $(PHYS(boot_pd) + 3), PHYS(boot_pdpt)
	movl $(PHYS(boot_pd) + 3), PHYS(boot_pdpt) + 510 * 8
	movl $(PHYS(boot_pdpt) + 3), PHYS(boot_pml4)
	movl $(PHYS(boot_pdpt) + 3), PHYS(boot_pml4) + 273 * 8
	movl $(PHYS(boot_pdpt) + 3), PHYS(boot_pml4) + 511 * 8
	call long_mode
	lgdtl boot_gdt_pointer
	ljmpl $0x08, $boot64

/* Paging and long mode on, with the tables at boot_pml4. */
long_mode:
	movl %cr4, %eax
	orl $0x20, %eax			/* PAE */
	movl %eax, %cr4
	movl $PHYS(boot_pml4), %eax
	movl %eax, %cr3
	movl $0xc0000080, %ecx		/* EFER: LME, NXE, SCE */
	rdmsr
	orl $0x901, %eax
	wrmsr
	movl %cr0, %eax
	orl $0x80010001, %eax		/* PG, WP, PE */
	movl %eax, %cr0
	ret

	.code64
boot64:
	movabsq $boot_high, %rax
	jmp *%rax

	.align 8
boot_gdt:
	.quad 0
	.quad 0x00af9a000000ffff	/* 64-bit code */
	.quad 0x00cf92000000ffff	/* data */
boot_gdt_end:
boot_gdt_pointer:
	.word boot_gdt_end - boot_gdt - 1
	.long boot_gdt

	/* Application processors: copied to AP_START (a page below 1 MiB). */
	.globl ap_start, ap_end
	.code16
ap_start:
	cli
	cld
	movw %cs, %ax
	movw %ax, %ds
	lgdtl %cs:(ap_gdt_pointer - ap_start)
	movl %cr0, %eax
	orl $1, %eax
	movl %eax, %cr0
	ljmpl $0x18, $ap32
	.align 8
ap_gdt_pointer:
	.word ap_gdt_end - ap_gdt - 1
	.long ap_gdt
ap_end:

	.align 8
ap_gdt:
	.quad 0
	.quad 0x00af9a000000ffff
	.quad 0x00cf92000000ffff
	.quad 0x00cf9a000000ffff	/* 32-bit code */
ap_gdt_end:

	.code32
ap32:
	movw $0x10, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	movl $PHYS(ap_boot_stack_top), %esp
	call long_mode
	lgdtl boot_gdt_pointer
	ljmpl $0x08, $ap64
	.code64
ap64:
	movabsq $ap_high, %rax
	jmp *%rax

	.text
boot_high:
	.cfi_startproc
	CFI_OUTERMOST
	xorl %eax, %eax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	movw %ax, %fs
	movw %ax, %gs
	movabsq $boot_stack_top, %rsp
	xorl %ebp, %ebp
	movl %esi, %edi			/* physical address of the start info */
	call kernel_main
	ud2
	.cfi_endproc
	FUNCTION boot_high

ap_high:
	.cfi_startproc
	CFI_OUTERMOST
	xorl %eax, %eax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	movw %ax, %fs
	movw %ax, %gs
	movq ap_root(%rip), %rax
	movq %rax, %cr3
	movq ap_stack(%rip), %rsp
	xorl %ebp, %ebp
	movq ap_cpu(%rip), %rdi
	call ap_main
	ud2
	.cfi_endproc
	FUNCTION ap_high

	.bss
	.align 4096
	.globl boot_pml4
boot_pml4:	.skip 4096
boot_pdpt:	.skip 4096
boot_pd:	.skip 4096
	.globl boot_stack, boot_stack_guard
boot_stack_guard:	.skip 4096
boot_stack:	.skip 16384
boot_stack_top:
	.skip 64			/* for one call, one application processor at a time */
ap_boot_stack_top:
