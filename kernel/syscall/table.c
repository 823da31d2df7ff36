#include "kernel/syscall/table.h"

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

#define SYSCALL_ENTRY(nr, name, count)                                                             \
	[nr] = { .call = call_##name, .handler = sys_##name, .arguments = (count) },
const struct syscall_entry syscall_table[SYSCALL_LIMIT] = {
#define SYSCALL0(nr, name, ...) SYSCALL_ENTRY(nr, name, 0)
#define SYSCALL1(nr, name, ...) SYSCALL_ENTRY(nr, name, 1)
#define SYSCALL2(nr, name, ...) SYSCALL_ENTRY(nr, name, 2)
#define SYSCALL3(nr, name, ...) SYSCALL_ENTRY(nr, name, 3)
#define SYSCALL4(nr, name, ...) SYSCALL_ENTRY(nr, name, 4)
#define SYSCALL5(nr, name, ...) SYSCALL_ENTRY(nr, name, 5)
#define SYSCALL6(nr, name, ...) SYSCALL_ENTRY(nr, name, 6)
#include "schemas/syscalls.def"
};
