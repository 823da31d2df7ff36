/* Bad pointers in system calls: EFAULT, and nothing else happens. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096 };

#define LOW           8ul
#define KERNEL        0xffffffff80000000ul
#define NON_CANONICAL 0x8000000000000000ul

/* Every call that takes a pointer, with that pointer bad. */
static void pointers_try(unsigned long bad)
{
	int ends[2];

	CHECK(pipe(ends) == 0 && write(ends[1], "x", 1) == 1);
	FAILS(syscall(SYS_read, ends[0], bad, 1), EFAULT);
	FAILS(syscall(SYS_write, ends[1], bad, 1), EFAULT);
	FAILS(syscall(SYS_openat, AT_FDCWD, bad, O_RDONLY, 0), EFAULT);
	FAILS(syscall(SYS_newfstatat, AT_FDCWD, "/", bad, 0), EFAULT);
	FAILS(syscall(SYS_newfstatat, AT_FDCWD, bad, ends, 0), EFAULT);
	FAILS(syscall(SYS_pipe2, bad, 0), EFAULT);
	FAILS(syscall(SYS_getcwd, bad, 100), EFAULT);
	FAILS(syscall(SYS_chdir, bad), EFAULT);
	FAILS(syscall(SYS_mkdir, bad, 0755), EFAULT);
	FAILS(syscall(SYS_rename, "a", bad), EFAULT);
	FAILS(syscall(SYS_readlink, "/proc/self/exe", bad, 100), EFAULT);
	FAILS(syscall(SYS_uname, bad), EFAULT);
	FAILS(syscall(SYS_sysinfo, bad), EFAULT);
	FAILS(syscall(SYS_clock_gettime, 1, bad), EFAULT);
	FAILS(syscall(SYS_clock_nanosleep, 1, 0, bad, 0), EFAULT);
	FAILS(syscall(SYS_rt_sigaction, SIGUSR1, bad, 0, 8), EFAULT);
	FAILS(syscall(SYS_rt_sigaction, SIGUSR1, 0, bad, 8), EFAULT);
	FAILS(syscall(SYS_rt_sigprocmask, SIG_BLOCK, bad, 0, 8), EFAULT);
	FAILS(syscall(SYS_futex, bad & ~3ul, FUTEX_WAIT, 0, 0), EFAULT);
	FAILS(syscall(SYS_poll, bad, 1, 0), EFAULT);
	FAILS(syscall(SYS_execve, bad, 0, 0), EFAULT);
	FAILS(syscall(SYS_execve, "/proc/self/exe", bad, 0), EFAULT);
	FAILS(syscall(SYS_getrandom, bad, 8, 0), EFAULT);
	FAILS(syscall(SYS_prlimit64, 0, 3, 0, bad), EFAULT);
	FAILS(syscall(SYS_sched_getaffinity, 0, 128, bad), EFAULT);
}

CASE(pointer_low)
{
	pointers_try(LOW);
}

CASE(pointer_kernel)
{
	pointers_try(KERNEL);
}

CASE(pointer_non_canonical)
{
	pointers_try(NON_CANONICAL);
}

CASE(pointer_wraps)
{
	char byte = 'x';
	int ends[2];

	CHECK(pipe(ends) == 0);
	FAILS(syscall(SYS_write, ends[1], -PAGE, PAGE), EFAULT);
	FAILS(syscall(SYS_write, ends[1], -1ul, 2), EFAULT);
	FAILS(syscall(SYS_write, ends[1], &byte, -1ul), EFAULT);
	GIVES(syscall(SYS_write, ends[1], &byte, 1), 1);
}

CASE(pointer_read_only)
{
	char *memory = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int ends[2];

	CHECK(memory != MAP_FAILED && pipe(ends) == 0);
	GIVES(write(ends[1], memory, 4), 4);
	FAILS(read(ends[0], memory, 4), EFAULT);
	FAILS(syscall(SYS_uname, memory), EFAULT);
	GIVES(memory[0], 0);
}

CASE(pointer_string_at_edge)
{
	char *memory =
		mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(memory != MAP_FAILED && munmap(memory + PAGE, PAGE) == 0);
	memcpy(memory + PAGE - 10, "/dev/null", 10);
	GIVES(open(memory + PAGE - 10, O_RDONLY), 3);
	memory[PAGE - 1] = 'x';
	FAILS(open(memory + PAGE - 10, O_RDONLY), EFAULT);
}

CASE(pointer_partly_good)
{
	char *memory =
		mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int zero = open("/dev/zero", O_RDONLY);

	CHECK(memory != MAP_FAILED && munmap(memory + PAGE, PAGE) == 0 && zero == 3);
	GIVES(read(zero, memory + PAGE - 100, 100), 100);
	FAILS(syscall(SYS_newfstatat, AT_FDCWD, "/", memory + PAGE - 8, 0), EFAULT);
	FAILS(syscall(SYS_pipe2, memory + PAGE - 4, 0), EFAULT);
	GIVES(dup(0), 4);
}

CASE(pointer_wait_status)
{
	pid_t pid = child();

	if (pid == 0)
		_exit(0);
	FAILS(syscall(SYS_wait4, pid, LOW, 0, 0), EFAULT);
	pid = child();
	if (pid == 0)
		_exit(9);
	EXITS(pid, 9);
}
