/* The vDSO as it was built, whole pages of it. */
	.section .rodata
	.globl vdso_start, vdso_end
	.balign 4096
vdso_start:
	.incbin "vdso.so"
	.balign 4096, 0
vdso_end:
	.section .note.GNU-stack, "", @progbits
