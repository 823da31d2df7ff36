/* System calls by name: NR_read, NR_write, ...  Both kernel and host include it;
 * tables of arguments are built by including syscalls.def again. */
#ifndef SCHEMAS_SYSCALLS_H
#define SCHEMAS_SYSCALLS_H

enum syscall_number {
#define SYSCALL0(nr, name, ...) NR_##name = (nr),
#define SYSCALL1(nr, name, ...) NR_##name = (nr),
#define SYSCALL2(nr, name, ...) NR_##name = (nr),
#define SYSCALL3(nr, name, ...) NR_##name = (nr),
#define SYSCALL4(nr, name, ...) NR_##name = (nr),
#define SYSCALL5(nr, name, ...) NR_##name = (nr),
#define SYSCALL6(nr, name, ...) NR_##name = (nr),
#include "schemas/syscalls.def"
	SYSCALL_LIMIT = 512 /* all numbers are below */
};

#endif
