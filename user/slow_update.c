/* Two threads, one counter, no lock: slow_update [TIMES], 40 times each.
 *
 * Each thread reads the counter, does something else (sometimes it sleeps for a moment),
 * and writes back one more than it read.  What the other one added in between is lost.
 * When they sleep is decided by the random bytes that every program is given at its start,
 * so each run interleaves in another way, and with --exact --seed N always in the same.
 * In the trace: nanosleep between reading and writing, the context switches of that, and
 * at the end the counter in the bytes of a write.  Each step is done right; the mistake is
 * in the order, and no single event shows it. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <time.h>

static volatile long counter;
static long times = 40;

/* xorshift64 (Marsaglia, 2003) */
static uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void *add(void *seed)
{
	static const struct timespec moment = { .tv_nsec = 1000 * 1000 };
	uint64_t state = *(uint64_t *)seed | 1;

	for (long i = 0; i < times; i++) {
		long read = counter;

		if (random_next(&state) % 8 == 0)
			nanosleep(&moment, NULL);
		counter = read + 1;
	}
	return NULL;
}

int main(int argc, char **argv)
{
	uint64_t seeds[2];
	pthread_t other;

	if (argc > 1)
		times = strtol(argv[1], NULL, 0);
	memcpy(seeds, (const void *)getauxval(AT_RANDOM), sizeof(seeds));
	if (pthread_create(&other, NULL, add, &seeds[1])) {
		perror("pthread_create");
		return 1;
	}
	add(&seeds[0]);
	pthread_join(other, NULL);
	printf("counter: %ld of %ld\n", counter, 2 * times);
	return 0;
}
