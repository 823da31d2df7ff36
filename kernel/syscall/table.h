/* Prototypes of the handlers, one for each call of schemas/syscalls.def:
 * int64_t sys_read(uint64_t fd, uint64_t buf, uint64_t count) and so on.  A
 * handler gives the result or -errno; it runs in the calling thread, interrupts
 * on, and may sleep.  A call nobody defines answers ENOSYS. */
#ifndef KERNEL_SYSCALL_TABLE_H
#define KERNEL_SYSCALL_TABLE_H

#include "kernel/arch/x86_64/frame.h"
#include "kernel/lib/types.h"

#define SYSCALL0(nr, name, ret, sentence)         int64_t sys_##name(void);
#define SYSCALL1(nr, name, ret, t0, a0, sentence) int64_t sys_##name(uint64_t a0);
#define SYSCALL2(nr, name, ret, t0, a0, t1, a1, sentence)                                          \
	int64_t sys_##name(uint64_t a0, uint64_t a1);
#define SYSCALL3(nr, name, ret, t0, a0, t1, a1, t2, a2, sentence)                                  \
	int64_t sys_##name(uint64_t a0, uint64_t a1, uint64_t a2);
#define SYSCALL4(nr, name, ret, t0, a0, t1, a1, t2, a2, t3, a3, sentence)                          \
	int64_t sys_##name(uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3);
#define SYSCALL5(nr, name, ret, t0, a0, t1, a1, t2, a2, t3, a3, t4, a4, sentence)                  \
	int64_t sys_##name(uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4);
#define SYSCALL6(nr, name, ret, t0, a0, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5, sentence)          \
	int64_t sys_##name(uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,        \
			   uint64_t a5);
#include "schemas/syscalls.def"

#define SYSCALL_LIMIT 512 /* numbers in use are below */

struct syscall_entry {
	int64_t (*call)(struct frame *f); /* the handler with its arguments from f */
	const void *handler;              /* NULL: not implemented */
	uint8_t arguments;
	uint8_t pointed[6]; /* enum trace_pointed: structures behind them to be recorded */
	bool points;        /* one of these is not 0 */
};

extern const struct syscall_entry syscall_table[SYSCALL_LIMIT];

#endif
