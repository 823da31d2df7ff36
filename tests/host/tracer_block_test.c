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
#include "tracer/store/blocks.h"

struct block {
	struct trace_block head;
	uint64_t words[512];
};

/* A block of one record: fixed, then so many words of tail. */
static void block_make(struct block *b, unsigned id, const void *fixed, size_t bytes,
		       const void *tail, size_t words)
{
	memset(b, 0, sizeof(*b));
	b->head.magic = TRACE_BLOCK_MAGIC;
	b->head.version = TRACE_VERSION;
	b->head.first_time = (1ull << 50) + 77;
	b->head.last_time = b->head.first_time + 1000;
	b->head.bytes = (uint32_t)(sizeof(b->head) + 8 + bytes + words * 8);
	b->head.records = 1;
	b->words[0] = trace_word(id, (unsigned)(1 + bytes / 8 + words), b->head.first_time + 5);
	memcpy(&b->words[1], fixed, bytes);
	if (words)
		memcpy(&b->words[1 + bytes / 8], tail, words * 8);
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
	block_make(&b, number, &fixed, sizeof(fixed), NULL, 0);                                    \
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

/* Tails of every length that a record can have, as they are and as the store packs them;
 * text keeps its length whatever its last word is padded to. */
static void tail_check(unsigned id, const void *fixed, size_t bytes, enum field_kind kind)
{
	static struct block b, back;
	static struct event e;
	static uint64_t tail[TRACE_WORDS_MAX];
	const unsigned most = TRACE_WORDS_MAX - 1 - (unsigned)(bytes / 8);
	struct packer packer = { 0 };
	struct unpacker unpacker = { 0 };

	assert_non_null(event_info(id)->tail);
	assert_int_equal(event_info(id)->tail_kind, kind);
	for (unsigned length = 0; length <= most * 8; length++) {
		const unsigned words = (length + 7) / 8, at = event_info(id)->words;
		const void *stored, *restored;
		size_t size;
		uint64_t kinds;

		memset(tail, 0, sizeof(tail));
		for (unsigned i = 0; i < length; i++)
			((uint8_t *)tail)[i] = (uint8_t)(1 + (i * 37 + length) % 255);
		block_make(&b, id, fixed, bytes, tail, words);
		stored = block_pack(&packer, &b, b.head.bytes, &size, &kinds);
		assert_true(kinds == event_set(id));
		restored = block_unpack(&unpacker, stored, size, &size);
		assert_non_null(restored);
		assert_int_equal(size, b.head.bytes);
		memset(&back, 0, sizeof(back));
		memcpy(&back, restored, size);
		event_take(&back, &e);
		assert_int_equal(e.kind, id);
		assert_int_equal(e.words, at + words);
		assert_true(event_fits(id, e.words));
		assert_memory_equal(e.payload, fixed, bytes);
		assert_memory_equal(e.payload + at, tail, words * 8);
		if (kind == KIND_text)
			assert_int_equal(strnlen((const char *)(e.payload + at), words * 8),
					 length);
	}
	packer_free(&packer);
	unpacker_free(&unpacker);
}

static void each_tail_makes_a_round_trip(void **state)
{
	unsigned tails = 0;

	(void)state;
#define EVENT(id, name, label)                                                                     \
	{                                                                                          \
		struct ev_##name fixed;                                                            \
		const unsigned number = (id);                                                      \
		memset(&fixed, 0xa5, sizeof(fixed));
#define TAIL(event, kind, name, label)                                                             \
	tail_check(number, &fixed, sizeof(fixed), KIND_##kind);                                    \
	tails++;
#define END_EVENT(event)                                                                           \
	(void)number;                                                                              \
	}
#include "schemas/events.def"
	assert_true(tails > 0);
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
	block_make(&b, EV_syscall_return, &(uint64_t){ 1 }, 8, NULL, 0);
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
	block_make(&b, EV_syscall_return, &(uint64_t){ 1 }, 8, NULL, 0);
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

		block_make(b, 1, &(uint64_t){ 0 }, 8, NULL, 0);
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

static void each_event_has_a_bit_of_its_own(void **state)
{
	uint64_t seen = event_set(0);

	(void)state;
	for (unsigned id = 1; id < EV_LIMIT; id++) {
		if (!event_exists(id)) {
			assert_int_equal(event_set(id), event_set(0));
			continue;
		}
		assert_false(seen & event_set(id));
		seen |= event_set(id);
	}
	assert_int_equal(EVENT_SET(syscall_enter), event_set(EV_syscall_enter));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_event_makes_a_round_trip),
		cmocka_unit_test(each_tail_makes_a_round_trip),
		cmocka_unit_test(each_event_has_a_bit_of_its_own),
		cmocka_unit_test(addresses_are_sign_extended),
		cmocka_unit_test(headers_are_checked),
		cmocka_unit_test(records_must_add_up),
		cmocka_unit_test(hostile_records_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
