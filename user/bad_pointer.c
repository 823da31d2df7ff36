/* The kernel follows no pointer blindly: bad_pointer.
 *
 * Each call gets an address that the process may not use: nothing mapped, the kernel's
 * own memory, read-only memory as a destination.  In the trace: the call, at most a
 * page fault with cause "bad user pointer in a call", and the result EFAULT.  The same
 * access made by the program itself would be SIGSEGV (see null_pointer). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KERNEL_ADDRESS 0xffffffff80000000ul

static void show(const char *what, long result)
{
	printf("%-40s %s\n", what, result < 0 ? strerror(errno) : "worked");
}

int main(void)
{
	static const char constant[16] = "read-only";
	int ends[2];
	char byte = 'x';

	if (pipe(ends) < 0)
		return 1;
	show("write from address 8:", syscall(SYS_write, ends[1], 8, 1));
	show("write from the kernel's memory:", syscall(SYS_write, ends[1], KERNEL_ADDRESS, 1));
	show("open with a path at address 8:", syscall(SYS_openat, AT_FDCWD, 8, O_RDONLY, 0));
	show("write of one good byte:", syscall(SYS_write, ends[1], &byte, 1));
	show("read to read-only memory:", syscall(SYS_read, ends[0], constant, 1));
	show("uname to address 8:", syscall(SYS_uname, 8));
	show("read of that byte to a good address:", syscall(SYS_read, ends[0], &byte, 1));
	return 0;
}
