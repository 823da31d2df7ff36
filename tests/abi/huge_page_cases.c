/* Huge pages of which none are set aside.  A host that has some in its pool (sysctl
 * vm.nr_hugepages or vm.nr_overcommit_hugepages) serves what is refused here. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/falloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "tests/abi/fault.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ  22
#define MADV_POPULATE_WRITE 23
#endif
#ifndef SHM_HUGETLB
#define SHM_HUGETLB 04000
#endif
#ifndef SHM_NORESERVE
#define SHM_NORESERVE 010000
#endif

enum {
	PAGE = 4096,
	HUGE = 2 << 20,
	RW = PROT_READ | PROT_WRITE,
	ANONYMOUS = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE,
	SHARED = MAP_SHARED | MAP_NORESERVE,
};

static const unsigned kib_64 = 16u << 26, mib_2 = 21u << 26, gib_1 = 30u << 26;

/* n huge pages, and nothing else around them within reach of the case. */
static char *huge_map(int n)
{
	char *memory = mmap(NULL, (size_t)n * HUGE, RW, ANONYMOUS, -1, 0);

	CHECK(memory != MAP_FAILED && (uintptr_t)memory % HUGE == 0);
	return memory;
}

static int huge_file(void)
{
	int fd = memfd_create("huge", MFD_HUGETLB | MFD_ALLOW_SEALING);

	CHECK(fd >= 0);
	return fd;
}

static long maps(size_t length, int protection, int flags, int fd, off_t offset)
{
	char *memory = mmap(NULL, length, protection, flags, fd, offset);

	return memory == MAP_FAILED ? -1 : (long)((uintptr_t)memory % HUGE);
}

CASE(huge_map_reserved)
{
	FAILS(maps(HUGE, RW, ANONYMOUS & ~MAP_NORESERVE, -1, 0), ENOMEM);
	FAILS(maps(HUGE, PROT_NONE, ANONYMOUS & ~MAP_NORESERVE, -1, 0), ENOMEM);
	GIVES(maps(HUGE, RW, ANONYMOUS, -1, 0), 0);
	GIVES(maps(100, RW, ANONYMOUS, -1, 0), 0);
	GIVES(maps(HUGE, RW, ANONYMOUS | mib_2, -1, 0), 0);
	GIVES(maps(1ul << 30, RW, ANONYMOUS | gib_1, -1, 0), 0);
	GIVES(maps(HUGE, RW, MAP_SHARED | (ANONYMOUS & ~MAP_PRIVATE), -1, 0), 0);
	GIVES(maps(HUGE, RW, ANONYMOUS | MAP_LOCKED | MAP_POPULATE, -1, 0), 0);
	FAILS(maps(HUGE, RW, ANONYMOUS | kib_64, -1, 0), EINVAL);
	FAILS(maps(HUGE, RW, ANONYMOUS, -1, PAGE), EINVAL);
	FAILS(maps(HUGE, RW, ANONYMOUS | MAP_GROWSDOWN, -1, 0), EINVAL);
	FAILS(maps(1ul << 47, RW, ANONYMOUS, -1, 0), ENOMEM);
	FAILS(syscall(SYS_mmap, NULL, -1ul, RW, ANONYMOUS, -1, 0), EINVAL);
	FAILS(syscall(SYS_mmap, NULL, 0, RW, ANONYMOUS, -1, 0), EINVAL);
}

CASE(huge_map_low)
{
	char *memory = mmap(NULL, HUGE, RW, ANONYMOUS | MAP_32BIT, -1, 0);

	CHECK(memory != MAP_FAILED);
	GIVES((uintptr_t)memory % HUGE, 0);
	GIVES((uintptr_t)memory >> 31, 0);
}

