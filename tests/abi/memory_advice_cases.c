/* madvise. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/abi/fault.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ  22
#define MADV_POPULATE_WRITE 23
#endif

enum { PAGE = 4096, RW = PROT_READ | PROT_WRITE, ANONYMOUS = MAP_PRIVATE | MAP_ANONYMOUS };

static char *pages_map(int pages, int protection, int flags)
{
	char *memory = mmap(NULL, pages * PAGE, protection, flags, -1, 0);

	CHECK(memory != MAP_FAILED);
	return memory;
}

CASE(madvise_dontneed)
{
	char *memory = pages_map(4, RW, ANONYMOUS);
	int fd = open("file", O_RDWR | O_CREAT, 0644);
	char *file, *shared = pages_map(2, RW, MAP_SHARED | MAP_ANONYMOUS);

	memset(memory, 'x', 4 * PAGE);
	GIVES(madvise(memory + PAGE, 2 * PAGE, MADV_DONTNEED), 0);
	GIVES(memory[PAGE - 1], 'x');
	GIVES(memory[PAGE], 0);
	GIVES(memory[3 * PAGE - 1], 0);
	GIVES(memory[3 * PAGE], 'x');
	CHECK(write(fd, "file", 4) == 4);
	file = mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0);
	CHECK(file != MAP_FAILED);
	file[0] = 'F';
	GIVES(madvise(file, PAGE, MADV_DONTNEED), 0);
	GIVES(file[0], 'f');
	shared[0] = 's';
	GIVES(madvise(shared, PAGE, MADV_DONTNEED), 0);
	GIVES(shared[0], 's');
}

CASE(madvise_free)
{
	char *memory = pages_map(2, RW, ANONYMOUS);

	memset(memory, 'x', 2 * PAGE);
	GIVES(madvise(memory, 2 * PAGE, MADV_FREE), 0);
	CHECK(memory[0] == 0 || memory[0] == 'x');
	memory[0] = 'y';
	GIVES(memory[0], 'y');
	FAILS(madvise(pages_map(1, RW, MAP_SHARED | MAP_ANONYMOUS), PAGE, MADV_FREE), EINVAL);
}

CASE(madvise_errors)
{
	char *memory = pages_map(3, RW, ANONYMOUS);

	FAILS(madvise(memory + 1, PAGE, MADV_DONTNEED), EINVAL);
	FAILS(madvise(memory, PAGE, 12345), EINVAL);
	FAILS(madvise(memory, PAGE, -1), EINVAL);
	FAILS(madvise(memory, -PAGE, MADV_DONTNEED), EINVAL);
	GIVES(madvise(memory, 0, MADV_DONTNEED), 0);
	FAILS(madvise(memory, 0, 12345), EINVAL);
	memset(memory, 'x', 3 * PAGE);
	CHECK(munmap(memory + PAGE, PAGE) == 0);
	FAILS(madvise(memory, 3 * PAGE, MADV_DONTNEED), ENOMEM);
	GIVES(memory[0], 0);
	GIVES(memory[2 * PAGE], 0);
}

CASE(madvise_hints)
{
	static const int hints[] = { MADV_NORMAL,   MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED,
				     MADV_DONTDUMP, MADV_DODUMP, MADV_COLD,       MADV_PAGEOUT };
	char *memory = pages_map(1, RW, ANONYMOUS);

	memory[0] = 'x';
	for (unsigned i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		GIVES(madvise(memory, PAGE, hints[i]), 0);
	GIVES(memory[0], 'x');
}

CASE(madvise_fork)
{
	char *gone = pages_map(1, RW, ANONYMOUS), *wiped = pages_map(1, RW, ANONYMOUS);
	char *kept = pages_map(1, RW, ANONYMOUS);
	pid_t pid;

	gone[0] = wiped[0] = kept[0] = 'x';
	GIVES(madvise(gone, PAGE, MADV_DONTFORK), 0);
	GIVES(madvise(wiped, PAGE, MADV_WIPEONFORK), 0);
	GIVES(madvise(kept, PAGE, MADV_WIPEONFORK), 0);
	GIVES(madvise(kept, PAGE, MADV_KEEPONFORK), 0);
	FAILS(madvise(pages_map(1, RW, MAP_SHARED | MAP_ANONYMOUS), PAGE, MADV_WIPEONFORK), EINVAL);
	pid = child();
	if (pid == 0)
		_exit(fault_read(gone).signal == SIGSEGV && wiped[0] == 0 && kept[0] == 'x');
	EXITS(pid, 1);
	GIVES(wiped[0], 'x');
	GIVES(madvise(gone, PAGE, MADV_DOFORK), 0);
	pid = child();
	if (pid == 0)
		_exit(gone[0]);
	EXITS(pid, 'x');
}

CASE(madvise_populate)
{
	char *memory = pages_map(4, RW, ANONYMOUS);
	unsigned char there[4] = { 9, 9, 9, 9 };
	char *closed = pages_map(1, PROT_NONE, ANONYMOUS);

	GIVES(mincore(memory, 4 * PAGE, there), 0);
	GIVES(there[0] + there[1] + there[2] + there[3], 0);
	GIVES(madvise(memory, 2 * PAGE, MADV_POPULATE_WRITE), 0);
	GIVES(mincore(memory, 4 * PAGE, there), 0);
	GIVES(there[0] + there[1], 2);
	GIVES(there[2] + there[3], 0);
	FAILS(madvise(closed, PAGE, MADV_POPULATE_READ), EINVAL);
	CHECK(munmap(closed, PAGE) == 0);
	FAILS(madvise(closed, PAGE, MADV_POPULATE_READ), ENOMEM);
}

CASE(madvise_remove)
{
	char *memory = pages_map(3, RW, MAP_SHARED | MAP_ANONYMOUS);
	int fd = memfd_create("holes", 0);
	char *file, *copy, byte = 'z';

	memset(memory, 'x', 3 * PAGE);
	GIVES(madvise(memory + PAGE, PAGE, MADV_REMOVE), 0);
	GIVES(memory[PAGE - 1], 'x');
	GIVES(memory[PAGE], 0);
	GIVES(memory[2 * PAGE], 'x');
	FAILS(madvise(pages_map(1, RW, ANONYMOUS), PAGE, MADV_REMOVE), EINVAL);
	CHECK(ftruncate(fd, 2 * PAGE) == 0 && pwrite(fd, "ab", 2, PAGE) == 2);
	file = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0);
	copy = mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, fd, 0);
	CHECK(file != MAP_FAILED && copy != MAP_FAILED);
	copy[PAGE] = 'c';
	GIVES(madvise(file, 2 * PAGE, MADV_REMOVE), 0);
	GIVES(pread(fd, &byte, 1, PAGE), 1);
	GIVES(byte, 0);
	GIVES(copy[PAGE], 'c');
	GIVES(copy[PAGE + 1], 'b');
	fd = open("file", O_RDONLY | O_CREAT, 0644);
	file = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	CHECK(file != MAP_FAILED);
	FAILS(madvise(file, PAGE, MADV_REMOVE), EACCES);
}
