/* A race that is lost now and then: lost_update [ROUNDS], 20000 rounds.
 *
 * Two threads add to one number, each so many times, without a lock.  One addition is
 * a load, an add and a store; who is preempted between the load and the store stores
 * an old value, and what the other one added meanwhile is gone.  Exit status 1 if so.
 * All on one CPU: for this a second one is not needed.  In the trace: nothing at all,
 * up to a preemption.  No call, no fault says that a number was lost; only the place
 * where the timer interrupted (rip) does.
 *
 * When it happens depends on the instruction at which the timer strikes:
 * `ringscope run --exact --seeds 1..40 -- lost_update` tries many and keeps one that
 * fails; with that seed it fails each time. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

static volatile long number;
static long rounds = 20000;

static void *adder(void *unused)
{
	for (long i = 0; i < rounds; i++) {
		const long seen = number;

		number = seen + 1;
	}
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t other;
	cpu_set_t one;
	long lost;

	if (argc > 1)
		rounds = strtol(argv[1], NULL, 0);
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (sched_setaffinity(0, sizeof(one), &one) || pthread_create(&other, NULL, adder, NULL)) {
		perror("lost_update");
		return 2;
	}
	adder(NULL);
	pthread_join(other, NULL);
	lost = 2 * rounds - number;
	printf("%ld of %ld additions are lost\n", lost, 2 * rounds);
	return lost != 0;
}
