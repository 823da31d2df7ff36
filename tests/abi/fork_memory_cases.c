/* Memory and fork: copied when written, or shared. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/abi/fault.h"

enum { PAGE = 4096, RW = PROT_READ | PROT_WRITE };

static char *pages_map(int pages, int flags)
{
	char *memory = mmap(NULL, pages * PAGE, RW, flags | MAP_ANONYMOUS, -1, 0);

	CHECK(memory != MAP_FAILED);
	return memory;
}

/* A child waits for a byte, so that parent and child write in a known order. */
static void gate_wait(int *ends)
{
	char byte;

	CHECK(read(ends[0], &byte, 1) == 1);
}

static void gate_open(int *ends)
{
	CHECK(write(ends[1], "x", 1) == 1);
}

CASE(copy_on_write_child_first)
{
	char *memory = pages_map(4, MAP_PRIVATE);
	pid_t pid;

	memset(memory, 'p', 4 * PAGE);
	pid = child();
	if (pid == 0) {
		memory[0] = memory[PAGE] = 'c';
		_exit(memory[0] == 'c' && memory[1] == 'p' && memory[2 * PAGE] == 'p' ? 0 : 1);
	}
	EXITS(pid, 0);
	GIVES(memory[0], 'p');
	GIVES(memory[PAGE], 'p');
	memory[0] = 'q';
	GIVES(memory[0], 'q');
	GIVES(memory[1], 'p');
}

CASE(copy_on_write_parent_first)
{
	char *memory = pages_map(2, MAP_PRIVATE);
	int ends[2];
	pid_t pid;

	CHECK(pipe(ends) == 0);
	memset(memory, 'p', 2 * PAGE);
	pid = child();
	if (pid == 0) {
		gate_wait(ends);
		_exit(memory[0] == 'p' && memory[PAGE] == 'p' ? 0 : 1);
	}
	memory[0] = 'P';
	gate_open(ends);
	EXITS(pid, 0);
	GIVES(memory[0], 'P');
}

CASE(copy_on_write_generations)
{
	enum { DEPTH = 8 };
	char *memory = pages_map(DEPTH, MAP_PRIVATE);
	int depth = 0;
	pid_t pid;

	while (depth < DEPTH) {
		memory[depth * PAGE] = '0' + depth;
		depth++;
		pid = child();
		if (pid > 0)
			break;
	}
	for (int i = 0; i < DEPTH; i++)
		CHECK(memory[i * PAGE] == (i < depth ? '0' + i : 0));
	if (pid == 0)
		_exit(0);
	CHECK(child_status(pid) == 0);
	say("generation %d saw the pages of its ancestors", depth);
	if (depth > 1)
		_exit(0);
}

CASE(copy_on_write_of_untouched)
{
	char *memory = pages_map(2, MAP_PRIVATE);
	pid_t pid;

	pid = child();
	if (pid == 0) {
		memory[0] = 'c';
		_exit(memory[0] == 'c' && memory[PAGE] == 0 ? 0 : 1);
	}
	EXITS(pid, 0);
	GIVES(memory[0], 0);
}

CASE(copy_on_write_by_kernel)
{
	char *memory = pages_map(1, MAP_PRIVATE);
	int ends[2];
	pid_t pid;

	CHECK(pipe(ends) == 0);
	memset(memory, 'p', PAGE);
	CHECK(write(ends[1], "kernel", 6) == 6);
	pid = child();
	if (pid == 0)
		_exit(read(ends[0], memory, 6) == 6 && memcmp(memory, "kernelp", 7) == 0 ? 0 : 1);
	EXITS(pid, 0);
	GIVES(memory[0], 'p');
}

CASE(shared_after_fork)
{
	atomic_int *count = (atomic_int *)pages_map(1, MAP_SHARED);
	pid_t pid[4];

	for (int i = 0; i < 4; i++) {
		pid[i] = child();
		if (pid[i] == 0) {
			for (int n = 0; n < 1000; n++)
				atomic_fetch_add(count, 1);
			_exit(0);
		}
	}
	for (int i = 0; i < 4; i++)
		EXITS(pid[i], 0);
	GIVES(atomic_load(count), 4000);
}

CASE(shared_file_after_fork)
{
	char *memory, byte;
	int fd = open("file", O_RDWR | O_CREAT, 0644);
	pid_t pid;

	CHECK(ftruncate(fd, PAGE) == 0);
	memory = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
	CHECK(memory != MAP_FAILED);
	pid = child();
	if (pid == 0) {
		memory[10] = 'c';
		_exit(0);
	}
	EXITS(pid, 0);
	GIVES(memory[10], 'c');
	GIVES((pread(fd, &byte, 1, 10), byte), 'c');
}

CASE(protection_after_fork)
{
	char *memory = pages_map(1, MAP_PRIVATE);
	pid_t pid;

	memory[0] = 'x';
	CHECK(mprotect(memory, PAGE, PROT_READ) == 0);
	pid = child();
	if (pid == 0)
		_exit(fault_write(memory).code == SEGV_ACCERR && memory[0] == 'x' ? 0 : 1);
	EXITS(pid, 0);
	CHECK(mprotect(memory, PAGE, RW) == 0);
	memory[0] = 'y';
	GIVES(memory[0], 'y');
}

CASE(unmapped_in_child_only)
{
	char *memory = pages_map(1, MAP_PRIVATE);
	pid_t pid;

	memory[0] = 'x';
	pid = child();
	if (pid == 0)
		_exit(munmap(memory, PAGE) == 0 && fault_read(memory).code == SEGV_MAPERR ? 0 : 1);
	EXITS(pid, 0);
	GIVES(memory[0], 'x');
}

static int deep(int pages)
{
	volatile char page[PAGE];

	page[0] = pages;
	return (pages ? deep(pages - 1) : 0) + (page[0] != (char)pages);
}

CASE(stack_grows)
{
	volatile char *low = (char *)__builtin_frame_address(0) - 512 * 1024;
	pid_t pid;

	GIVES(deep(1000), 0);
	pid = child();
	if (pid == 0)
		_exit(deep(1500));
	EXITS(pid, 0);
	GIVES(*low = 1, 1);
}
