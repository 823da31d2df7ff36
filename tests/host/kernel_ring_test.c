/* The trace ring as the kernel compiles it: one step at a time, then with
 * producers nested in each other by timer signals that strike at any instruction,
 * and a consumer on another thread.
 * Sources: kernel/trace/ring.c tests/host/ring_check.c */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include <cmocka.h>

#include "schemas/events.h"
#include "tests/host/ring_check.h"

static struct ring *ring_make(unsigned blocks, size_t block_bytes)
{
	struct ring *r = ring_check_make(blocks, block_bytes);

	assert_non_null(r);
	return r;
}

static uint64_t emitted(const struct ring *r, unsigned id)
{
	uint64_t filtered;

	return ring_emitted(r, id, &filtered);
}

/* Take, judge and release all there is. */
static void drain(struct ring_check *c)
{
	struct trace_block *b;

	while ((b = ring_take(c->ring))) {
		ring_check_block(c, b);
		ring_release(c->ring, b);
	}
}

static void finish(struct ring_check *c)
{
	drain(c);
	ring_close(c->ring);
	drain(c);
	ring_check_end(c);
	assert_true(ring_quiet(c->ring));
	assert_true(ring_empty(c->ring));
	if (c->error)
		fail_msg("%s", c->error);
}

static void test_one_record(void **state)
{
	struct ring_check c = { .ring = ring_make(4, 4096) };
	struct trace_block *b;

	(void)state;
	c.ring->tid = 42;
	assert_false(ring_wants_service(c.ring));
	assert_int_equal(ring_open_since(c.ring), 0);
	assert_true(ring_check_emit(c.ring, 5, 0, 4));
	assert_int_not_equal(ring_open_since(c.ring), 0);
	assert_null(ring_take(c.ring));
	ring_close(c.ring);
	assert_true(ring_wants_service(c.ring));
	b = ring_take(c.ring);
	assert_non_null(b);
	assert_int_equal(b->records, 1);
	assert_int_equal(b->bytes, sizeof(*b) + 32);
	assert_int_equal(b->tid, 42);
	ring_check_block(&c, b);
	ring_release(c.ring, b);
	finish(&c);
	ring_check_free(c.ring);
}

/* Fill every block to the last byte it can hold, with each record size. */
static void test_sizes(void **state)
{
	(void)state;
	for (unsigned words = 2; words <= TRACE_WORDS_MAX; words++) {
		struct ring_check c = { .ring = ring_make(4, 4096) };

		for (uint64_t serial = 0; serial < 3000; serial++) {
			assert_true(ring_check_emit(c.ring, 9, serial, words));
			drain(&c);
		}
		finish(&c);
		assert_int_equal(c.records, 3000);
		ring_check_free(c.ring);
	}
}

/* A full ring keeps what it has and counts what it cannot take. */
static void test_full(void **state)
{
	struct ring_check c = { .ring = ring_make(4, 4096) };
	uint64_t kept = 0;

	(void)state;
	for (uint64_t serial = 0; serial < 10000; serial++)
		kept += ring_check_emit(c.ring, 7, serial, 3);
	assert_int_equal(emitted(c.ring, 7), 10000);
	assert_int_equal(c.ring->lost[LOSS_RING_FULL][7], 10000 - kept);
	assert_int_equal(ring_free(c.ring), 0);
	drain(&c);
	assert_int_equal(ring_free(c.ring), 4);
	assert_int_equal(c.records, kept);
	assert_true(ring_check_emit(c.ring, 7, 10000, 3));
	finish(&c);
	assert_int_equal(c.records, kept + 1);
	ring_check_free(c.ring);
}

/* Blocks that are in flight are neither handed out again nor reused. */
static void test_in_flight(void **state)
{
	struct ring_check c = { .ring = ring_make(4, 4096) };
	struct trace_block *b[4];

	(void)state;
	for (uint64_t serial = 0; ring_check_emit(c.ring, 7, serial, 3); serial++)
		;
	for (unsigned i = 0; i < 4; i++) {
		b[i] = ring_take(c.ring);
		assert_non_null(b[i]);
		ring_check_block(&c, b[i]);
	}
	assert_null(ring_take(c.ring));
	assert_false(ring_check_emit(c.ring, 8, 0, 3));
	ring_release(c.ring, b[1]); /* out of order: of no use yet */
	assert_false(ring_check_emit(c.ring, 8, 1, 3));
	ring_release(c.ring, b[0]);
	assert_int_equal(ring_free(c.ring), 2);
	assert_true(ring_check_emit(c.ring, 8, 2, 3));
	ring_release(c.ring, b[2]);
	ring_release(c.ring, b[3]);
	finish(&c);
	ring_check_free(c.ring);
}

