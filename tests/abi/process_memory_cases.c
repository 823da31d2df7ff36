/* Another process's memory: process_vm_readv, process_vm_writev, /proc/PID/mem. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PAGE = 4096, RW = PROT_READ | PROT_WRITE, ANONYMOUS = MAP_PRIVATE | MAP_ANONYMOUS };

static char *pages_map(int pages, int protection)
{
	char *memory = mmap(NULL, pages * PAGE, protection, ANONYMOUS, -1, 0);

	CHECK(memory != MAP_FAILED);
	return memory;
}

static long transfer(long call, pid_t pid, struct iovec *local, long locals, struct iovec *remote,
		     long remotes, long flags)
{
	return syscall(call, pid, local, locals, remote, remotes, flags);
}

/* A child that waits to be killed. */
static pid_t sleeper(void)
{
	pid_t pid = child();

	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

static int memory_open(pid_t pid, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	return open(path, flags);
}

CASE(process_vm_moves)
{
	char *memory = pages_map(3, RW), bytes[32] = "", *closed = pages_map(1, PROT_READ);
	struct iovec local[2] = { { bytes, 3 }, { bytes + 10, 5 } };
	struct iovec remote[2] = { { memory + PAGE - 2, 4 }, { memory + 2 * PAGE, 4 } };
	struct iovec one = { bytes, 8 }, there = { memory, 8 }, shut = { closed, 8 };
	pid_t pid;

	memcpy(memory + PAGE - 2, "abcd", 4);
	memcpy(memory + 2 * PAGE, "efgh", 4);
	pid = sleeper();
	memset(memory, 0, 3 * PAGE);
	GIVES(transfer(SYS_process_vm_readv, pid, local, 2, remote, 2, 0), 8);
	say("%.3s %.5s", bytes, bytes + 10);
	memcpy(bytes, "written!", 8);
	GIVES(transfer(SYS_process_vm_writev, pid, &one, 1, &there, 1, 0), 8);
	memset(bytes, 0, 8);
	GIVES(transfer(SYS_process_vm_readv, pid, &one, 1, &there, 1, 0), 8);
	say("%.8s", bytes);
	GIVES(memory[0], 0);
	FAILS(transfer(SYS_process_vm_writev, pid, &one, 1, &shut, 1, 0), EFAULT);
	CHECK(kill(pid, SIGKILL) == 0);
	DIES(pid, SIGKILL);
}

CASE(process_vm_errors)
{
	char *memory = pages_map(2, RW), bytes[PAGE + 8];
	struct iovec local = { bytes, sizeof(bytes) }, remote = { memory, sizeof(bytes) };
	struct iovec nowhere = { (void *)8, 8 }, kernel = { (void *)-8192, 8 };
	pid_t self = getpid();

	CHECK(munmap(memory + PAGE, PAGE) == 0);
	GIVES(transfer(SYS_process_vm_readv, self, &local, 1, &remote, 1, 0), PAGE);
	FAILS(transfer(SYS_process_vm_readv, self, &local, 1, &remote, 1, 1), EINVAL);
	FAILS(transfer(SYS_process_vm_readv, self, &local, 1, &nowhere, 1, 0), EFAULT);
	FAILS(transfer(SYS_process_vm_readv, self, &local, 1, &kernel, 1, 0), EFAULT);
	FAILS(transfer(SYS_process_vm_readv, self, &nowhere, 1, &remote, 1, 0), EFAULT);
	FAILS(transfer(SYS_process_vm_readv, self, (struct iovec *)8, 1, &remote, 1, 0), EFAULT);
	FAILS(transfer(SYS_process_vm_readv, self, &local, 1, (struct iovec *)8, 1, 0), EFAULT);
	FAILS(transfer(SYS_process_vm_readv, self, &local, 1025, &remote, 1, 0), EINVAL);
	FAILS(transfer(SYS_process_vm_readv, 32767 * 1000, &local, 1, &remote, 1, 0), ESRCH);
	GIVES(transfer(SYS_process_vm_readv, self, &local, 0, &remote, 1, 0), 0);
	GIVES(transfer(SYS_process_vm_readv, self, &local, 1, &remote, 0, 0), 0);
}

CASE(process_vm_permission)
{
	char bytes[8];
	struct iovec local = { bytes, 8 }, remote = { bytes, 8 };
	pid_t root = sleeper(), pid;

	/* Of another user: not to be looked into.  Without root's power nobody is another. */
	pid = child();
	if (pid == 0) {
		if (setgid(1000) || setuid(1000))
			_exit(EPERM);
		transfer(SYS_process_vm_readv, root, &local, 1, &remote, 1, 0);
		_exit(errno);
	}
	EXITS(pid, EPERM);
	pid = child();
	if (pid == 0) {
		if (setgid(1000) || setuid(1000))
			_exit(EACCES);
		_exit(memory_open(root, O_RDONLY) < 0 ? errno : 0);
	}
	EXITS(pid, EACCES);
	CHECK(kill(root, SIGKILL) == 0);
	DIES(root, SIGKILL);
}

CASE(proc_mem_moves)
{
	char *memory = pages_map(2, RW), *constant = pages_map(1, RW), bytes[16] = "";
	pid_t pid;
	int fd;

	memcpy(memory + PAGE - 4, "secret", 7);
	memcpy(constant, "constant", 9);
	CHECK(mprotect(constant, PAGE, PROT_NONE) == 0);
	pid = sleeper();
	memset(memory, 0, 2 * PAGE);
	fd = memory_open(pid, O_RDWR);
	CHECK(fd >= 0);
	GIVES(pread(fd, bytes, 7, (intptr_t)memory + PAGE - 4), 7);
	say("%s", bytes);
	GIVES(pread(fd, bytes, 9, (intptr_t)constant), 9);
	say("%s", bytes);
	GIVES(pwrite(fd, "C", 1, (intptr_t)constant), 1);
	GIVES(lseek(fd, (intptr_t)constant, SEEK_SET) == (intptr_t)constant, 1);
	GIVES(read(fd, bytes, 4), 4);
	GIVES(read(fd, bytes + 4, 5), 5);
	say("%s", bytes);
	FAILS(lseek(fd, 0, SEEK_END), EINVAL);
	FAILS(pread(fd, bytes, 4, 8), EIO);
	FAILS(pwrite(fd, bytes, 4, 8), EIO);
	FAILS(pread(fd, (void *)8, 4, (intptr_t)memory), EFAULT);
	CHECK(kill(pid, SIGKILL) == 0);
	DIES(pid, SIGKILL);
	GIVES(pread(fd, bytes, 4, (intptr_t)memory), 0);
}

CASE(proc_mem_of_self)
{
	static const char constant[16] = "read-only text";
	char bytes[16] = "";
	int fd = open("/proc/self/mem", O_RDWR);

	CHECK(fd >= 0);
	GIVES(pread(fd, bytes, 14, (intptr_t)constant), 14);
	say("%s", bytes);
	GIVES(pwrite(fd, "R", 1, (intptr_t)constant), 1);
	GIVES(*(volatile const char *)constant, 'R');
}
