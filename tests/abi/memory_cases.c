/* Address spaces: mapping, unmapping, protection, the break. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/abi/fault.h"

enum { PAGE = 4096, RW = PROT_READ | PROT_WRITE, ANONYMOUS = MAP_PRIVATE | MAP_ANONYMOUS };

static char *pages_map(int pages, int protection)
{
	char *memory = mmap(NULL, pages * PAGE, protection, ANONYMOUS, -1, 0);

	CHECK(memory != MAP_FAILED);
	return memory;
}

static int file_of_letters(const char *name, int pages)
{
	char page[PAGE];
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);

	CHECK(fd >= 0);
	for (int i = 0; i < pages; i++) {
		memset(page, 'a' + i, PAGE);
		CHECK(write(fd, page, PAGE) == PAGE);
	}
	return fd;
}

CASE(mmap_anonymous)
{
	char *memory = pages_map(64, RW);
	long zeros = 0;

	GIVES((uintptr_t)memory % PAGE, 0);
	for (int i = 0; i < 64 * PAGE; i++)
		zeros += memory[i] == 0;
	GIVES(zeros, 64 * PAGE);
	memset(memory, 'x', 64 * PAGE);
	GIVES(memory[63 * PAGE + 4095], 'x');
	GIVES(munmap(memory, 64 * PAGE), 0);
	GIVES(fault_read(memory).code, SEGV_MAPERR);
}

CASE(mmap_errors)
{
	int fd = open("file", O_RDONLY | O_CREAT, 0644);

	FAILS(syscall(SYS_mmap, NULL, 0, RW, ANONYMOUS, -1, 0), EINVAL);
	FAILS(syscall(SYS_mmap, NULL, PAGE, RW, MAP_ANONYMOUS, -1, 0), EINVAL);
	FAILS(syscall(SYS_mmap, NULL, PAGE, RW, MAP_PRIVATE, 99, 0), EBADF);
	FAILS(syscall(SYS_mmap, NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 100), EINVAL);
	FAILS(syscall(SYS_mmap, NULL, PAGE, RW, MAP_SHARED, fd, 0), EACCES);
	FAILS(syscall(SYS_mmap, (void *)100, PAGE, RW, ANONYMOUS | MAP_FIXED, -1, 0), EINVAL);
	FAILS(syscall(SYS_mmap, NULL, 1ul << 47, RW, ANONYMOUS, -1, 0), ENOMEM);
	FAILS(syscall(SYS_mmap, NULL, -1ul, RW, ANONYMOUS, -1, 0), ENOMEM);
	FAILS(syscall(SYS_mmap, (void *)(1ul << 47), PAGE, RW, ANONYMOUS | MAP_FIXED, -1, 0),
	      ENOMEM);
	FAILS(syscall(SYS_mmap, NULL, PAGE, PROT_READ, MAP_PRIVATE, open(".", O_RDONLY), 0),
	      ENODEV);
	FAILS(syscall(SYS_mmap, NULL, PAGE, PROT_READ, MAP_PRIVATE, open("file", O_WRONLY), 0),
	      EACCES);
}

CASE(mmap_huge_errors)
{
	const int huge = ANONYMOUS | MAP_HUGETLB;
	int fd = open("file", O_RDWR | O_CREAT, 0644);

	FAILS(syscall(SYS_mmap, NULL, 2 << 20, RW, huge, -1, 0), ENOMEM);
	FAILS(syscall(SYS_mmap, NULL, 2 << 20, RW, huge | 21 << 26, -1, 0), ENOMEM);
	FAILS(syscall(SYS_mmap, NULL, 2 << 20, RW, huge | 16 << 26, -1, 0), EINVAL);
	FAILS(syscall(SYS_mmap, NULL, 2 << 20, RW, MAP_PRIVATE | MAP_HUGETLB, fd, 0), EINVAL);
}

CASE(mmap_fixed_replaces)
{
	char *memory = pages_map(3, RW);

	memset(memory, 'x', 3 * PAGE);
	CHECK(mmap(memory + PAGE, PAGE, RW, ANONYMOUS | MAP_FIXED, -1, 0) == memory + PAGE);
	GIVES(memory[PAGE - 1], 'x');
	GIVES(memory[PAGE], 0);
	GIVES(memory[2 * PAGE - 1], 0);
	GIVES(memory[2 * PAGE], 'x');
}

CASE(mmap_hint)
{
	char *memory = pages_map(4, RW);

	GIVES(munmap(memory + PAGE, PAGE), 0);
	CHECK(mmap(memory + PAGE, PAGE, RW, ANONYMOUS, -1, 0) == memory + PAGE);
	CHECK(mmap(memory, PAGE, RW, ANONYMOUS, -1, 0) != memory);
}

CASE(munmap_part)
{
	char *memory = pages_map(5, RW);

	memset(memory, 'x', 5 * PAGE);
	GIVES(munmap(memory + 2 * PAGE, PAGE), 0);
	GIVES(memory[2 * PAGE - 1], 'x');
	GIVES(fault_read(memory + 2 * PAGE).code, SEGV_MAPERR);
	GIVES(memory[3 * PAGE], 'x');
	GIVES(munmap(memory, 5 * PAGE), 0);
	GIVES(fault_read(memory).code, SEGV_MAPERR);
	GIVES(munmap(memory, 5 * PAGE), 0);
	FAILS(munmap(memory + 1, PAGE), EINVAL);
	FAILS(munmap(memory, 0), EINVAL);
	FAILS(munmap((void *)(1ul << 47), PAGE), EINVAL);
}

CASE(mprotect_changes)
{
	char *memory = pages_map(3, RW);

	memory[PAGE] = 'x';
	GIVES(mprotect(memory + PAGE, PAGE, PROT_READ), 0);
	GIVES(memory[PAGE], 'x');
	GIVES(fault_write(memory + PAGE).code, SEGV_ACCERR);
	GIVES(mprotect(memory + PAGE, PAGE, PROT_NONE), 0);
	GIVES(fault_read(memory + PAGE).code, SEGV_ACCERR);
	memory[0] = memory[2 * PAGE] = 'y';
	GIVES(mprotect(memory, 3 * PAGE, RW), 0);
	GIVES(memory[PAGE], 'x');
	memory[PAGE] = 'z';
	GIVES(mprotect(memory, 0, PROT_NONE), 0);
}

CASE(mprotect_errors)
{
	char *memory = pages_map(3, RW);

	CHECK(munmap(memory + PAGE, PAGE) == 0);
	FAILS(syscall(SYS_mprotect, memory + 1, PAGE, PROT_READ), EINVAL);
	FAILS(syscall(SYS_mprotect, memory, 3 * PAGE, PROT_READ), ENOMEM);
	FAILS(syscall(SYS_mprotect, (void *)PAGE, PAGE, PROT_READ), ENOMEM);
	FAILS(syscall(SYS_mprotect, memory, PAGE, 0x100), EINVAL);
}

CASE(mprotect_execute)
{
	static const unsigned char code[] = { 0xb8, 42, 0, 0, 0, 0xc3 }; /* mov $42,%eax; ret */
	char *memory = pages_map(1, RW);
	int (*function)(void) = (int (*)(void))memory;

	memcpy(memory, code, sizeof(code));
	GIVES(fault_call(memory).code, SEGV_ACCERR);
	GIVES(mprotect(memory, PAGE, PROT_READ | PROT_EXEC), 0);
	GIVES(function(), 42);
	GIVES(fault_write(memory).code, SEGV_ACCERR);
}

