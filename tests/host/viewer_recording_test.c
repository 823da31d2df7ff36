/* Each view on a real recording, tests/viewer/recording.db: its text, the style of each
 * cell on a terminal with colours, and its attributes on one without, at 80x24 and 160x48,
 * against tests/viewer/golden/recording-*.txt.  `viewer_recording_test --update` writes them
 * anew; tests/viewer/renew makes the recording.
 * Sources: tests/viewer/screen.c
 * Timeout: 600 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/viewer/screen.h"
#include "tracer/reader.h"

#define PATH "viewer_recording_test.db" /* a copy, which nothing else reads */

/* What is pressed for each view: where it has most to show. */
static const struct {
	const char *name, *keys;
} looks[] = {
	{ "boundary", "/write(\n1" },
	{ "boundary-fault", "/copy on write\n1" },
	{ "timeline", "/write(\n2j" },
	{ "memory", "/copy on write\n3" },
	{ "profile", "4j" },
	{ "diff", ":diff " PATH "\n" },
	{ "crash", "6n" },
	{ "events", "/SIGSEGV\nv" },
	{ "why", "/wakes\nw" },
	{ "projector", "/write(\n1B" },
};

static bool update;

static void recording_copy(void)
{
	static char bytes[1 << 20];
	FILE *from = fopen(TEST_SOURCE_DIR "/tests/viewer/recording.db", "r");
	FILE *to = fopen(PATH, "w");
	size_t length;

	assert_non_null(from);
	assert_non_null(to);
	length = fread(bytes, 1, sizeof(bytes), from);
	assert_true(length > 0 && length < sizeof(bytes));
	assert_int_equal(fwrite(bytes, 1, length, to), length);
	fclose(from);
	assert_int_equal(fclose(to), 0);
}

static void look_check(const char *name, const char *keys, bool wide)
{
	static const struct {
		const char *suffix;
		enum screen_cells cells;
	} kinds[] = { { "", CELLS_TEXT }, { "-colour", CELLS_STYLE }, { "-mono", CELLS_MONO } };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char file[96];
		const struct screen screen = { .name = file,
					       .path = PATH,
					       .keys = keys,
					       .cols = wide ? 160 : 80,
					       .rows = wide ? 48 : 24,
					       .ms = 2000,
					       .cells = kinds[i].cells };

		snprintf(file, sizeof(file), "recording-%s%s%s", name, wide ? "-wide" : "",
			 kinds[i].suffix);
		screen_check(&screen, update);
	}
}

static void test_looks(void **state)
{
	struct error why = { 0 };
	struct reader *r;

	(void)state;
	recording_copy();
	if (reader_open(&r, PATH, &why) != 0)
		fail_msg("%s; tests/viewer/renew makes another one", why.text);
	reader_close(r);
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		look_check(looks[i].name, looks[i].keys, false);
		look_check(looks[i].name, looks[i].keys, true);
	}
	unlink(PATH);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_looks) };

	update = argc == 2 && strcmp(argv[1], "--update") == 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
