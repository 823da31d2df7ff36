/* Blocks and records: each event of events.def makes a round trip, and no bytes
 * make the walk leave its block. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "schemas/events.h"
#include "tracer/block.h"
#include "tracer/reader.h"
#include "tracer/schema.h"

struct block {
	struct trace_block head;
	uint64_t words[512];
};

static void block_make(struct block *b, unsigned id, const void *fixed, size_t bytes)
{
	memset(b, 0, sizeof(*b));
	b->head.magic = TRACE_BLOCK_MAGIC;
	b->head.version = TRACE_VERSION;
	b->head.first_time = (1ull << 50) + 77;
	b->head.last_time = b->head.first_time + 1000;
	b->head.bytes = (uint32_t)(sizeof(b->head) + 8 + bytes);
	b->head.records = 1;
	b->words[0] = trace_word(id, (unsigned)(1 + bytes / 8), b->head.first_time + 5);
	memcpy(&b->words[1], fixed, bytes);
}

/* The event's only record, decoded. */
static void event_take(const struct block *b, struct event *e)
{
	struct error why = { 0 };
	struct block_cursor cursor;
	struct trace_block head;
	struct record r;

	assert_int_equal(block_check(b, sizeof(*b), &head, &why), 0);
	block_walk(&cursor, b, &head);
	assert_true(block_next(&cursor, &r));
	assert_int_equal(r.time, b->head.first_time + 5);
	e->kind = (uint16_t)r.id;
	e->words = (uint16_t)r.words;
	memcpy(e->payload, r.payload, r.words * 8);
	assert_false(block_next(&cursor, &r));
	assert_false(cursor.bad);
}

/* Values that fields are set to, one kind a round: any, none, all bits, those at the ends,
 * all bits of every other field (what spills over shows in its neighbours). */
enum { ROUND_ANY, ROUND_ZERO, ROUND_ONES, ROUND_ENDS, ROUND_EVEN, ROUND_ODD, ROUNDS };
static unsigned value_round;

/* What a field of an event was set to; more than fits is cut. */
static uint64_t pattern(unsigned field, unsigned bits)
{
	switch (value_round) {
	case ROUND_ZERO:
		return 0;
	case ROUND_ONES:
		return UINT64_MAX;
	case ROUND_ENDS:
		return 1ull << (bits - 1) | 1;
	case ROUND_EVEN:
	case ROUND_ODD:
		return field % 2 == value_round % 2 ? UINT64_MAX : 0;
	default:
		return 0x9e3779b97f4a7c15ull * (field + 3);
	}
}

static void fields_check(const struct event *e, unsigned id)
{
	const struct event_info *info = event_info(id);

	assert_non_null(info);
	for (unsigned i = 0; i < info->fields; i++) {
		const struct field_info *f = &info->field[i];
		const uint64_t mask = f->bits == 64 ? UINT64_MAX : (1ull << f->bits) - 1;

		assert_int_equal((uint64_t)event_field(e, i) & mask, pattern(i, f->bits) & mask);
	}
}

static void events_make_a_round_trip(void)
{
	static struct event e;
	static struct block b;

#define EVENT(id, name, label)                                                                     \
	{                                                                                          \
		struct ev_##name fixed;                                                            \
		unsigned i = 0;                                                                    \
		const unsigned number = (id);
#define FIELD(event, kind, bits, name, label)                                                      \
	fixed.name = pattern(i, (bits));                                                           \
	i++;
#define END_EVENT(event)                                                                           \
	block_make(&b, number, &fixed, sizeof(fixed));                                             \
	event_take(&b, &e);                                                                        \
	assert_int_equal(e.kind, number);                                                          \
	assert_int_equal(event_info(number)->fields, i);                                           \
	assert_int_equal(event_info(number)->words * 8, sizeof(fixed));                            \
	fields_check(&e, number);                                                                  \
	}
#include "schemas/events.def"
}

static void each_event_makes_a_round_trip(void **state)
{
	(void)state;
	for (value_round = 0; value_round < ROUNDS; value_round++)
		events_make_a_round_trip();
}

static void addresses_are_sign_extended(void **state)
{
	const struct ev_page_fault f = { .addr = 1, .rip = 0xffff80001234, .error = 2 };
	static struct event e = { .kind = EV_page_fault, .words = 2 };

	(void)state;
	memcpy(e.payload, &f, sizeof(f));
	assert_int_equal((uint64_t)event_field(&e, 1), 0xffffffff80001234ull);
}

static void headers_are_checked(void **state)
{
	struct error why = { 0 };
	struct trace_block head;
	static struct block b;

	(void)state;
	block_make(&b, EV_syscall_return, &(uint64_t){ 1 }, 8);
	assert_int_equal(block_check(&b, sizeof(b), &head, &why), 0);
	assert_int_not_equal(block_check(&b, sizeof(b.head) - 1, &head, &why), 0);
	assert_int_not_equal(block_check(&b, b.head.bytes - 1, &head, &why), 0);
	b.head.bytes = 8;
	assert_int_not_equal(block_check(&b, sizeof(b), &head, &why), 0);
	b.head.bytes = UINT32_MAX;
	assert_int_not_equal(block_check(&b, sizeof(b), &head, &why), 0);
	b.head.bytes = sizeof(b.head);
	b.head.cpu = 64;
	assert_int_not_equal(block_check(&b, sizeof(b), &head, &why), 0);
}

static void records_must_add_up(void **state)
{
	static struct block b;

	(void)state;
	block_make(&b, EV_syscall_return, &(uint64_t){ 1 }, 8);
	assert_true(block_adds_up(&b, &b.head));
	b.head.records = 2;
	assert_false(block_adds_up(&b, &b.head));
	b.head.records = 1;
	b.head.bytes += 8;
	assert_false(block_adds_up(&b, &b.head));
	b.head.bytes -= 16;
	assert_false(block_adds_up(&b, &b.head));
}

/* Random words as records: the walk ends and stays inside (ASan watches). */
static void hostile_records_do_no_harm(void **state)
{
	struct error why = { 0 };
	struct block_cursor cursor;
	struct trace_block head;
	struct block *b = malloc(sizeof(*b));

	(void)state;
	assert_non_null(b);
	srand(7);
	for (int round = 0; round < 20000; round++) {
		struct record r;
		unsigned records = 0;
		uint64_t sum = 0;

		block_make(b, 1, &(uint64_t){ 0 }, 8);
		b->head.bytes = sizeof(*b);
		for (size_t i = 0; i < sizeof(b->words); i++)
			((uint8_t *)b->words)[i] = (uint8_t)rand();
		if (round % 2)
			b->words[rand() % 8] = trace_word(1 + (unsigned)rand() % 80,
							  1 + (unsigned)rand() % 255, 0);
		assert_int_equal(block_check(b, sizeof(*b), &head, &why), 0);
		block_walk(&cursor, b, &head);
		while (block_next(&cursor, &r)) {
			assert_true(r.time >= head.first_time && r.time <= head.last_time);
			for (unsigned i = 0; i < r.words * 8; i++)
				sum += r.payload[i];
			records++;
		}
		assert_true(records <= 512 && sum < UINT64_MAX);
	}
	free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_event_makes_a_round_trip),
		cmocka_unit_test(addresses_are_sign_extended),
		cmocka_unit_test(headers_are_checked),
		cmocka_unit_test(records_must_add_up),
		cmocka_unit_test(hostile_records_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
