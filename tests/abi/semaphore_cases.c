/* System V semaphores. */
#include "tests/abi/case.h"

#include <signal.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int set_make(int count)
{
	int id = semget(IPC_PRIVATE, count, 0600);

	CHECK(id >= 0);
	return id;
}

static int op(int id, unsigned short number, short change, short flags)
{
	struct sembuf b = { number, change, flags };

	return semop(id, &b, 1);
}

CASE(sem_values)
{
	unsigned short values[3] = { 1, 2, 3 };
	int id = set_make(3);
	struct semid_ds d;

	GIVES(semctl(id, 0, SETALL, values), 0);
	GIVES(semctl(id, 1, GETVAL), 2);
	GIVES(semctl(id, 1, SETVAL, 7), 0);
	memset(values, 0, sizeof(values));
	GIVES(semctl(id, 0, GETALL, values), 0);
	GIVES(values[0] * 100 + values[1] * 10 + values[2], 173);
	GIVES(semctl(id, 1, GETPID) == getpid(), 1);
	GIVES(semctl(id, 0, IPC_STAT, &d), 0);
	GIVES(d.sem_nsems, 3);
	GIVES(d.sem_otime, 0);
	GIVES(op(id, 0, 1, 0), 0);
	GIVES(semctl(id, 0, IPC_STAT, &d), 0);
	GIVES(d.sem_otime != 0, 1);
	GIVES(semctl(id, 0, IPC_RMID), 0);
	FAILS(semctl(id, 0, GETVAL), EINVAL);
}

CASE(sem_errors)
{
	struct sembuf many[501] = { { 0, 0, 0 } };
	int id = set_make(2);

	FAILS(semget(IPC_PRIVATE, 0, 0600), EINVAL);
	FAILS(semget(IPC_PRIVATE, -1, 0600), EINVAL);
	FAILS(semget(0x52000000 + getpid(), 1, 0600), ENOENT);
	FAILS(semctl(id, 2, GETVAL), EINVAL);
	FAILS(semctl(id, 0, SETVAL, 32768), ERANGE);
	FAILS(semctl(id, 0, SETVAL, -1), ERANGE);
	FAILS(semctl(id, 0, 99), EINVAL);
	FAILS(op(id, 2, 1, 0), EFBIG);
	FAILS(op(id, 0, -1, IPC_NOWAIT), EAGAIN);
	FAILS(semop(id, many, 501), E2BIG);
	FAILS(semop(id, many, 0), EINVAL);
	FAILS(syscall(SYS_semop, id, 8, 1), EFAULT);
	GIVES(op(id, 0, 32767, 0), 0);
	FAILS(op(id, 0, 1, 0), ERANGE);
	FAILS(op(id, 0, 0, IPC_NOWAIT), EAGAIN);
	GIVES(semctl(id, 0, IPC_RMID), 0);
	FAILS(op(id, 0, 1, 0), EINVAL);
}

CASE(sem_all_or_none)
{
	struct sembuf both[2] = { { 0, -1, IPC_NOWAIT }, { 1, -1, IPC_NOWAIT } };
	int id = set_make(2);

	GIVES(semctl(id, 0, SETVAL, 1), 0);
	FAILS(semop(id, both, 2), EAGAIN);
	GIVES(semctl(id, 0, GETVAL), 1);
	GIVES(semctl(id, 1, SETVAL, 1), 0);
	GIVES(semop(id, both, 2), 0);
	GIVES(semctl(id, 0, GETVAL), 0);
	GIVES(semctl(id, 0, IPC_RMID), 0);
}

CASE(sem_waits)
{
	int id = set_make(1);
	pid_t pid = child();

	if (pid == 0)
		_exit(op(id, 0, -2, 0) == 0 ? 5 : errno);
	while (semctl(id, 0, GETNCNT) != 1)
		sleep_ms(1);
	GIVES(op(id, 0, 1, 0), 0);
	GIVES(semctl(id, 0, GETNCNT), 1);
	GIVES(op(id, 0, 1, 0), 0);
	EXITS(pid, 5);
	GIVES(semctl(id, 0, GETVAL), 0);
	GIVES(op(id, 0, 1, 0), 0);
	pid = child();
	if (pid == 0)
		_exit(op(id, 0, 0, 0) == 0 ? 6 : errno);
	while (semctl(id, 0, GETZCNT) != 1)
		sleep_ms(1);
	GIVES(op(id, 0, -1, 0), 0);
	EXITS(pid, 6);
	pid = child();
	if (pid == 0)
		_exit(op(id, 0, -1, 0) == 0 ? 7 : errno);
	while (semctl(id, 0, GETNCNT) != 1)
		sleep_ms(1);
	GIVES(semctl(id, 0, IPC_RMID), 0);
	EXITS(pid, EIDRM);
}

CASE(sem_time_limit)
{
	struct timespec short_time = { 0, 20000000 }, bad = { 0, -1 };
	struct sembuf b = { 0, -1, 0 };
	int id = set_make(1);

	FAILS(syscall(SYS_semtimedop, id, &b, 1, &short_time), EAGAIN);
	FAILS(syscall(SYS_semtimedop, id, &b, 1, &bad), EINVAL);
	GIVES(semctl(id, 0, IPC_RMID), 0);
}

CASE(sem_undo)
{
	int id = set_make(2);
	pid_t pid;

	GIVES(semctl(id, 0, SETVAL, 5), 0);
	pid = child();
	if (pid == 0) {
		CHECK(op(id, 0, -3, SEM_UNDO) == 0 && op(id, 1, 2, SEM_UNDO) == 0);
		CHECK(op(id, 0, 1, 0) == 0);
		_exit(semctl(id, 0, GETVAL));
	}
	EXITS(pid, 3);
	GIVES(semctl(id, 0, GETVAL), 6);
	GIVES(semctl(id, 1, GETVAL), 0);
	pid = child();
	if (pid == 0) {
		CHECK(op(id, 0, -1, SEM_UNDO) == 0);
		kill(getpid(), SIGKILL);
	}
	DIES(pid, SIGKILL);
	GIVES(semctl(id, 0, GETVAL), 6);
	CHECK(op(id, 0, -1, SEM_UNDO) == 0);
	GIVES(semctl(id, 0, IPC_RMID), 0);
}
