/* memfd_create and seals. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <linux/falloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x10
#endif

enum { PAGE = 4096, RW = PROT_READ | PROT_WRITE };

static int sealable(void)
{
	int fd = memfd_create("sealed", MFD_ALLOW_SEALING);

	CHECK(fd >= 0 && ftruncate(fd, 2 * PAGE) == 0);
	return fd;
}

CASE(memfd_basics)
{
	char text[64], target[64];
	int fd = memfd_create("name", MFD_CLOEXEC);
	ssize_t n;

	CHECK(fd >= 0);
	GIVES(fcntl(fd, F_GETFD), FD_CLOEXEC);
	GIVES(write(fd, "hello", 5), 5);
	GIVES(pread(fd, text, sizeof(text), 0), 5);
	snprintf(text, sizeof(text), "/proc/self/fd/%d", fd);
	n = readlink(text, target, sizeof(target) - 1);
	CHECK(n > 0);
	target[n] = 0;
	say("%s", target);
	FAILS(memfd_create("name", 0x800), EINVAL);
	FAILS(syscall(SYS_memfd_create, 8, 0), EFAULT);
	memset(text, 'x', sizeof(text));
	GIVES(fcntl(fd, F_GET_SEALS), F_SEAL_SEAL);
	FAILS(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EPERM);
}

CASE(seals_of_other_files)
{
	int ends[2];

	CHECK(pipe(ends) == 0);
	FAILS(fcntl(ends[0], F_GET_SEALS), EINVAL);
	FAILS(fcntl(ends[1], F_ADD_SEALS, F_SEAL_GROW), EINVAL);
}

CASE(seal_size)
{
	int fd = sealable();

	GIVES(fcntl(fd, F_GET_SEALS), 0);
	GIVES(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), 0);
	FAILS(ftruncate(fd, 3 * PAGE), EPERM);
	FAILS(pwrite(fd, "x", 1, 2 * PAGE), EPERM);
	FAILS(fallocate(fd, 0, 0, 3 * PAGE), EPERM);
	GIVES(pwrite(fd, "x", 1, 0), 1);
	GIVES(ftruncate(fd, PAGE), 0);
	GIVES(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	FAILS(ftruncate(fd, 0), EPERM);
	GIVES(ftruncate(fd, PAGE), 0);
	GIVES(fcntl(fd, F_GET_SEALS), F_SEAL_GROW | F_SEAL_SHRINK);
	GIVES(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL), 0);
	FAILS(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EPERM);
	FAILS(fcntl(sealable(), F_ADD_SEALS, 0x4000), EINVAL);
}

CASE(seal_write)
{
	int fd = sealable();
	char *shared = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
	char *private = mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0);

	CHECK(shared != MAP_FAILED && private != MAP_FAILED);
	FAILS(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY);
	CHECK(munmap(shared, PAGE) == 0);
	GIVES(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
	FAILS(write(fd, "x", 1), EPERM);
	FAILS(syscall(SYS_mmap, NULL, PAGE, RW, MAP_SHARED, fd, 0), EPERM);
	private[0] = 'p';
	GIVES(private[0], 'p');
	GIVES(ftruncate(fd, PAGE), 0);
}

CASE(seal_future_write)
{
	int fd = sealable();
	char *shared = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0), *readable, byte = 0;

	CHECK(shared != MAP_FAILED);
	GIVES(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE), 0);
	shared[0] = 'x';
	GIVES(pread(fd, &byte, 1, 0), 1);
	GIVES(byte, 'x');
	FAILS(write(fd, "x", 1), EPERM);
	FAILS(syscall(SYS_mmap, NULL, PAGE, RW, MAP_SHARED, fd, 0), EPERM);
	readable = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	CHECK(readable != MAP_FAILED);
	FAILS(mprotect(readable, PAGE, RW), EACCES);
}

CASE(seal_read_only)
{
	char path[64];
	int fd = sealable(), again;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, O_RDONLY);
	CHECK(again >= 0);
	FAILS(fcntl(again, F_ADD_SEALS, F_SEAL_GROW), EPERM);
	GIVES(fcntl(again, F_GET_SEALS), 0);
}

CASE(fallocate_of_memory)
{
	int fd = memfd_create("allocated", 0);

	CHECK(fd >= 0 && ftruncate(fd, 4 * PAGE) == 0);
	FAILS(fallocate(fd, FALLOC_FL_ZERO_RANGE, 0, PAGE), EOPNOTSUPP);
	FAILS(fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, 0, PAGE), EOPNOTSUPP);
	FAILS(fallocate(fd, FALLOC_FL_INSERT_RANGE, 0, PAGE), EOPNOTSUPP);
	FAILS(fallocate(fd, FALLOC_FL_UNSHARE_RANGE, 0, PAGE), EOPNOTSUPP);
	FAILS(fallocate(fd, 0x800, 0, PAGE), EOPNOTSUPP);
	FAILS(fallocate(fd, 0, 0, 0), EINVAL);
	FAILS(fallocate(900, 0, 0, 0), EBADF);
}
