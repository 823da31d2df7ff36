/* Shared memory: System V segments, and POSIX's files in /dev/shm. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/abi/fault.h"

enum { PAGE = 4096, RW = PROT_READ | PROT_WRITE };

/* A key that nobody else uses: made of the pid. */
static key_t key_own(void)
{
	return 0x52000000 + getpid();
}

static long attached(int id)
{
	struct shmid_ds d;

	CHECK(shmctl(id, IPC_STAT, &d) == 0);
	return (long)d.shm_nattch;
}

static void *attach(int id, int flags)
{
	void *memory = shmat(id, NULL, flags);

	CHECK(memory != (void *)-1);
	return memory;
}

CASE(shm_between_processes)
{
	int id = shmget(IPC_PRIVATE, 2 * PAGE + 1, 0600);
	char *memory;
	pid_t pid;

	CHECK(id >= 0);
	memory = attach(id, 0);
	GIVES(memory[0], 0);
	GIVES(memory[3 * PAGE - 1], 0);
	pid = child();
	if (pid == 0) {
		memory[5] = 'c';
		_exit(attached(id) == 2);
	}
	EXITS(pid, 1);
	GIVES(memory[5], 'c');
	GIVES(attached(id), 1);
	GIVES(shmctl(id, IPC_RMID, NULL), 0);
	memory[6] = 'x';
	GIVES(attached(id), 1);
	GIVES(shmdt(memory), 0);
	FAILS(shmctl(id, IPC_RMID, NULL), EINVAL);
	GIVES(fault_read(memory).signal, SIGSEGV);
}

CASE(shm_keys)
{
	key_t key = key_own();
	int id;

	FAILS(shmget(key, PAGE, 0), ENOENT);
	id = shmget(key, PAGE, IPC_CREAT | 0600);
	CHECK(id >= 0);
	GIVES(shmget(key, 0, 0) == id, 1);
	GIVES(shmget(key, PAGE, IPC_CREAT | 0600) == id, 1);
	FAILS(shmget(key, PAGE, IPC_CREAT | IPC_EXCL | 0600), EEXIST);
	FAILS(shmget(key, 2 * PAGE, 0), EINVAL);
	GIVES(shmctl(id, IPC_RMID, NULL), 0);
	FAILS(shmget(key, PAGE, 0), ENOENT);
	FAILS(shmget(IPC_PRIVATE, 0, 0600), EINVAL);
	FAILS(shmget(IPC_PRIVATE, 1ul << 46, 0600), ENOMEM);
}

CASE(shm_stat)
{
	int id = shmget(key_own(), 100, IPC_CREAT | 0640);
	struct shmid_ds d;
	char *memory;

	CHECK(id >= 0);
	GIVES(shmctl(id, IPC_STAT, &d), 0);
	GIVES(d.shm_segsz, 100);
	GIVES(d.shm_perm.mode, 0640);
	GIVES(d.shm_cpid == getpid(), 1);
	GIVES(d.shm_lpid, 0);
	GIVES(d.shm_atime, 0);
	memory = attach(id, 0);
	d.shm_perm.mode = 0600;
	GIVES(shmctl(id, IPC_SET, &d), 0);
	GIVES(shmctl(id, IPC_RMID, NULL), 0);
	GIVES(shmctl(id, IPC_STAT, &d), 0);
	GIVES(d.shm_perm.mode, 01600);
	GIVES(d.shm_perm.__key, 0);
	GIVES(d.shm_lpid == getpid(), 1);
	GIVES(d.shm_atime != 0, 1);
	FAILS(shmctl(id, 1234, &d), EINVAL);
	FAILS(shmctl(-1, IPC_STAT, &d), EINVAL);
	FAILS(shmctl(id, IPC_STAT, (void *)8), EFAULT);
	GIVES(shmdt(memory), 0);
}

CASE(shm_attach_places)
{
	int id = shmget(IPC_PRIVATE, PAGE, 0600);
	char *room = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(id >= 0 && room != MAP_FAILED);
	FAILS((long)shmat(id, room + PAGE, 0), EINVAL);
	FAILS((long)shmat(id, NULL, SHM_REMAP), EINVAL);
	GIVES((char *)shmat(id, room + PAGE, SHM_REMAP) == room + PAGE, 1);
	CHECK(munmap(room + 2 * PAGE, PAGE) == 0);
	FAILS((long)shmat(id, room + 2 * PAGE + 100, 0), EINVAL);
	GIVES((char *)shmat(id, room + 2 * PAGE + 100, SHM_RND) == room + 2 * PAGE, 1);
	room[PAGE] = 'x';
	GIVES(room[2 * PAGE], 'x');
	GIVES(attached(id), 2);
	FAILS(shmdt(room), EINVAL);
	FAILS(shmdt(room + PAGE + 1), EINVAL);
	GIVES(shmdt(room + PAGE), 0);
	GIVES(shmdt(room + 2 * PAGE), 0);
	GIVES(attached(id), 0);
	FAILS((long)shmat(-1, NULL, 0), EINVAL);
	GIVES(shmctl(id, IPC_RMID, NULL), 0);
	FAILS((long)shmat(id, NULL, 0), EINVAL);
}

