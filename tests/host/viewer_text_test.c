/* Bytes of others on their way to a screen: nothing that could steer a terminal
 * comes through.
 * Sources: tests/viewer/fake_reader.c tests/viewer/fake_story.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "viewer/grid.h"
#include "viewer/label.h"
#include "viewer/phrase.h"
#include "viewer/text.h"

static void expect_clean(const char *bytes, size_t length, bool ascii, const char *expected)
{
	uint32_t points[256];
	char text[1024];
	size_t used = 0, count = text_clean(points, 256, bytes, length, ascii);

	for (size_t i = 0; i < count; i++)
		used += text_encode(points[i], text + used);
	text[used] = '\0';
	assert_string_equal(text, expected);
}

static void test_spelled_out(void **state)
{
	static const struct {
		const char *bytes, *clean;
	} cases[] = {
		{ "plain text", "plain text" },
		{ "a\x1b[31mb", "a\\x1b[31mb" },
		{ "a\n\t\b\r\x7f", "a\\x0a\\x09\\x08\\x0d\\x7f" },
		{ "\xc2\x9b"
		  "31m",
		  "\\x9b31m" },                                 /* C1 control sequence */
		{ "\xe2\x80\xae", "<U+202E>" },                 /* reading direction */
		{ "\xe2\x80\x8b", "<U+200B>" },                 /* no width */
		{ "e\xcc\x81", "e<U+0301>" },                   /* combines */
		{ "\xee\x80\x80", "<U+E000>" },                 /* private use */
		{ "\xf0\x9f\x98\x80", "<U+1F600>" },            /* two cells wide */
		{ "\xc0\xaf", "\\xc0\\xaf" },                   /* overlong */
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },          /* surrogate */
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" }, /* beyond Unicode */
		{ "\xe2\x82", "\\xe2\\x82" },                   /* cut short */
		{ "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect_clean(cases[i].bytes, strlen(cases[i].bytes), false, cases[i].clean);
	expect_clean("a\0b", 3, false, "a\\x00b");
	expect_clean("gr\xc3\xbc", 4, true, "gr<U+00FC>");
	expect_clean("\xe2\x94\x82", 3, true, "|");
}

static void test_room_kept(void **state)
{
	uint32_t points[8];

	(void)state;
	assert_int_equal(text_clean(points, 3, "abcdef", 6, false), 3);
	assert_int_equal(text_clean(points, 5, "ab\x1b", 3, false), 2); /* whole or not at all */
	assert_int_equal(text_clean(points, 6, "ab\x1b", 3, false), 6);
	assert_int_equal(text_clean(points, 0, "ab", 2, false), 0);
}

/* A million strings of random bytes: no forbidden code point comes out. */
static void test_random_bytes(void **state)
{
	uint32_t points[64];
	char bytes[24];

	(void)state;
	srandom(7);
	for (int round = 0; round < 1000000; round++) {
		size_t count;

		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = (char)(random() >> 4);
		count = text_clean(points, 64, bytes, sizeof(bytes), round & 1);
		for (size_t i = 0; i < count; i++) {
			bool control = points[i] < 0x20 || (points[i] >= 0x7f && points[i] < 0xa0);
			bool marks = (points[i] >= 0x300 && points[i] < 0x370) ||
				     (points[i] >= 0x200b && points[i] < 0x2010) ||
				     (points[i] >= 0x2028 && points[i] < 0x2070) ||
				     points[i] > 0x25cf;

			assert_false(control || marks || ((round & 1) && points[i] >= 0x7f));
		}
	}
}

static void test_grid_clips(void **state)
{
	struct grid grid = { 0 };

	(void)state;
	assert_true(grid_resize(&grid, 10, 2));
	assert_int_equal(grid_print(&grid, 6, 0, 10, STYLE_PLAIN, "%s", "longer"), 6);
	assert_int_equal(grid_at(&grid, 9, 0)->glyph, 'g');
	assert_int_equal(grid_print(&grid, 0, 1, 4, STYLE_PLAIN, "%s", "longer"), 4);
	assert_int_equal(grid_at(&grid, 3, 1)->glyph, 0x2026);
	assert_int_equal(grid_at(&grid, 4, 1)->glyph, ' ');
	assert_int_equal(grid_print(&grid, -3, 5, -1, STYLE_PLAIN, "%s", "outside"), 0);
	assert_null(grid_at(&grid, 10, 0));
	assert_int_equal(grid_wrap(&grid, (struct rect){ 0, 0, 4, 2 }, STYLE_PLAIN, "one two six"),
			 2);
	assert_int_equal(grid_at(&grid, 3, 1)->glyph, 0x2026);
	grid_free(&grid);
}

static void test_name_kept(void **state)
{
	static const struct {
		const char *name;
		int width;
		const char *shown;
	} cases[] = {
		{ "cat 8", 5, "cat 8" },
		{ "preempt_spinner 6", 12, "preempt_s~ 6" },
		{ "two words 12", 8, "two ~ 12" },
		{ "sh 4000000000", 8, "sh 4000~" },
		{ "idle", 3, "id~" },
		{ "\x1b[1m 7", 7, "\\x1b~ 7" },
	};
	struct grid grid = { .ascii = true };

	(void)state;
	assert_true(grid_resize(&grid, 20, 1));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char shown[21] = "";
		const int used =
			grid_print_name(&grid, 0, 0, cases[i].width, STYLE_PLAIN, cases[i].name);

		for (int col = 0; col < used; col++)
			shown[col] = (char)grid_at(&grid, col, 0)->glyph;
		assert_string_equal(shown, cases[i].shown);
	}
	grid_free(&grid);
}

/* The strip of neighbours has no question marks: each event says what it is. */
static void test_phrases(void **state)
{
	(void)state;
	for (unsigned kind = 1; kind < EV_LIMIT; kind++)
		if (label_event_words(kind) > 0 && phrase_format(kind) == NULL)
			fail_msg("phrase.def lacks %s", label_event_name(kind));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spelled_out),  cmocka_unit_test(test_room_kept),
		cmocka_unit_test(test_random_bytes), cmocka_unit_test(test_grid_clips),
		cmocka_unit_test(test_name_kept),    cmocka_unit_test(test_phrases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
