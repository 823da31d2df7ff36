/* The frame parser: frames in any pieces, and bytes that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tracer/wire.h"

struct stream {
	uint8_t bytes[512];
	size_t length;
};

static void frame_add(struct stream *s, unsigned kind, const void *payload, uint32_t length)
{
	const struct trace_frame head = wire_header(kind, payload, length);

	memcpy(s->bytes + s->length, &head, sizeof(head));
	memcpy(s->bytes + s->length + sizeof(head), payload, length);
	s->length += sizeof(head) + length;
}

static void feed(struct wire *w, const void *bytes, size_t count)
{
	size_t room;
	void *to = wire_room(w, &room);

	assert_non_null(to);
	assert_true(room >= count);
	memcpy(to, bytes, count);
	wire_filled(w, count);
}

static struct stream three_frames(void)
{
	struct stream s = { .length = 0 };

	frame_add(&s, FRAME_BYE, "abcdefgh", 8);
	frame_add(&s, FRAME_FLUSH, "", 0);
	frame_add(&s, FRAME_CLOCK, "0123456789abcdef", 16);
	return s;
}

static void any_split_parses(void **state)
{
	const struct stream s = three_frames();

	(void)state;
	for (size_t step = 1; step <= s.length; step++) {
		struct error why = { 0 };
		struct frame f;
		struct wire w;
		unsigned frames = 0;
		int more;

		assert_int_equal(wire_init(&w, &why), 0);
		for (size_t at = 0; at < s.length; at += step) {
			feed(&w, s.bytes + at, at + step < s.length ? step : s.length - at);
			while ((more = wire_next(&w, &f, &why)) > 0)
				frames++;
			assert_int_equal(more, 0);
		}
		assert_int_equal(frames, 3);
		assert_int_equal(f.kind, FRAME_CLOCK);
		assert_memory_equal(f.payload, "0123456789abcdef", 16);
		wire_free(&w);
	}
}

static void every_flipped_bit_is_found(void **state)
{
	const struct stream s = three_frames();

	(void)state;
	for (size_t bit = 0; bit < s.length * 8; bit++) {
		struct stream bad = s;
		struct error why = { 0 };
		struct frame f;
		struct wire w;
		unsigned frames = 0;
		int more;

		bad.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(wire_init(&w, &why), 0);
		feed(&w, bad.bytes, bad.length);
		while ((more = wire_next(&w, &f, &why)) > 0)
			frames++;
		/* Broken, or still waiting for a length that a flip made longer. */
		assert_true(more < 0 || frames < 3);
		if (more < 0)
			assert_int_equal(why.status, 125);
		wire_free(&w);
	}
}

static void garbage_is_refused(void **state)
{
	struct error why = { 0 };
	uint8_t bytes[4096];
	struct frame f;
	struct wire w;

	(void)state;
	srand(1);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)rand();
	assert_int_equal(wire_init(&w, &why), 0);
	feed(&w, bytes, sizeof(bytes));
	assert_int_equal(wire_next(&w, &f, &why), -1);
	assert_non_null(strstr(why.text, "broken"));
	wire_free(&w);
}

static void lengths_are_bounded(void **state)
{
	struct trace_frame head = wire_header(FRAME_BLOCK, "", 0);
	struct error why = { 0 };
	struct frame f;
	struct wire w;

	(void)state;
	head.length = UINT32_MAX;
	assert_int_equal(wire_init(&w, &why), 0);
	feed(&w, &head, sizeof(head));
	assert_int_equal(wire_next(&w, &f, &why), -1);
	wire_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_split_parses),
		cmocka_unit_test(every_flipped_bit_is_found),
		cmocka_unit_test(garbage_is_refused),
		cmocka_unit_test(lengths_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