CASE(huge_map_fixed)
{
	char *memory = huge_map(4);

	FAILS(syscall(SYS_mmap, memory + PAGE, HUGE, RW, ANONYMOUS | MAP_FIXED, -1, 0), EINVAL);
	GIVES(mmap(memory, HUGE, RW, ANONYMOUS | MAP_FIXED, -1, 0) == memory, 1);
	FAILS(syscall(SYS_mmap, memory, HUGE, RW, ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
	GIVES(munmap(memory + HUGE, HUGE), 0);
	GIVES(mmap(memory + PAGE, HUGE, RW, ANONYMOUS, -1, 0) == memory + HUGE, 1);
	GIVES(mmap(memory + HUGE, HUGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
		      memory + HUGE,
	      1);
	memory[HUGE] = 'x';
	GIVES(memory[HUGE], 'x');
}

CASE(huge_touch)
{
	char *memory = huge_map(2);
	struct fault f = fault_read(memory + 5);
	unsigned char resident[HUGE / PAGE];
	int ends[2];

	GIVES(f.signal, SIGBUS);
	GIVES(f.code, BUS_ADRERR);
	GIVES(f.addr == memory + 5, 1);
	GIVES(fault_write(memory + HUGE).code, BUS_ADRERR);
	CHECK(pipe(ends) == 0);
	FAILS(write(ends[1], memory, 1), EFAULT);
	CHECK(write(ends[1], "x", 1) == 1);
	FAILS(read(ends[0], memory, 1), EFAULT);
	GIVES(mincore(memory, HUGE, resident), 0);
	GIVES(resident[0] | resident[HUGE / PAGE - 1], 0);
	GIVES(mprotect(memory, HUGE, PROT_NONE), 0);
	GIVES(fault_read(memory).code, SEGV_ACCERR);
	GIVES(fault_read(memory + HUGE).code, BUS_ADRERR);
	GIVES(munmap(memory, HUGE), 0);
	GIVES(fault_read(memory).code, SEGV_MAPERR);
}

CASE(huge_touch_after_fork)
{
	char *memory = huge_map(1);
	pid_t pid = child();

	if (pid == 0) {
		*(volatile char *)memory = 'x';
		_exit(0);
	}
	DIES(pid, SIGBUS);
}

CASE(huge_unmap_aligned)
{
	char *memory = huge_map(4);

	FAILS(munmap(memory, PAGE), EINVAL);
	FAILS(munmap(memory + PAGE, HUGE), EINVAL);
	FAILS(munmap(memory, HUGE + PAGE), EINVAL);
	GIVES(fault_read(memory).code, BUS_ADRERR);
	GIVES(munmap(memory + HUGE, HUGE), 0);
	GIVES(fault_read(memory + HUGE).code, SEGV_MAPERR);
	GIVES(fault_read(memory + 2 * HUGE).code, BUS_ADRERR);
}

CASE(huge_protect_aligned)
{
	char *memory = huge_map(3);

	FAILS(mprotect(memory, PAGE, PROT_READ), EINVAL);
	FAILS(mprotect(memory + PAGE, HUGE, PROT_READ), EINVAL);
	GIVES(mprotect(memory, HUGE, PROT_READ), 0);
	GIVES(fault_write(memory).code, SEGV_ACCERR);
	GIVES(fault_write(memory + HUGE).code, BUS_ADRERR);
}

CASE(huge_remap)
{
	char *memory = huge_map(4), *place = huge_map(4);

	GIVES(munmap(place, 4 * HUGE), 0);
	FAILS(syscall(SYS_mremap, memory, HUGE, 2 * HUGE, MREMAP_MAYMOVE), EINVAL);
	FAILS(syscall(SYS_mremap, memory + PAGE, HUGE, HUGE, MREMAP_MAYMOVE), EINVAL);
	FAILS(syscall(SYS_mremap, memory, 0, HUGE, MREMAP_MAYMOVE), EINVAL);
	FAILS(syscall(SYS_mremap, memory, HUGE, HUGE, MREMAP_MAYMOVE | 4), EINVAL);
	FAILS(syscall(SYS_mremap, memory, HUGE, HUGE, MREMAP_MAYMOVE | MREMAP_FIXED, place + PAGE),
	      EINVAL);
	GIVES(mremap(memory + 2 * HUGE, 2 * HUGE, HUGE, 0) == memory + 2 * HUGE, 1);
	GIVES(fault_read(memory + 3 * HUGE).code, SEGV_MAPERR);
	GIVES(mremap(memory, 100, HUGE, 0) == memory, 1);
	GIVES(mremap(memory, HUGE, HUGE, MREMAP_MAYMOVE | MREMAP_FIXED, place) == place, 1);
	GIVES(fault_read(memory).code, SEGV_MAPERR);
	GIVES(fault_read(place).code, BUS_ADRERR);
}

CASE(huge_advice)
{
	char *memory = huge_map(2);

	GIVES(madvise(memory, PAGE, MADV_DONTNEED), 0);
	FAILS(madvise(memory + PAGE, PAGE, MADV_DONTNEED), EINVAL);
	FAILS(madvise(memory, HUGE, MADV_FREE), EINVAL);
	FAILS(madvise(memory, HUGE, MADV_COLD), EINVAL);
	FAILS(madvise(memory, HUGE, MADV_PAGEOUT), EINVAL);
	FAILS(madvise(memory, HUGE, MADV_WIPEONFORK), EINVAL);
	FAILS(madvise(memory, HUGE, MADV_REMOVE), EACCES);
	FAILS(madvise(memory, PAGE, MADV_DONTFORK), EINVAL);
	FAILS(madvise(memory, HUGE, MADV_POPULATE_READ), EFAULT);
	FAILS(madvise(memory, HUGE, MADV_POPULATE_WRITE), EFAULT);
	GIVES(madvise(memory, HUGE, MADV_HUGEPAGE), 0);
	GIVES(madvise(memory, HUGE, MADV_DONTFORK), 0);
	FAILS(mlock(memory, PAGE), ENOMEM);
	GIVES(munlock(memory, PAGE), 0);
}

CASE(memfd_huge)
{
	struct statfs of_system;
	struct stat s;
	int fd = huge_file();

	CHECK(fstat(fd, &s) == 0 && fstatfs(fd, &of_system) == 0);
	GIVES(s.st_blksize, HUGE);
	GIVES(s.st_mode, S_IFREG | 0777);
	GIVES(s.st_size + s.st_blocks + (long)s.st_nlink, 0);
	GIVES(of_system.f_type, 0x958458f6); /* HUGETLBFS_MAGIC */
	GIVES(of_system.f_bsize, HUGE);
	fd = memfd_create("huge", MFD_HUGETLB | gib_1);
	CHECK(fd >= 0 && fstat(fd, &s) == 0);
	GIVES(s.st_blksize, 1 << 30);
	FAILS(ftruncate(fd, HUGE), EINVAL);
	CHECK(memfd_create("huge", MFD_HUGETLB | MFD_CLOEXEC | mib_2) >= 0);
	FAILS(memfd_create("huge", MFD_HUGETLB | kib_64), ENODEV);
	FAILS(memfd_create("huge", mib_2), EINVAL);
	FAILS(memfd_create("huge", MFD_HUGETLB | 0x800), EINVAL);
	FAILS(syscall(SYS_memfd_create, 8, MFD_HUGETLB | kib_64), EFAULT);
}

CASE(memfd_huge_contents)
{
	char bytes[16] = "not zeros";
	int fd = huge_file();

	FAILS(ftruncate(fd, PAGE), EINVAL);
	GIVES(ftruncate(fd, 2 * HUGE), 0);
	FAILS(write(fd, "x", 1), EINVAL);
	FAILS(write(fd, "x", 0), EINVAL);
	FAILS(pwrite(fd, "x", 1, 0), EINVAL);
	GIVES(read(fd, bytes, sizeof(bytes)), sizeof(bytes));
	GIVES(bytes[0] | bytes[15], 0);
	GIVES(pread(fd, bytes, sizeof(bytes), 2 * HUGE - 5), 5);
	GIVES(pread(fd, bytes, sizeof(bytes), 2 * HUGE + 5), 0);
	FAILS(syscall(SYS_read, fd, 8, 10), EFAULT);
	GIVES(lseek(fd, 0, SEEK_DATA), 0);
	GIVES(lseek(fd, 5, SEEK_HOLE), 2 * HUGE);
	FAILS(lseek(fd, 2 * HUGE, SEEK_DATA), ENXIO);
	GIVES(fsync(fd), 0);
	FAILS(fallocate(fd, 0, 0, HUGE), ENOSPC);
	FAILS(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, PAGE), ENOSPC);
	GIVES(fallocate(fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 100, PAGE), 0);
	FAILS(fallocate(fd, FALLOC_FL_ZERO_RANGE, 0, HUGE), EOPNOTSUPP);
	GIVES(ftruncate(fd, HUGE), 0);
	GIVES(lseek(fd, 0, SEEK_END), HUGE);
}

CASE(memfd_huge_opened_again)
{
	char path[64];
	int fd = huge_file(), again;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	CHECK((again = open(path, O_RDWR)) >= 0);
	FAILS(write(again, "x", 1), EINVAL);
	GIVES(ftruncate(again, HUGE), 0);
	GIVES(lseek(fd, 0, SEEK_END), HUGE);
	FAILS(maps(HUGE, RW, MAP_SHARED, again, 0), ENOMEM);
	GIVES(maps(HUGE, RW, SHARED, again, 0), 0);
}

CASE(memfd_huge_map)
{
	int fd = huge_file();
	char *memory;

	CHECK(ftruncate(fd, 2 * HUGE) == 0);
	FAILS(maps(HUGE, RW, MAP_SHARED, fd, 0), ENOMEM);
	FAILS(maps(HUGE, PROT_READ, MAP_PRIVATE, fd, 0), ENOMEM);
	FAILS(maps(HUGE, RW, SHARED, fd, PAGE), EINVAL);
	FAILS(maps(HUGE, RW, SHARED, fd, INT64_MAX - HUGE + 1), EOVERFLOW);
	GIVES(maps(3 * HUGE, PROT_READ, SHARED, fd, 0), 0);
	GIVES(lseek(fd, 0, SEEK_END), 2 * HUGE);
	GIVES(maps(3 * HUGE, RW, MAP_PRIVATE | MAP_NORESERVE, fd, HUGE), 0);
	GIVES(lseek(fd, 0, SEEK_END), 4 * HUGE);
	GIVES(maps(100, RW, SHARED | MAP_HUGETLB | kib_64, fd, 0), 0);
	memory = mmap(NULL, HUGE, RW, SHARED, fd, 0);
	CHECK(memory != MAP_FAILED);
	GIVES(fault_read(memory).code, BUS_ADRERR);
	FAILS(munmap(memory, PAGE), EINVAL);
	GIVES(munmap(memory, HUGE), 0);
}

CASE(memfd_huge_seals)
{
	int fd = huge_file();

	GIVES(fcntl(memfd_create("other", MFD_HUGETLB), F_GET_SEALS), F_SEAL_SEAL);
	GIVES(fcntl(fd, F_GET_SEALS), 0);
	CHECK(ftruncate(fd, 2 * HUGE) == 0);
	GIVES(maps(HUGE, RW, SHARED, fd, 0), 0);
	GIVES(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), 0);
	FAILS(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY);
	FAILS(ftruncate(fd, 3 * HUGE), EPERM);
	FAILS(ftruncate(fd, 3 * HUGE + 1), EINVAL);
	FAILS(fallocate(fd, 0, 2 * HUGE, HUGE), EPERM);
	GIVES(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK), 0);
	FAILS(ftruncate(fd, HUGE), EPERM);
	FAILS(maps(HUGE, RW, SHARED, fd, 0), EPERM);
	GIVES(maps(HUGE, PROT_READ, SHARED, fd, 0), 0);
	FAILS(fallocate(fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 0, HUGE), EPERM);
}

