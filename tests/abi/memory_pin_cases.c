/* mlock and its kin, and the limits on memory. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PAGE = 4096, RW = PROT_READ | PROT_WRITE, ANONYMOUS = MAP_PRIVATE | MAP_ANONYMOUS };

static char *pages_map(int pages, int protection)
{
	char *memory = mmap(NULL, pages * PAGE, protection, ANONYMOUS, -1, 0);

	CHECK(memory != MAP_FAILED);
	return memory;
}

static void limit(int resource, rlim_t soft)
{
	struct rlimit r;

	CHECK(getrlimit(resource, &r) == 0);
	r.rlim_cur = soft;
	CHECK(setrlimit(resource, &r) == 0);
}

/* A number of kB in /proc/self/status. */
static long status_kb(const char *name)
{
	char text[4096], *at;

	file_get("/proc/self/status", text, sizeof(text));
	at = strstr(text, name);
	CHECK(at);
	return atol(at + strlen(name));
}

static int pages_there(char *memory, int pages)
{
	unsigned char there[64];
	int n = 0;

	CHECK(pages <= 64 && mincore(memory, pages * PAGE, there) == 0);
	for (int i = 0; i < pages; i++)
		n += there[i] & 1;
	return n;
}

CASE(mlock_counts)
{
	char *memory = pages_map(8, RW);

	GIVES(status_kb("VmLck:"), 0);
	GIVES(mlock(memory + PAGE, 2 * PAGE), 0);
	GIVES(status_kb("VmLck:"), 8);
	GIVES(pages_there(memory, 8), 2);
	GIVES(mlock(memory + PAGE + 100, PAGE), 0);
	GIVES(status_kb("VmLck:"), 8);
	GIVES(munlock(memory + PAGE, PAGE), 0);
	GIVES(status_kb("VmLck:"), 4);
	GIVES(syscall(SYS_mlock2, memory + 4 * PAGE, PAGE, MLOCK_ONFAULT), 0);
	GIVES(status_kb("VmLck:"), 8);
	GIVES(pages_there(memory, 8), 2);
	GIVES(munmap(memory, 8 * PAGE), 0);
	GIVES(status_kb("VmLck:"), 0);
}

CASE(mlock_errors)
{
	char *memory = pages_map(3, RW), *closed = pages_map(1, PROT_NONE);

	CHECK(munmap(memory + PAGE, PAGE) == 0);
	FAILS(mlock(memory, 3 * PAGE), ENOMEM);
	FAILS(munlock(memory, 3 * PAGE), ENOMEM);
	FAILS(mlock(closed, PAGE), ENOMEM);
	GIVES(mlock(memory, 0), 0);
	FAILS(mlock(memory, -PAGE), EINVAL);
	FAILS(syscall(SYS_mlock2, memory, PAGE, 2), EINVAL);
	FAILS(mlockall(0), EINVAL);
	FAILS(mlockall(64), EINVAL);
	FAILS(mlockall(4), EINVAL);
	GIVES(mlock(memory, PAGE), 0);
	FAILS(madvise(memory, PAGE, MADV_DONTNEED), EINVAL);
	FAILS(msync(memory, PAGE, MS_INVALIDATE), EBUSY);
}

CASE(mlock_limit)
{
	char *memory = pages_map(8, RW);

	limit(RLIMIT_MEMLOCK, 4 * PAGE);
	if (setuid(1000))
		CHECK(geteuid() != 0);
	FAILS(mlock(memory, 5 * PAGE), ENOMEM);
	GIVES(mlock(memory, 3 * PAGE), 0);
	GIVES(mlock(memory + PAGE, 3 * PAGE), 0);
	FAILS(mlock(memory + 4 * PAGE, PAGE), ENOMEM);
	FAILS(syscall(SYS_mmap, NULL, PAGE, RW, ANONYMOUS | MAP_LOCKED, -1, 0), EAGAIN);
	FAILS(mlockall(MCL_CURRENT), ENOMEM);
	limit(RLIMIT_MEMLOCK, 0);
	FAILS(mlock(memory, PAGE), EPERM);
	FAILS(mlockall(MCL_CURRENT), EPERM);
	FAILS(syscall(SYS_mmap, NULL, PAGE, RW, ANONYMOUS | MAP_LOCKED, -1, 0), EPERM);
	GIVES(munlock(memory, PAGE), 0);
}

CASE(mlockall_future)
{
	char *memory, *locked;

	GIVES(mlockall(MCL_FUTURE), 0);
	memory = pages_map(4, RW);
	GIVES(pages_there(memory, 4), 4);
	GIVES(status_kb("VmLck:"), 16);
	GIVES(munlockall(), 0);
	GIVES(status_kb("VmLck:"), 0);
	GIVES(pages_there(pages_map(4, RW), 4), 0);
	locked = mmap(NULL, 4 * PAGE, RW, ANONYMOUS | MAP_LOCKED, -1, 0);
	CHECK(locked != MAP_FAILED);
	GIVES(pages_there(locked, 4), 4);
	GIVES(status_kb("VmLck:"), 16);
}

