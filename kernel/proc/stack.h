/* The first stack of a program: System V ABI, AMD64, 3.4. */
#ifndef KERNEL_PROC_STACK_H
#define KERNEL_PROC_STACK_H

#include "kernel/proc/exec.h"

#define STACK_TOP (USER_END - (16ull << 20)) /* below it, programs may map to the end */
#define STACK_GAP (128ull << 20)             /* kept for it whatever the limit says */

/* What the dynamic linker and libc are told, besides argv. */
struct start_facts {
	uint64_t headers, header_count, base, entry;
	uint64_t vdso; /* 0: there is none */
};

/* Map the stack of g, growing to limit bytes, and write what a program finds there:
 * a's strings and pointers to them, the auxiliary vector; sets g->stack and the
 * space's marks.  name is AT_EXECFN.  0 or -errno. */
int stack_build(struct program *g, const char *name, const struct arguments *a,
		const struct start_facts *facts, uint64_t limit, bool exec);

#endif