CASE(shm_read_only)
{
	int id = shmget(IPC_PRIVATE, PAGE, 0600);
	char *memory = attach(id, SHM_RDONLY);

	GIVES(memory[0], 0);
	GIVES(fault_write(memory).code, SEGV_ACCERR);
	FAILS(mprotect(memory, PAGE, RW), EACCES);
	GIVES(shmctl(id, IPC_RMID, NULL), 0);
}

CASE(shm_permission)
{
	int id = shmget(IPC_PRIVATE, PAGE, 0600);
	struct shmid_ds d;
	pid_t pid = child();

	if (pid == 0) {
		CHECK(setgid(1000) == 0 && setuid(1000) == 0);
		FAILS((long)shmat(id, NULL, 0), EACCES);
		FAILS(shmctl(id, IPC_STAT, &d), EACCES);
		FAILS(shmctl(id, IPC_RMID, NULL), EPERM);
		_exit(0);
	}
	EXITS(pid, 0);
	GIVES(shmctl(id, IPC_RMID, NULL), 0);
}

CASE(shm_counts_parts)
{
	int id = shmget(IPC_PRIVATE, 3 * PAGE, 0600);
	char *memory = attach(id, 0);

	memory[2 * PAGE] = 'x';
	GIVES(munmap(memory + PAGE, PAGE), 0);
	GIVES(attached(id), 2);
	GIVES(munmap(memory, PAGE), 0);
	GIVES(attached(id), 1);
	GIVES(memory[2 * PAGE], 'x');
	GIVES(shmctl(id, IPC_RMID, NULL), 0);
	GIVES(shmdt(memory), 0);
	FAILS(shmdt(memory), EINVAL);
}

/* The line of /proc/sysvipc/shm whose second number is id. */
CASE(shm_in_proc)
{
	int id = shmget(key_own(), 12345, IPC_CREAT | 0604), found = 0;
	char *memory = attach(id, 0), line[512];
	FILE *f = fopen("/proc/sysvipc/shm", "r");

	CHECK(f && fgets(line, sizeof(line), f));
	say("%.60s", line);
	while (fgets(line, sizeof(line), f)) {
		unsigned long size, attaches;
		int key, shmid;
		unsigned mode, cpid, lpid;

		if (sscanf(line, "%d %d %o %lu %u %u %lu", &key, &shmid, &mode, &size, &cpid, &lpid,
			   &attaches) == 7 &&
		    shmid == id) {
			found++;
			GIVES(key == key_own(), 1);
			GIVES(mode, 0604);
			GIVES(size, 12345);
			GIVES(attaches, 1);
		}
	}
	fclose(f);
	GIVES(found, 1);
	GIVES(shmctl(id, IPC_RMID, NULL), 0);
	GIVES(shmdt(memory), 0);
}

CASE(shm_posix)
{
	char name[32], *one, *two;
	int fd, again;
	struct stat s;

	snprintf(name, sizeof(name), "/case-%d", (int)getpid());
	FAILS(shm_open(name, O_RDWR, 0), ENOENT);
	fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	CHECK(fd >= 0);
	FAILS(shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600), EEXIST);
	GIVES(fcntl(fd, F_GETFD), FD_CLOEXEC);
	GIVES(ftruncate(fd, PAGE), 0);
	again = shm_open(name, O_RDWR, 0);
	one = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
	two = mmap(NULL, PAGE, RW, MAP_SHARED, again, 0);
	CHECK(again >= 0 && one != MAP_FAILED && two != MAP_FAILED);
	one[0] = 'x';
	GIVES(two[0], 'x');
	GIVES(shm_unlink(name), 0);
	FAILS(shm_unlink(name), ENOENT);
	two[1] = 'y';
	GIVES(one[1], 'y');
	GIVES(fstat(fd, &s), 0);
	GIVES(s.st_nlink, 0);
	GIVES(s.st_size, PAGE);
}