CASE(brk_moves)
{
	char *start = (char *)syscall(SYS_brk, 0);
	long zeros = 0;

	CHECK(start && (char *)syscall(SYS_brk, start + 5 * PAGE) == start + 5 * PAGE);
	for (int i = 0; i < 5 * PAGE; i++)
		zeros += start[i] == 0;
	GIVES(zeros, 5 * PAGE);
	memset(start, 'x', 5 * PAGE);
	CHECK((char *)syscall(SYS_brk, start + 2 * PAGE) == start + 2 * PAGE);
	GIVES(start[2 * PAGE - 1], 'x');
	GIVES(fault_read(start + 4 * PAGE).code, SEGV_MAPERR);
	CHECK((char *)syscall(SYS_brk, start + 5 * PAGE) == start + 5 * PAGE);
	GIVES(start[4 * PAGE], 0);
	CHECK((char *)syscall(SYS_brk, 8) == start + 5 * PAGE);
	CHECK((char *)syscall(SYS_brk, -1ul) == start + 5 * PAGE);
}

CASE(mmap_file_private)
{
	int fd = file_of_letters("file", 3);
	char *memory, byte;

	memory = mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, fd, PAGE);
	CHECK(memory != MAP_FAILED);
	GIVES(close(fd), 0);
	GIVES(memory[0], 'b');
	GIVES(memory[2 * PAGE - 1], 'c');
	memory[0] = 'X';
	CHECK((fd = open("file", O_RDONLY)) >= 0);
	GIVES((pread(fd, &byte, 1, PAGE), byte), 'b');
	GIVES(memory[1], 'b');
}