/* A block is not complete while a record in it is not committed. */
static void test_uncommitted(void **state)
{
	struct ring_check c = { .ring = ring_make(4, 4096) };
	uint64_t *late = ring_attempt(c.ring, 6) ? ring_reserve(c.ring, 6, 2) : NULL;

	(void)state;
	assert_non_null(late);
	if (!late)
		return; /* for the analyzer, which does not know the assertion */
	assert_false(ring_quiet(c.ring));
	ring_close(c.ring);
	assert_true(ring_check_emit(c.ring, 5, 0, 2));
	assert_null(ring_take(c.ring));
	assert_false(ring_quiet(c.ring));
	*late = 0;
	ring_commit(c.ring, late, 2);
	assert_true(ring_quiet(c.ring));
	finish(&c);
	ring_check_free(c.ring);
}

static void test_discard(void **state)
{
	struct ring_check c = { .ring = ring_make(4, 4096) };
	struct trace_block *b;

	(void)state;
	for (uint64_t serial = 0; serial < 5; serial++)
		ring_check_emit(c.ring, 7, serial, 2 + serial);
	ring_close(c.ring);
	b = ring_take(c.ring);
	assert_non_null(b);
	ring_discard(c.ring, b);
	assert_int_equal(c.ring->discarded[7], 5);
	ring_check_emit(c.ring, 7, 5, 2);
	ring_close(c.ring);
	b = ring_take(c.ring);
	assert_non_null(b);
	assert_int_equal(b->sequence, 1);
	assert_int_equal(b->lost[LOSS_PORT_CLOSED], 5);
	assert_int_equal(b->emitted, 6);
	ring_release(c.ring, b);
	ring_check_free(c.ring);
}

/* Attempts before there is a ring are lost, in the counts of the first one. */
static void test_early(void **state)
{
	struct ring *r = ring_make(4, 4096);
	struct ring late = { 0 };
	uint64_t attempts[RING_EVENTS] = { [11] = 2 };

	(void)state;
	assert_false(ring_wants_service(NULL));
	ring_init(&late, 0, attempts, r->slots, r->memory, 4, 4096);
	ring_want(&late, 11, true);
	assert_int_equal(emitted(&late, 11), 2);
	assert_int_equal(late.lost[LOSS_NOT_READY][11], 2);
	assert_int_equal(late.lost_total[LOSS_NOT_READY], 2);
	assert_true(ring_quiet(&late));
	ring_check_free(r);
}

/* What is not wanted is counted, and apart from what is lost. */
static void test_filtered(void **state)
{
	struct ring_check c = { .ring = ring_make(4, 4096) };
	uint64_t filtered, serial = 0;

	(void)state;
	assert_true(ring_check_emit(c.ring, 7, serial++, 2));
	ring_want(c.ring, 7, false);
	ring_want(c.ring, 7, false);
	for (unsigned i = 0; i < 5; i++)
		assert_false(ring_check_emit(c.ring, 7, serial++, 2));
	assert_true(ring_check_emit(c.ring, 8, 0, 2));
	ring_want(c.ring, 7, true);
	assert_true(ring_check_emit(c.ring, 7, serial++, 2));
	assert_true(ring_attempt(c.ring, 7));
	assert_false(ring_quiet(c.ring));
	ring_filter(c.ring, 7);
	assert_int_equal(ring_emitted(c.ring, 7, &filtered), 8);
	assert_int_equal(filtered, 6);
	finish(&c);
	assert_int_equal(c.stored[7], 2);
	ring_check_free(c.ring);
}

/* --- Flight recorder -------------------------------------------------------- */

static struct ring_check flight_make(unsigned blocks)
{
	struct ring_check c = { .ring = ring_make(blocks, 4096) };

	c.ring->flight = true;
	return c;
}

