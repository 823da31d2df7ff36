/* Shared memory, semaphores, messages: given back, or left to those who end. */
#include "tests/abi/case.h"

#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, PROCESSES = 8, ROUNDS = 50 };

static void children_wait(void)
{
	int status;

	while (waitpid(-1, &status, 0) > 0)
		CHECK(status == 0);
}

/* A removed segment goes with the last process that has it attached. */
CASE(segments_left_attached)
{
	int id = shmget(IPC_PRIVATE, 64 * PAGE, 0600);
	char *memory = shmat(id, NULL, 0);

	CHECK(memory != (void *)-1);
	for (int i = 0; i < PROCESSES; i++) {
		if (child())
			continue;
		for (int k = 0; k < 64; k++)
			memory[k * PAGE + i] = 1;
		munmap(memory + 8 * PAGE, PAGE);
		_exit(0);
	}
	CHECK(shmctl(id, IPC_RMID, NULL) == 0);
	children_wait();
	CHECK(memory[0] == 1 && memory[63 * PAGE + PROCESSES - 1] == 1);
}

/* Many attach and detach the same segment at once, and make and remove others. */
CASE(segments_contended)
{
	int id = shmget(IPC_PRIVATE, 4 * PAGE, 0600);
	struct shmid_ds d;

	for (int i = 0; i < PROCESSES; i++) {
		if (child())
			continue;
		for (int k = 0; k < ROUNDS; k++) {
			int other = shmget(IPC_PRIVATE, PAGE, 0600);
			char *memory = shmat(id, NULL, 0), *own = shmat(other, NULL, 0);

			own[0] = memory[0]++;
			if (shmctl(other, IPC_RMID, NULL) || shmdt(memory) || shmdt(own))
				_exit(1);
		}
		_exit(0);
	}
	children_wait();
	CHECK(shmctl(id, IPC_STAT, &d) == 0 && d.shm_nattch == 0);
	CHECK(shmctl(id, IPC_RMID, NULL) == 0);
}

/* A counter behind a semaphore that is taken with SEM_UNDO; some die with it. */
CASE(semaphore_contended)
{
	struct sembuf take = { 0, -1, SEM_UNDO }, give = { 0, 1, SEM_UNDO };
	int id = semget(IPC_PRIVATE, 1, 0600);
	volatile int *count =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	CHECK(id >= 0 && semctl(id, 0, SETVAL, 1) == 0);
	for (int i = 0; i < PROCESSES; i++) {
		if (child())
			continue;
		for (int k = 0; k < ROUNDS; k++) {
			if (semop(id, &take, 1))
				_exit(1);
			*count += 1;
			if (k < ROUNDS - 1 && semop(id, &give, 1))
				_exit(1);
		}
		_exit(0);
	}
	children_wait();
	CHECK(*count == PROCESSES * ROUNDS && semctl(id, 0, GETVAL) == 1);
	CHECK(semctl(id, 0, IPC_RMID) == 0);
}

/* A queue is removed while messages are in it and processes wait on it. */
CASE(messages_left)
{
	struct {
		long type;
		char text[1000];
	} m = { .type = 1 };
	int id = msgget(IPC_PRIVATE, 0600);

	for (int i = 0; i < PROCESSES; i++)
		if (!child())
			_exit(msgrcv(id, &m, sizeof(m.text), 77 + i, 0) >= 0);
	while (msgsnd(id, &m, sizeof(m.text), IPC_NOWAIT) == 0)
		;
	CHECK(errno == EAGAIN);
	sleep_ms(5);
	CHECK(msgctl(id, IPC_RMID, NULL) == 0);
	children_wait();
}
