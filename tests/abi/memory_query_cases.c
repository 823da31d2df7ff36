/* mincore, msync, memory policies, remap_file_pages, protection keys. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <linux/mempolicy.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PAGE = 4096, RW = PROT_READ | PROT_WRITE, ANONYMOUS = MAP_PRIVATE | MAP_ANONYMOUS };

static char *pages_map(int pages, int protection, int flags)
{
	char *memory = mmap(NULL, pages * PAGE, protection, flags, -1, 0);

	CHECK(memory != MAP_FAILED);
	return memory;
}

CASE(mincore_pages)
{
	char *memory = pages_map(4, RW, ANONYMOUS);
	unsigned char there[5] = { 0, 0, 0, 0, 77 };

	memory[2 * PAGE] = 1;
	GIVES(mincore(memory, 4 * PAGE, there), 0);
	GIVES(there[0] << 12 | there[1] << 8 | there[2] << 4 | there[3], 0x10);
	GIVES(there[4], 77);
	GIVES(mincore(memory, 1, there), 0);
	GIVES(mincore(memory, 0, there), 0);
	FAILS(mincore(memory + 1, PAGE, there), EINVAL);
	FAILS(syscall(SYS_mincore, memory, PAGE, 8), EFAULT);
	FAILS(mincore(memory, 1ul << 48, there), ENOMEM);
	CHECK(munmap(memory + PAGE, PAGE) == 0);
	FAILS(mincore(memory, 4 * PAGE, there), ENOMEM);
}

CASE(mincore_file)
{
	int fd = open("file", O_RDWR | O_CREAT, 0644);
	unsigned char there[2] = { 0, 0 };
	char *file;

	CHECK(write(fd, "x", 1) == 1);
	file = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	CHECK(file != MAP_FAILED);
	GIVES(mincore(file, PAGE, there), 0);
	GIVES(there[0] & 1, 1);
}

CASE(msync_errors)
{
	char *memory = pages_map(3, RW, ANONYMOUS);

	GIVES(msync(memory, 3 * PAGE, MS_SYNC), 0);
	GIVES(msync(memory, 3 * PAGE, MS_ASYNC), 0);
	GIVES(msync(memory, 0, MS_SYNC), 0);
	GIVES(msync(memory, PAGE, 0), 0);
	FAILS(msync(memory + 1, PAGE, MS_SYNC), EINVAL);
	FAILS(msync(memory, PAGE, MS_SYNC | MS_ASYNC), EINVAL);
	FAILS(msync(memory, PAGE, 64), EINVAL);
	CHECK(munmap(memory + PAGE, PAGE) == 0);
	FAILS(msync(memory, 3 * PAGE, MS_SYNC), ENOMEM);
}

CASE(memory_policy)
{
	unsigned long nodes[16] = { 0 }, one[16] = { 1 }, second[16] = { 2 };
	char *memory = pages_map(2, RW, ANONYMOUS);
	int mode = -1;

	GIVES(syscall(SYS_get_mempolicy, &mode, nodes, 1024, 0, 0), 0);
	GIVES(mode, MPOL_DEFAULT);
	GIVES(syscall(SYS_set_mempolicy, MPOL_BIND, one, 1024), 0);
	GIVES(syscall(SYS_get_mempolicy, &mode, nodes, 1024, 0, 0), 0);
	GIVES(mode, MPOL_BIND);
	GIVES(nodes[0], 1);
	FAILS(syscall(SYS_set_mempolicy, MPOL_BIND, second, 1024), EINVAL);
	FAILS(syscall(SYS_set_mempolicy, MPOL_BIND, NULL, 0), EINVAL);
	FAILS(syscall(SYS_set_mempolicy, MPOL_DEFAULT, one, 1024), EINVAL);
	FAILS(syscall(SYS_set_mempolicy, 99, one, 1024), EINVAL);
	FAILS(syscall(SYS_set_mempolicy, MPOL_BIND, 8, 1024), EFAULT);
	GIVES(syscall(SYS_mbind, memory, PAGE, MPOL_PREFERRED, one, 1024, 0), 0);
	GIVES(syscall(SYS_get_mempolicy, &mode, nodes, 1024, memory, MPOL_F_ADDR), 0);
	GIVES(mode, MPOL_PREFERRED);
	GIVES(syscall(SYS_set_mempolicy, MPOL_DEFAULT, NULL, 0), 0);
	GIVES(syscall(SYS_get_mempolicy, &mode, NULL, 0, memory + PAGE, MPOL_F_ADDR), 0);
	GIVES(mode, MPOL_DEFAULT);
	memory[0] = 1;
	GIVES(syscall(SYS_get_mempolicy, &mode, NULL, 0, memory, MPOL_F_ADDR | MPOL_F_NODE), 0);
	GIVES(mode, 0);
	GIVES(syscall(SYS_get_mempolicy, NULL, nodes, 1024, 0, MPOL_F_MEMS_ALLOWED), 0);
	GIVES(nodes[0], 1);
	FAILS(syscall(SYS_get_mempolicy, NULL, nodes, 1024, memory, 0), EINVAL);
	FAILS(syscall(SYS_get_mempolicy, NULL, nodes, 1024, 0, 64), EINVAL);
	FAILS(syscall(SYS_mbind, memory + 1, PAGE, MPOL_BIND, one, 1024, 0), EINVAL);
	CHECK(munmap(memory, PAGE) == 0);
	FAILS(syscall(SYS_mbind, memory, PAGE, MPOL_BIND, one, 1024, 0), EFAULT);
	FAILS(syscall(SYS_get_mempolicy, &mode, NULL, 0, memory, MPOL_F_ADDR), EFAULT);
}

CASE(remap_file_pages_order)
{
	int fd = open("file", O_RDWR | O_CREAT, 0644);
	char page[PAGE], *memory;

	for (int i = 0; i < 3; i++) {
		memset(page, 'a' + i, PAGE);
		CHECK(write(fd, page, PAGE) == PAGE);
	}
	memory = mmap(NULL, 3 * PAGE, RW, MAP_SHARED, fd, 0);
	CHECK(memory != MAP_FAILED);
	GIVES(syscall(SYS_remap_file_pages, memory, PAGE, 0, 2, 0), 0);
	GIVES(memory[0], 'c');
	GIVES(memory[PAGE], 'b');
	memory[0] = 'C';
	GIVES(memory[2 * PAGE], 'C');
	FAILS(syscall(SYS_remap_file_pages, memory, PAGE, PROT_READ, 0, 0), EINVAL);
	FAILS(syscall(SYS_remap_file_pages, memory, 0, 0, 0, 0), EINVAL);
	FAILS(syscall(SYS_remap_file_pages, pages_map(1, RW, ANONYMOUS), PAGE, 0, 0, 0), EINVAL);
}

CASE(pkey_errors)
{
	char *memory = pages_map(1, RW, ANONYMOUS);

	FAILS(syscall(SYS_pkey_alloc, 1, 0), EINVAL);
	FAILS(syscall(SYS_pkey_alloc, 0, 8), EINVAL);
	FAILS(syscall(SYS_pkey_mprotect, memory, PAGE, RW, 5), EINVAL);
	GIVES(syscall(SYS_pkey_mprotect, memory, PAGE, PROT_READ, -1), 0);
	FAILS(syscall(SYS_pkey_free, 5), EINVAL);
}

CASE(move_pages_asked)
{
	char *memory =
		mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *pages[3] = { memory, memory + 4096, (void *)4096 };
	int status[3] = { 77, 77, 77 }, nodes[3] = { 0, 0, 0 };

	CHECK(memory != MAP_FAILED);
	memory[0] = 'x';
	GIVES(syscall(SYS_move_pages, 0, 3L, pages, NULL, status, 0), 0);
	say("%d %d %d", status[0], status[1], status[2]);
	GIVES(syscall(SYS_move_pages, getpid(), 2L, pages, nodes, status, 2), 0);
	say("%d %d", status[0], status[1]);
	nodes[1] = -1;
	FAILS(syscall(SYS_move_pages, 0, 2L, pages, nodes, status, 2), ENODEV);
	FAILS(syscall(SYS_move_pages, 0, 2L, pages, NULL, status, 8), EINVAL);
	FAILS(syscall(SYS_move_pages, 4000000, 2L, pages, NULL, status, 0), ESRCH);
	FAILS(syscall(SYS_move_pages, 0, 2L, (void *)8, NULL, status, 0), EFAULT);
	FAILS(syscall(SYS_move_pages, 0, 2L, pages, NULL, (void *)8, 0), EFAULT);
	FAILS(syscall(SYS_move_pages, 0, 2L, pages, (void *)8, status, 2), EFAULT);
	GIVES(syscall(SYS_move_pages, 0, 0L, NULL, NULL, NULL, 0), 0);
}