/* Freeze, take all that is kept, go on. */
static void flight_drain(struct ring_check *c)
{
	struct trace_block *b;

	assert_true(ring_freeze(c->ring));
	assert_false(ring_freeze(c->ring));
	ring_freeze_end(c->ring);
	while (!ring_is_kept(c->ring) && (b = ring_take(c->ring))) {
		ring_check_block(c, b);
		ring_release(c->ring, b);
	}
	assert_true(ring_thaw(c->ring));
}

/* The last records are kept, what was before them is counted, nothing else lost. */
static void test_flight(void **state)
{
	struct ring_check c = flight_make(8);
	const uint64_t per_block = (4096 - 8 - sizeof(struct trace_block)) / 24;

	(void)state;
	assert_true(ring_is_kept(c.ring));
	for (uint64_t serial = 0; serial < 10000; serial++)
		assert_true(ring_check_emit(c.ring, 7, serial, 3));
	flight_drain(&c);
	assert_in_range(c.records, 5 * per_block + 1, 8 * per_block);
	assert_int_equal(c.next[7], 10000);
	assert_int_equal(c.ring->lost[LOSS_OVERWRITTEN][7], 10000 - c.records);
	assert_int_equal(c.ring->lost_total[LOSS_RING_FULL], 0);
	for (uint64_t serial = 10000; serial < 20000; serial++)
		assert_true(ring_check_emit(c.ring, 7, serial, 3));
	flight_drain(&c);
	finish(&c);
	ring_check_free(c.ring);
}

/* A frozen ring overwrites nothing: what does not fit is lost. */
static void test_flight_frozen(void **state)
{
	struct ring_check c = flight_make(4);
	uint64_t serial = 0, before;

	(void)state;
	while (serial < 1000)
		assert_true(ring_check_emit(c.ring, 7, serial++, 3));
	before = c.ring->lost_total[LOSS_OVERWRITTEN];
	assert_true(ring_freeze(c.ring));
	while (ring_check_emit(c.ring, 7, serial++, 3))
		continue;
	assert_int_equal(c.ring->lost_total[LOSS_OVERWRITTEN], before);
	assert_int_equal(c.ring->lost_total[LOSS_RING_FULL], 1);
	ring_freeze_end(c.ring);
	drain(&c);
	assert_true(ring_thaw(c.ring));
	finish(&c);
	ring_check_free(c.ring);
}

/* What the consumer has, and what is not committed, is never overwritten. */
static void test_flight_in_use(void **state)
{
	struct ring_check c = flight_make(4);
	struct trace_block *b;
	uint64_t serial = 0, *late;

	(void)state;
	while (serial < 400)
		assert_true(ring_check_emit(c.ring, 7, serial++, 3));
	ring_freeze(c.ring);
	b = ring_take(c.ring);
	assert_non_null(b);
	ring_check_block(&c, b);
	c.ring->frozen = RING_RUNS; /* as a producer that looked just before the freeze */
	while (ring_check_emit(c.ring, 7, serial++, 3))
		continue;
	ring_release(c.ring, b);
	assert_true(ring_check_emit(c.ring, 7, serial++, 3));
	assert_true(ring_attempt(c.ring, 6));
	late = ring_reserve(c.ring, 6, 3);
	assert_non_null(late);
	while (ring_check_emit(c.ring, 7, serial++, 3))
		continue;
	late[0] = 0;
	late[1] = 0x9e3779b97f4a7c15ull ^ 6;
	ring_commit(c.ring, late, 3);
	assert_true(ring_check_emit(c.ring, 7, serial++, 3));
	finish(&c);
	ring_check_free(c.ring);
}

/* --- Nested producers ------------------------------------------------------- */

/* The "CPU": this thread, its signals of rising priority, one event each. */
enum { LEVELS = 3 };
static const int level_signal[LEVELS] = { 0, SIGUSR1, SIGUSR2 };
static struct ring *storm_ring;
static uint64_t storm_serial[LEVELS + 1];
static volatile sig_atomic_t storm_nests;
static volatile sig_atomic_t storm_over;

static void storm_emit(unsigned level)
{
	uint64_t serial = storm_serial[level]++;

	ring_check_emit(storm_ring, 1 + level, serial, 2 + (serial * 7 + level) % 40);
}

