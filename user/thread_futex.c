/* What locks are made of: thread_futex [ROUNDS], 100 rounds.
 *
 * Two threads hand a turn to and fro in one shared word.  Whose turn it is is decided
 * in ring 3; the kernel is asked only to sleep and to wake.  In the trace: clone with
 * CLONE_VM (no new address space, so switches between the two say "address space
 * changed: 0"), futex waits that block, futex wakes, and a wake by the kernel itself
 * when the thread exits: that is how pthread_join learns of it. */
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_int turn;
static long rounds = 100;
static long played[2];

/* Sleeps only if the word still has the value: else a wake between the look and the
 * sleep would be lost. */
static void turn_wait(int me)
{
	int now;

	while ((now = atomic_load(&turn)) != me)
		syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, now, NULL);
}

static void turn_pass(int other)
{
	atomic_store(&turn, other);
	syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1);
}

static void *player(void *number)
{
	int me = *(int *)number;

	for (long i = 0; i < rounds; i++) {
		turn_wait(me);
		played[me]++;
		turn_pass(!me);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	static int numbers[2] = { 0, 1 };
	pthread_t other;

	if (argc > 1)
		rounds = strtol(argv[1], NULL, 0);
	if (pthread_create(&other, NULL, player, &numbers[1])) {
		perror("pthread_create");
		return 1;
	}
	player(&numbers[0]);
	pthread_join(other, NULL);
	printf("played in turn: %ld and %ld\n", played[0], played[1]);
	return 0;
}