CASE(mlock_not_inherited)
{
	char *memory = pages_map(2, RW);
	pid_t pid;

	GIVES(mlock(memory, 2 * PAGE), 0);
	pid = child();
	if (pid == 0)
		_exit((int)status_kb("VmLck:"));
	EXITS(pid, 0);
	GIVES(status_kb("VmLck:"), 8);
}

CASE(mmap_populate)
{
	char *memory = mmap(NULL, 8 * PAGE, RW, ANONYMOUS | MAP_POPULATE, -1, 0);
	char *shared = mmap(NULL, 8 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	CHECK(memory != MAP_FAILED && shared != MAP_FAILED);
	GIVES(pages_there(memory, 8), 8);
	GIVES(pages_there(shared, 8), 8);
}

CASE(limit_address_space)
{
	long size;
	char *memory = pages_map(4, RW);

	size = status_kb("VmSize:") * 1024;
	limit(RLIMIT_AS, size + 4 * PAGE);
	FAILS(syscall(SYS_mmap, NULL, 5 * PAGE, RW, ANONYMOUS, -1, 0), ENOMEM);
	FAILS(syscall(SYS_mmap, NULL, 5 * PAGE, PROT_NONE, ANONYMOUS, -1, 0), ENOMEM);
	FAILS(syscall(SYS_mremap, memory, 4 * PAGE, 9 * PAGE, MREMAP_MAYMOVE, 0), ENOMEM);
	CHECK(pages_map(3, RW) != MAP_FAILED);
	/* What it replaces does not count twice. */
	GIVES((char *)mmap(memory, 4 * PAGE, RW, ANONYMOUS | MAP_FIXED, -1, 0) == memory, 1);
	GIVES(munmap(memory, 4 * PAGE), 0);
	CHECK(pages_map(5, RW) != MAP_FAILED);
}

CASE(limit_data)
{
	long data = status_kb("VmData:") * 1024;
	char *closed = pages_map(8, PROT_NONE), *start = sbrk(0);

	limit(RLIMIT_DATA, data + 4 * PAGE);
	FAILS(syscall(SYS_mmap, NULL, 6 * PAGE, RW, ANONYMOUS, -1, 0), ENOMEM);
	CHECK(mmap(NULL, 64 * PAGE, PROT_READ, ANONYMOUS, -1, 0) != MAP_FAILED);
	CHECK(mmap(NULL, 64 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
	FAILS(mprotect(closed, 8 * PAGE, RW), ENOMEM);
	GIVES(mprotect(closed, PAGE, RW), 0);
	GIVES(syscall(SYS_brk, start + 64 * PAGE) == (long)start, 1);
}

static int deep(int levels)
{
	volatile char room[4096];

	room[0] = (char)levels;
	return levels ? deep(levels - 1) + room[0] : 0;
}

CASE(limit_stack)
{
	pid_t pid;

	limit(RLIMIT_STACK, 256 * 1024);
	pid = child();
	if (pid == 0)
		_exit(deep(20) != 0);
	CHECK(child_status(pid) >= 0);
	pid = child();
	if (pid == 0)
		_exit(deep(200) != 0);
	DIES(pid, SIGSEGV);
}

CASE(overcommit_heuristic)
{
	char mode[8];

	file_get("/proc/sys/vm/overcommit_memory", mode, sizeof(mode));
	say("overcommit_memory %s", mode[0] == '0' ? "0" : "not 0");
	FAILS(syscall(SYS_mmap, NULL, 1ul << 46, RW, ANONYMOUS, -1, 0), ENOMEM);
	FAILS(syscall(SYS_mmap, NULL, 1ul << 45, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0), ENOMEM);
	CHECK(mmap(NULL, 1ul << 44, RW, ANONYMOUS | MAP_NORESERVE, -1, 0) != MAP_FAILED);
	CHECK(mmap(NULL, 1ul << 44, PROT_READ, ANONYMOUS, -1, 0) != MAP_FAILED);
}

CASE(reserve_terabytes)
{
	size_t size = 1ul << 45;
	char *memory = mmap(NULL, size, PROT_NONE, ANONYMOUS | MAP_NORESERVE, -1, 0);

	CHECK(memory != MAP_FAILED);
	GIVES(mprotect(memory + (size / 2), PAGE, RW), 0);
	memory[size / 2] = 'x';
	GIVES(madvise(memory, size, MADV_DONTNEED), 0);
	GIVES(memory[size / 2], 0);
	GIVES(madvise(memory, size, MADV_DONTFORK), 0);
	GIVES(munmap(memory, size), 0);
	memory = mmap(NULL, size, PROT_NONE, ANONYMOUS, -1, 0);
	CHECK(memory != MAP_FAILED);
	FAILS(mprotect(memory, size, RW), ENOMEM);
	GIVES(munmap(memory, size), 0);
}
