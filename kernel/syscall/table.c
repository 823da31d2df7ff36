#include "kernel/syscall/table.h"

#include "kernel/trace/trace.h"

/* Here, and only here, the handlers are weak: one that is not linked has the
 * address 0, and the table says so. */
#define SYSCALL_WEAK(name)      extern __typeof__(sys_##name) sys_##name __attribute__((weak));
#define SYSCALL0(nr, name, ...) SYSCALL_WEAK(name)
#define SYSCALL1(nr, name, ...) SYSCALL_WEAK(name)
#define SYSCALL2(nr, name, ...) SYSCALL_WEAK(name)
#define SYSCALL3(nr, name, ...) SYSCALL_WEAK(name)
#define SYSCALL4(nr, name, ...) SYSCALL_WEAK(name)
#define SYSCALL5(nr, name, ...) SYSCALL_WEAK(name)
#define SYSCALL6(nr, name, ...) SYSCALL_WEAK(name)
#include "schemas/syscalls.def"

/* From the frame to a handler's parameters, in the order of the ABI (System V
 * AMD64, A.2.1: %rdi %rsi %rdx %r10 %r8 %r9). */
#define SYSCALL_FROM_FRAME(name, ...)                                                              \
	static int64_t call_##name(struct frame *f)                                                \
	{                                                                                          \
		return sys_##name(__VA_ARGS__);                                                    \
	}
#define SYSCALL0(nr, name, ...) SYSCALL_FROM_FRAME(name)
#define SYSCALL1(nr, name, ...) SYSCALL_FROM_FRAME(name, f->rdi)
#define SYSCALL2(nr, name, ...) SYSCALL_FROM_FRAME(name, f->rdi, f->rsi)
#define SYSCALL3(nr, name, ...) SYSCALL_FROM_FRAME(name, f->rdi, f->rsi, f->rdx)
#define SYSCALL4(nr, name, ...) SYSCALL_FROM_FRAME(name, f->rdi, f->rsi, f->rdx, f->r10)
#define SYSCALL5(nr, name, ...) SYSCALL_FROM_FRAME(name, f->rdi, f->rsi, f->rdx, f->r10, f->r8)
#define SYSCALL6(nr, name, ...)                                                                    \
	SYSCALL_FROM_FRAME(name, f->rdi, f->rsi, f->rdx, f->r10, f->r8, f->r9)
#include "schemas/syscalls.def"

/* POINTED_<type>: what a pointer of this type asks to be recorded. */
enum {
#define TYPE(name, how)               POINTED_##name = 0,
#define POINTED(name, direction, how) POINTED_##name = TRACE_POINTED_##direction,
#include "schemas/types.def"
};

#define SYSCALL_ENTRY(nr, name, count, p0, p1, p2, p3, p4, p5)                                     \
	[nr] = { .call = call_##name,                                                              \
		 .handler = sys_##name,                                                            \
		 .arguments = (count),                                                             \
		 .pointed = { p0, p1, p2, p3, p4, p5 },                                            \
		 .points = (p0) | (p1) | (p2) | (p3) | (p4) | (p5) },
#define P(type) POINTED_##type
const struct syscall_entry syscall_table[SYSCALL_LIMIT] = {
#define SYSCALL0(nr, name, ret, sentence)         SYSCALL_ENTRY(nr, name, 0, 0, 0, 0, 0, 0, 0)
#define SYSCALL1(nr, name, ret, t0, a0, sentence) SYSCALL_ENTRY(nr, name, 1, P(t0), 0, 0, 0, 0, 0)
#define SYSCALL2(nr, name, ret, t0, a0, t1, a1, sentence)                                          \
	SYSCALL_ENTRY(nr, name, 2, P(t0), P(t1), 0, 0, 0, 0)
#define SYSCALL3(nr, name, ret, t0, a0, t1, a1, t2, a2, sentence)                                  \
	SYSCALL_ENTRY(nr, name, 3, P(t0), P(t1), P(t2), 0, 0, 0)
#define SYSCALL4(nr, name, ret, t0, a0, t1, a1, t2, a2, t3, a3, sentence)                          \
	SYSCALL_ENTRY(nr, name, 4, P(t0), P(t1), P(t2), P(t3), 0, 0)
#define SYSCALL5(nr, name, ret, t0, a0, t1, a1, t2, a2, t3, a3, t4, a4, sentence)                  \
	SYSCALL_ENTRY(nr, name, 5, P(t0), P(t1), P(t2), P(t3), P(t4), 0)
#define SYSCALL6(nr, name, ret, t0, a0, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5, sentence)          \
	SYSCALL_ENTRY(nr, name, 6, P(t0), P(t1), P(t2), P(t3), P(t4), P(t5))
#include "schemas/syscalls.def"
};