CASE(shm_huge)
{
	int id = shmget(IPC_PRIVATE, 100, SHM_HUGETLB | SHM_NORESERVE | 0600), other;
	struct shmid_ds d;
	char *memory;

	CHECK(id >= 0 && shmctl(id, IPC_STAT, &d) == 0);
	GIVES(d.shm_segsz, 100);
	memory = shmat(id, NULL, 0);
	CHECK(memory != (void *)-1);
	GIVES((uintptr_t)memory % HUGE, 0);
	GIVES(fault_read(memory).code, BUS_ADRERR);
	FAILS(shmat(id, memory + 2 * HUGE + PAGE, 0), EINVAL);
	FAILS(munmap(memory, PAGE), EINVAL);
	GIVES(shmdt(memory), 0);
	GIVES(fault_read(memory).code, SEGV_MAPERR);
	GIVES(shmctl(id, IPC_RMID, NULL), 0);
	FAILS(shmget(IPC_PRIVATE, 100, SHM_HUGETLB | 0600), ENOMEM);
	FAILS(shmget(IPC_PRIVATE, 100, SHM_HUGETLB | SHM_NORESERVE | 0600 | kib_64), EINVAL);
	other = shmget(IPC_PRIVATE, 100, SHM_HUGETLB | SHM_NORESERVE | 0600 | gib_1);
	GIVES(shmctl(other, IPC_RMID, NULL), 0);
	CHECK(setgid(65534) == 0 && setgroups(0, NULL) == 0 && setuid(65534) == 0);
	FAILS(shmget(IPC_PRIVATE, 100, SHM_HUGETLB | SHM_NORESERVE | 0600), EPERM);
}

CASE(huge_maps)
{
	static char text[65536];
	int fd = huge_file();

	char *line;

	huge_map(1);
	GIVES(maps(HUGE, RW, SHARED, fd, 0), 0);
	CHECK(file_get("/proc/self/smaps", text, sizeof(text)) > 0);
	CHECK((line = strstr(text, "/memfd:huge (deleted)\n")));
	CHECK((line = strstr(line, "MMUPageSize:")));
	say("%.24s", line);
	CHECK((line = strstr(text, "/anon_hugepage (deleted)\n")));
	CHECK((line = strstr(line, "MMUPageSize:")));
	say("%.24s", line);
}
