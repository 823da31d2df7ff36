/* What the guest makes of bytes from the host: good frames in any pieces, and
 * rubbish before, between and inside of them.
 * Sources: kernel/trace/wire_input.c kernel/trace/crc.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/trace/crc.h"
#include "kernel/trace/wire_input.h"

static size_t frame_make(unsigned char *to, unsigned kind, const void *payload, uint32_t length)
{
	struct trace_frame f = {
		.magic = TRACE_FRAME_MAGIC,
		.version = TRACE_VERSION,
		.kind = kind,
		.length = length,
	};

	f.crc = crc32c(crc32c(0, &f, offsetof(struct trace_frame, crc)), payload, length);
	memcpy(to, &f, sizeof(f));
	memcpy(to + sizeof(f), payload, length);
	return sizeof(f) + length;
}

/* The one frame that all of bytes, in pieces of step, must contain. */
static void expect_one(const unsigned char *bytes, size_t count, size_t step, unsigned kind,
		       uint64_t value)
{
	struct wire_input in = { 0 };
	unsigned found = 0;

	for (size_t at = 0; at < count;) {
		size_t part = step < count - at ? step : count - at, used;
		union wire_payload got;
		unsigned got_kind = wire_input_next(&in, bytes + at, part, &used, &got);

		assert_true(used <= part);
		assert_true(got_kind || used == part);
		if (got_kind) {
			assert_int_equal(got_kind, kind);
			assert_int_equal(got.value, value);
			found++;
		}
		at += used;
	}
	assert_int_equal(found, 1);
}

static void test_crc(void **state)
{
	(void)state;
	assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283); /* RFC 3720's polynomial */
	assert_int_equal(crc32c(crc32c(0, "1234", 4), "56789", 5), 0xe3069283);
}

static void test_pieces(void **state)
{
	unsigned char bytes[64];
	uint64_t value = 0x1122334455667788;

	(void)state;
	for (size_t step = 1; step < 30; step++) {
		size_t n = frame_make(bytes, FRAME_CREDIT, &value, 8);

		expect_one(bytes, n, step, FRAME_CREDIT, value);
		n = frame_make(bytes, FRAME_FLUSH, "", 0);
		expect_one(bytes, n, step, FRAME_FLUSH, 0);
	}
}

/* Rubbish in front, also such that begins like a frame. */
static void test_rubbish(void **state)
{
	unsigned char bytes[128];
	uint64_t value = 7;

	(void)state;
	srandom(1);
	for (unsigned round = 0; round < 20000; round++) {
		size_t junk = random() % 40, n;

		for (size_t i = 0; i < junk; i++)
			bytes[i] = random();
		if (round % 2) { /* the head of a frame, cut off */
			frame_make(bytes, FRAME_PING, &value, 8);
			junk = random() % 24;
		}
		n = junk + frame_make(bytes + junk, FRAME_PING, &value, 8);
		memset(bytes + n, 0, 24);
		expect_one(bytes, n + 24, 1 + random() % 50, FRAME_PING, 7);
	}
}

/* One wrong bit anywhere: no frame. */
static void test_wrong_bit(void **state)
{
	unsigned char bytes[24];
	uint64_t value = 1;
	union wire_payload got;
	size_t used;

	(void)state;
	for (unsigned bit = 0; bit < sizeof(bytes) * 8; bit++) {
		struct wire_input in = { 0 };

		frame_make(bytes, FRAME_CREDIT, &value, 8);
		bytes[bit / 8] ^= 1 << bit % 8;
		assert_int_equal(wire_input_next(&in, bytes, sizeof(bytes), &used, &got), 0);
		assert_int_equal(used, sizeof(bytes));
	}
}

/* Frames that only the guest sends, and lengths that lie, are refused. */
static void test_refused(void **state)
{
	static const unsigned kinds[] = { 0, FRAME_HELLO, FRAME_BLOCK, FRAME_BYE, 20, 0xffff };
	unsigned char bytes[64];
	uint64_t value = 1;
	union wire_payload got;
	size_t used;

	(void)state;
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct wire_input in = { 0 };
		size_t n = frame_make(bytes, kinds[i], &value, 8);

		assert_int_equal(wire_input_next(&in, bytes, n, &used, &got), 0);
	}
	for (uint32_t length = 0; length < 24; length++) {
		struct wire_input in = { 0 };
		size_t n = frame_make(bytes, FRAME_CREDIT, "abcdefghijklmnopqrstuvwx", length);

		assert_int_equal(wire_input_next(&in, bytes, n, &used, &got) != 0, length == 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crc),     cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_rubbish), cmocka_unit_test(test_wrong_bit),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