static void on_signal(int sig)
{
	unsigned level = sig == SIGUSR1 ? 1 : 2;

	for (unsigned i = 0; i < level * 3; i++) {
		storm_emit(level);
		if (level == 1 && i == 1 && storm_nests++ % 3 == 0)
			raise(SIGUSR2);
	}
}

/* As the wire does it: freeze, take what is there, and see whether all was. */
static void flight_turn(struct ring_check *c)
{
	struct trace_block *b;

	ring_freeze(c->ring);
	while (!ring_is_kept(c->ring) && (b = ring_take(c->ring))) {
		ring_check_block(c, b);
		ring_release(c->ring, b);
	}
	ring_thaw(c->ring);
}

static void *consume(void *argument)
{
	struct ring_check *c = argument;
	unsigned turn = 0;

	while (!storm_over) {
		if (!c->ring->flight)
			drain(c);
		else if (turn % 64 == 0)
			flight_turn(c);
		if (++turn % 1024 == 0) /* let the ring run full now and then */
			nanosleep(&(struct timespec){ .tv_nsec = 300000 }, NULL);
	}
	return NULL;
}

/* Both before the first strike: a handler raises the other level's signal. */
static void handle_levels(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigemptyset(&action.sa_mask);
	assert_int_equal(sigaction(level_signal[1], &action, NULL), 0);
	sigaddset(&action.sa_mask, level_signal[1]); /* the lower one never nests in the upper */
	assert_int_equal(sigaction(level_signal[2], &action, NULL), 0);
}

/* A timer that strikes this thread with the level's signal each few microseconds. */
static timer_t strike(int sig, long ns)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = sig };
	struct itimerspec when = { { 0, ns }, { 0, ns } };
	timer_t timer;

	assert_int_equal(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
	assert_int_equal(timer_settime(timer, 0, &when, NULL), 0);
	return timer;
}

static void storm(unsigned blocks, size_t block_bytes, bool flight)
{
	struct ring_check c = { .ring = ring_make(blocks, block_bytes) };
	struct timespec start, now;
	timer_t timers[2];
	pthread_t consumer;
	sigset_t set;

	storm_ring = c.ring;
	c.ring->flight = flight;
	memset(storm_serial, 0, sizeof(storm_serial));
	storm_over = 0;
	storm_nests = 0;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, NULL); /* inherited by the consumer: only we are struck */
	assert_int_equal(pthread_create(&consumer, NULL, consume, &c), 0);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	handle_levels();
	timers[0] = strike(level_signal[1], 23000);
	timers[1] = strike(level_signal[2], 31000);
	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		for (unsigned i = 0; i < 1000; i++)
			storm_emit(0);
		if (__atomic_load_n(&c.ring->frozen, __ATOMIC_ACQUIRE) == RING_FREEZING)
			ring_freeze_end(c.ring);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec * 1000 + now.tv_nsec / 1000000 <
		 start.tv_sec * 1000 + start.tv_nsec / 1000000 + 1500);
	timer_delete(timers[0]);
	timer_delete(timers[1]);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	storm_over = 1;
	pthread_join(consumer, NULL);
	finish(&c);
	assert_true(storm_nests > 100);
	for (unsigned level = 0; level < LEVELS; level++)
		assert_int_equal(emitted(c.ring, 1 + level), storm_serial[level]);
	print_message("%ux%zu: %lu emitted by the thread, %lu and %lu by signals, %lu stored\n",
		      blocks, block_bytes, storm_serial[0], storm_serial[1], storm_serial[2],
		      c.records);
	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
	ring_check_free(c.ring);
}

static void test_storm_tiny(void **state)
{
	(void)state;
	storm(2, 4096, false);
}

static void test_storm(void **state)
{
	(void)state;
	storm(16, 65536, false);
}

static void test_storm_flight(void **state)
{
	(void)state;
	storm(8, 4096, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_record),    cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_full),          cmocka_unit_test(test_in_flight),
		cmocka_unit_test(test_uncommitted),   cmocka_unit_test(test_discard),
		cmocka_unit_test(test_early),         cmocka_unit_test(test_storm_tiny),
		cmocka_unit_test(test_storm),         cmocka_unit_test(test_storm_flight),
		cmocka_unit_test(test_filtered),      cmocka_unit_test(test_flight),
		cmocka_unit_test(test_flight_frozen), cmocka_unit_test(test_flight_in_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