CASE(mmap_file_tail)
{
	char *memory;
	int fd = open("file", O_RDWR | O_CREAT, 0644);

	CHECK(write(fd, "short", 5) == 5);
	memory = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	CHECK(memory != MAP_FAILED);
	GIVES(memcmp(memory, "short\0\0\0", 8), 0);
	GIVES(memory[PAGE - 1], 0);
	GIVES(fault_read(memory + PAGE).signal, SIGBUS);
	GIVES(fault_read(memory + PAGE).code, BUS_ADRERR);
}

CASE(mmap_file_shared)
{
	int fd = file_of_letters("file", 2);
	char *one, *two, byte;

	one = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0);
	two = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, PAGE);
	CHECK(one != MAP_FAILED && two != MAP_FAILED);
	one[PAGE] = 'X';
	GIVES(two[0], 'X');
	GIVES((pread(fd, &byte, 1, PAGE), byte), 'X');
	CHECK(pwrite(fd, "Y", 1, PAGE + 1) == 1);
	GIVES(one[PAGE + 1], 'Y');
	GIVES(munmap(one, 2 * PAGE), 0);
	GIVES((pread(fd, &byte, 1, PAGE), byte), 'X');
}

CASE(mmap_unlinked_file)
{
	int fd = file_of_letters("file", 2);
	char *memory = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);

	CHECK(memory != MAP_FAILED);
	CHECK(close(fd) == 0 && unlink("file") == 0);
	GIVES(memory[0], 'a');
	GIVES(memory[PAGE], 'b');
}

CASE(mmap_many_regions)
{
	enum { COUNT = 600 };
	char *memory = pages_map(COUNT, RW);
	long right = 0;

	for (int i = 0; i < COUNT; i += 2)
		CHECK(mprotect(memory + i * PAGE, PAGE, PROT_READ) == 0);
	for (int i = 1; i < COUNT; i += 2)
		memory[i * PAGE] = i;
	for (int i = 0; i < COUNT; i++)
		right += memory[i * PAGE] == (i % 2 ? (char)i : 0);
	GIVES(right, COUNT);
	GIVES(mprotect(memory, COUNT * PAGE, RW), 0);
	GIVES(munmap(memory, COUNT * PAGE), 0);
}

CASE(mmap_reserve)
{
	char *memory = mmap(NULL, 1ul << 36, PROT_NONE, ANONYMOUS | MAP_NORESERVE, -1, 0);

	CHECK(memory != MAP_FAILED);
	GIVES(mprotect(memory + (1ul << 35), PAGE, RW), 0);
	memory[1ul << 35] = 'x';
	GIVES(memory[1ul << 35], 'x');
	GIVES(munmap(memory, 1ul << 36), 0);
}
