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
		ring_freeze(ring);
		while (!ring_is_kept(ring) && (b = ring_take(ring))) {
			ring_check_block(check, b);
			ring_release(ring, b);
		}
		ring_thaw(ring);
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
			if (__atomic_load_n(&ring->frozen, __ATOMIC_ACQUIRE) == RING_FREEZING)
				ring_freeze_end(ring);
			else if (i % 16 == 0)
				ring_close(ring);
		}
	}
	ring_close(ring);
}

static const char *run(unsigned blocks, size_t block_bytes, bool flight)
{
	struct ring_check check = { 0 };
	const char *error;
	struct trace_block *b;
	pthread_t consumer;

	ring = ring_check_make(blocks, block_bytes);
	if (!ring)
		return "no memory";
	memset(serial, 0, sizeof(serial));
	ring->flight = flight;
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
	printf("%ux%zu%s: %llu emitted, %llu stored, %llu blocks\n", blocks, block_bytes,
	       flight ? " flight" : "", (unsigned long long)(serial[0] + serial[1] + serial[2]),
	       (unsigned long long)check.records, (unsigned long long)check.blocks);
	if (!check.error && !ring_empty(ring))
		check.error = "something was left in the ring";
	error = check.error;
	ring_check_free(ring);
	return error;
}

int main(void)
{
	static const struct {
		unsigned blocks;
		size_t bytes;
		bool flight;
	} shapes[] = { { 2, 4096, false },   { 4, 4096, false }, { 8, 4096, false },
		       { 16, 65536, false }, { 4, 4096, true },  { 16, 4096, true } };

	signal(SIGUSR1, on_signal);
	signal(SIGUSR2, on_signal);
	for (unsigned i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		const char *error = run(shapes[i].blocks, shapes[i].bytes, shapes[i].flight);

		if (error) {
			fprintf(stderr, "ring %ux%zu: %s\n", shapes[i].blocks, shapes[i].bytes,
				error);
			return 1;
		}
	}
	return 0;
}
