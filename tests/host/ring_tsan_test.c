/* The trace ring under ThreadSanitizer: a producer whose records are nested by
 * signals, a consumer thread, and a third thread that asks for flushes, as the
 * CPUs of the kernel do.  TSan holds back signals from timers until a safe place,
 * so the nesting is raised between reserve and commit.  Exit status 0: no race and
 * no broken promise.
 * Sources: kernel/trace/ring.c tests/host/ring_check.c */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "schemas/events.h"
#include "tests/host/ring_check.h"

enum { ROUNDS = 60000 };

static struct ring *ring;
static uint64_t serial[3]; /* by nesting level; of the producer's thread */
static bool over;          /* [a] */
static unsigned depth;

static void nest(void);

static void emit(unsigned level)
{
	uint64_t n = serial[level]++;

	ring_check_emit_nested(ring, 1 + level, n, 2 + (n * 5 + level) % 30, nest);
}

static void nest(void)
{
	if (depth < 2 && serial[depth] % 4 == 0)
		raise(depth ? SIGUSR2 : SIGUSR1);
}

static void on_signal(int sig)
{
	unsigned level = sig == SIGUSR1 ? 1 : 2, before = depth;

	depth = level;
	for (unsigned i = 0; i < 3; i++)
		emit(level);
	depth = before; /* a signal that was held back may come on any level */
}

static void *consume(void *argument)
{
	struct ring_check *check = argument;
	struct trace_block *b;

	while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE)) {
		while ((b = ring_take(ring))) {
			ring_check_block(check, b);
			ring_release(ring, b);
		}
		__atomic_store_n(&ring->flush, 1, __ATOMIC_RELAXED);
		sched_yield();
	}
	return NULL;
}

static void produce(void)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		emit(0);
		if (i % 32 == 0)
			sched_yield(); /* lets the consumer keep up now and then */
		if (__atomic_load_n(&ring->flush, __ATOMIC_RELAXED)) {
			__atomic_store_n(&ring->flush, 0, __ATOMIC_RELAXED);
			if (i % 16 == 0)
				ring_close(ring);
		}
	}
	ring_close(ring);
}

static const char *run(unsigned blocks, size_t block_bytes)
{
	struct ring_check check = { 0 };
	void *memory = aligned_alloc(block_bytes, blocks * block_bytes);
	struct trace_block *b;
	pthread_t consumer;

	ring = calloc(1, sizeof(*ring));
	if (!ring || !memory)
		return "no memory";
	memset(memory, 0, blocks * block_bytes);
	memset(serial, 0, sizeof(serial));
	ring_init(ring, 0, memory, blocks, block_bytes);
	check.ring = ring;
	__atomic_store_n(&over, false, __ATOMIC_RELEASE);
	if (pthread_create(&consumer, NULL, consume, &check))
		return "no thread";
	produce();
	__atomic_store_n(&over, true, __ATOMIC_RELEASE);
	pthread_join(consumer, NULL);
	while ((b = ring_take(ring))) {
		ring_check_block(&check, b);
		ring_release(ring, b);
	}
	ring_check_end(&check);
	printf("%ux%zu: %llu emitted, %llu stored in %llu blocks\n", blocks, block_bytes,
	       (unsigned long long)(serial[0] + serial[1] + serial[2]),
	       (unsigned long long)check.records, (unsigned long long)check.blocks);
	if (!check.error && !ring_empty(ring))
		check.error = "something was left in the ring";
	free(memory);
	free(ring);
	return check.error;
}

int main(void)
{
	static const struct {
		unsigned blocks;
		size_t bytes;
	} shapes[] = { { 4, 4096 }, { 8, 4096 }, { 16, 65536 } };

	signal(SIGUSR1, on_signal);
	signal(SIGUSR2, on_signal);
	for (unsigned i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		const char *error = run(shapes[i].blocks, shapes[i].bytes);

		if (error) {
			fprintf(stderr, "ring %ux%zu: %s\n", shapes[i].blocks, shapes[i].bytes,
				error);
			return 1;
		}
	}
	return 0;
}
