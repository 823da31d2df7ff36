/* mremap, and mmap's flags about places. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/abi/fault.h"

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

enum { PAGE = 4096, RW = PROT_READ | PROT_WRITE, ANONYMOUS = MAP_PRIVATE | MAP_ANONYMOUS };

static char *pages_map(int pages, int protection, int flags)
{
	char *memory = mmap(NULL, pages * PAGE, protection, flags, -1, 0);

	CHECK(memory != MAP_FAILED);
	return memory;
}

static char *remap(char *old, int old_pages, int pages, int flags, char *to)
{
	return (char *)syscall(SYS_mremap, old, (long)old_pages * PAGE, (long)pages * PAGE, flags,
			       to);
}

/* Pages with room behind them. */
static char *pages_with_room(int pages, int room)
{
	char *memory = pages_map(pages + room, RW, ANONYMOUS);

	CHECK(munmap(memory + pages * PAGE, room * PAGE) == 0);
	return memory;
}

CASE(mremap_in_place)
{
	char *memory = pages_with_room(2, 4);

	memset(memory, 'x', 2 * PAGE);
	GIVES(remap(memory, 2, 4, 0, NULL) == memory, 1);
	GIVES(memory[2 * PAGE - 1], 'x');
	GIVES(memory[2 * PAGE], 0);
	GIVES(remap(memory, 4, 1, 0, NULL) == memory, 1);
	GIVES(fault_read(memory + PAGE).signal, SIGSEGV);
	GIVES(memory[0], 'x');
}

CASE(mremap_moves)
{
	char *memory = pages_map(3, RW, ANONYMOUS), *to = pages_map(8, PROT_NONE, ANONYMOUS);

	memset(memory, 'x', 3 * PAGE);
	FAILS((long)remap(memory, 2, 4, 0, NULL), ENOMEM);
	GIVES(remap(memory, 3, 4, MREMAP_MAYMOVE | MREMAP_FIXED, to + PAGE) == to + PAGE, 1);
	GIVES(to[PAGE], 'x');
	GIVES(to[4 * PAGE - 1], 'x');
	GIVES(to[4 * PAGE], 0);
	GIVES(fault_read(memory).signal, SIGSEGV);
	GIVES(fault_read(to).code, SEGV_ACCERR);
}

CASE(mremap_keeps_old)
{
	char *memory = pages_map(2, RW, ANONYMOUS), *to;

	memset(memory, 'x', 2 * PAGE);
	to = remap(memory, 2, 2, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
	CHECK(to != MAP_FAILED);
	GIVES(to[PAGE], 'x');
	GIVES(memory[0], 0);
	memory[0] = 'y';
	GIVES(to[0], 'x');
	FAILS((long)remap(memory, 2, 3, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL), EINVAL);
	FAILS((long)remap(memory, 2, 2, MREMAP_DONTUNMAP, NULL), EINVAL);
}

CASE(mremap_duplicates_shared)
{
	char *memory = pages_map(2, RW, MAP_SHARED | MAP_ANONYMOUS), *twin;

	memory[PAGE] = 'x';
	twin = remap(memory, 0, 2, MREMAP_MAYMOVE, NULL);
	CHECK(twin != MAP_FAILED);
	GIVES(twin[PAGE], 'x');
	twin[0] = 'y';
	GIVES(memory[0], 'y');
	FAILS((long)remap(memory, 0, 2, 0, NULL), ENOMEM);
	FAILS((long)remap(pages_map(1, RW, ANONYMOUS), 0, 1, MREMAP_MAYMOVE, NULL), EINVAL);
}

CASE(mremap_errors)
{
	char *memory = pages_map(4, RW, ANONYMOUS), *gone = pages_map(1, RW, ANONYMOUS);

	FAILS((long)remap(memory, 4, 4, 64, NULL), EINVAL);
	FAILS((long)remap(memory, 4, 4, MREMAP_FIXED, memory + 8 * PAGE), EINVAL);
	FAILS((long)remap(memory + 1, 1, 1, MREMAP_MAYMOVE, NULL), EINVAL);
	FAILS((long)remap(memory, 4, 0, MREMAP_MAYMOVE, NULL), EINVAL);
	FAILS((long)remap(memory, 4, 4, MREMAP_MAYMOVE | MREMAP_FIXED, memory + PAGE), EINVAL);
	FAILS((long)remap(memory, 4, 4, MREMAP_MAYMOVE | MREMAP_FIXED, memory + 100), EINVAL);
	CHECK(munmap(gone, PAGE) == 0);
	FAILS((long)remap(gone, 1, 2, MREMAP_MAYMOVE, NULL), EFAULT);
}

CASE(mremap_grows_file)
{
	int fd = open("file", O_RDWR | O_CREAT, 0644);
	char *memory;

	CHECK(ftruncate(fd, 3 * PAGE) == 0 && pwrite(fd, "x", 1, 2 * PAGE) == 1);
	memory = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
	CHECK(memory != MAP_FAILED);
	memory = remap(memory, 1, 4, MREMAP_MAYMOVE, NULL);
	CHECK(memory != MAP_FAILED);
	GIVES(memory[2 * PAGE], 'x');
	GIVES(fault_read(memory + 3 * PAGE).signal, SIGBUS);
}

CASE(mmap_fixed_noreplace)
{
	char *memory = pages_map(3, RW, ANONYMOUS);
	int flags = ANONYMOUS | MAP_FIXED_NOREPLACE;

	memory[PAGE] = 'x';
	FAILS(syscall(SYS_mmap, memory + PAGE, PAGE, RW, flags, -1, 0), EEXIST);
	GIVES(memory[PAGE], 'x');
	CHECK(munmap(memory + PAGE, PAGE) == 0);
	GIVES((char *)mmap(memory + PAGE, PAGE, RW, flags, -1, 0) == memory + PAGE, 1);
	FAILS(syscall(SYS_mmap, memory + PAGE, 2 * PAGE, RW, flags, -1, 0), EEXIST);
}

CASE(mmap_growsdown)
{
	char *memory = pages_map(512, RW, ANONYMOUS), *top = memory + 511 * PAGE, *stack;

	CHECK(munmap(memory, 512 * PAGE) == 0);
	stack = mmap(top, PAGE, RW, ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
	GIVES(stack == top, 1);
	stack[-8 * PAGE] = 'x';
	GIVES(stack[-8 * PAGE], 'x');
	GIVES(stack[-4 * PAGE], 0);
	FAILS(syscall(SYS_mmap, NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0),
	      EINVAL);
}

CASE(mmap_beyond_file)
{
	int fd = open("file", O_RDWR | O_CREAT, 0644);
	char *memory;

	CHECK(ftruncate(fd, PAGE + 10) == 0);
	memory = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0);
	CHECK(memory != MAP_FAILED);
	GIVES(memory[2 * PAGE - 1], 0);
	GIVES(fault_read(memory + 2 * PAGE).signal, SIGBUS);
	CHECK(ftruncate(fd, 3 * PAGE) == 0);
	memory[2 * PAGE] = 'x';
	CHECK(ftruncate(fd, PAGE) == 0);
	GIVES(fault_read(memory + PAGE).signal, SIGBUS);
	CHECK(ftruncate(fd, 3 * PAGE) == 0);
	GIVES(memory[2 * PAGE], 0);
	/* A call with a pointer to there. */
	FAILS(write(fd, memory + 3 * PAGE, 1), EFAULT);
}
