/* Whole screens against tests/viewer/golden: the story trace, some keys, some
 * time, and the cells as text.  `viewer_screen_test --update` writes them anew;
 * look at what changed before keeping it.
 * Sources: tests/viewer/fake_reader.c tests/viewer/fake_story.c tests/viewer/screen.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/viewer/screen.h"
#include "viewer/grid.h"
#include "viewer/why.h"

static const struct screen screens[] = {
	{ "call-going-in", "story", ":ev 77\n", 80, 24, .ms = 264 },
	{ "call", "story", ":ev 77\n", 80, 24, .ms = 2000 },
	{ "call-ascii", "story", ":ev 77\n", 80, 24, .ms = 2000, .ascii = true },
	{ "call-wide", "story", ":ev 77\n", 160, 48, .ms = 2000 },
	{ "return-going-up", "story", ":ev 81\n", 80, 24, .ms = 462 },
	{ "return", "story", ":ev 81\n", 80, 24, .ms = 2000 },
	{ "error", "story", ":ev 30\n", 80, 24, .ms = 2000 },
	{ "fault", "story", ":ev 26\n", 80, 24, .ms = 2000 },
	{ "copy-on-write", "story", ":ev 38\n", 80, 24, .ms = 2000 },
	{ "bad-fault", "story", ":ev 107\n", 80, 24, .ms = 2000 },
	{ "switch", "story", ":ev 59\n", 80, 24, .ms = 2000 },
	{ "switch-idle", "story", ":ev 72\n", 80, 24, .ms = 2000 },
	{ "wakeup", "story", ":ev 79\n", 80, 24, .ms = 2000 },
	{ "interrupt", "story", ":ev 85\n", 80, 24, .ms = 2000 },
	{ "signal", "story", ":ev 110\n", 80, 24, .ms = 2000 },
	{ "exit", "story", ":ev 116\n", 80, 24, .ms = 2000 },
	{ "last-wide", "story", "G", 160, 48, .ms = 2000 },
	{ "counted", "long:100000", ":pace 3000\n ", 80, 24, .ms = 330 },
	{ "events", "story", ":ev 77\nv", 80, 24, .ms = 0 },
	{ "events-filter", "story", ":ev 77\nv:filter pid=9 kind=call\n", 80, 24, .ms = 0 },
	{ "events-wide", "story", ":ev 77\nv", 160, 48, .ms = 0 },
	{ "timeline-none", "story", "2", 80, 24, .ms = 0 },
	{ "memory", "story", ":ev 38\n3", 80, 24, .ms = 0 },
	{ "memory-wide", "story", ":ev 38\n3", 160, 48, .ms = 0 },
	{ "memory-styles", "story", ":ev 38\n3", 80, 24, .cells = CELLS_STYLE },
	{ "memory-wide-styles", "story", ":ev 38\n3", 160, 48, .cells = CELLS_STYLE },
	{ "crash", "story", "6", 80, 24, .ms = 0 },
	{ "crash-wide", "story", "6nn", 160, 48, .ms = 0 },
	{ "crash-styles", "story", "6nn", 80, 24, .cells = CELLS_STYLE },
	{ "crash-wide-styles", "story", "6nn", 160, 48, .cells = CELLS_STYLE },
	{ "crash-none", "empty", "6", 80, 24, .ms = 0 },
	{ "diff-none", "story", "5", 80, 24, .ms = 0 },
	{ "memory-ascii", "story", ":ev 107\n3s", 80, 24, .ascii = true },
	{ "memory-pick", "story", ":ev 60\n3Pjj", 80, 24, .ms = 0 },
	{ "profile-none", "story", "4", 80, 24, .ms = 0 },
	{ "help", "story", "?", 80, 24, .ms = 0 },
	{ "why", "story", ":ev 38\nw", 80, 24, .ms = 0 },
	{ "prompt", "story", "/hel", 80, 24, .ms = 0 },
	{ "prompt-long", "story",
	  "\\pid=7,8,9,10,11,12,13,14 kind=fault,switch,wakeup call=open,read,write !cpu=1,2,3,4",
	  80, 24, .ms = 0 },
	{ "prompt-export", "story", "x", 80, 24, .ms = 0 },
	{ "gap", "hostile", ":ev 9\n", 80, 24, .ms = 0 },
	{ "gap-events", "hostile", ":ev 9\nv", 80, 24, .ms = 0 },
	{ "compact", "story", ":ev 77\n", 50, 14, .ms = 0 },
	{ "hostile", "hostile", ":ev 40\n", 80, 24, .ms = 2000 },
	{ "empty", "empty", "", 80, 24, .ms = 0 },
	{ "waiting", "live", "", 80, 24, .ms = 0 },
	{ "waiting-events", "live", "v", 80, 24, .ms = 0 },
};

static bool update;

static void test_screens(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(screens) / sizeof(screens[0]); i++)
		screen_check(&screens[i], update);
}

/* Every explanation in the story fits its three lines at 80 columns and has no
 * name left unexpanded. */
static void test_reasons_fit(void **state)
{
	struct grid grid = { 0 };
	struct reader *reader;
	struct event e;
	char text[1024], more[1024];

	(void)state;
	assert_true(grid_resize(&grid, 74, 3));
	assert_int_equal(reader_open(&reader, "story", NULL), 0);
	for (uint64_t id = 1; id <= reader_count(reader); id++) {
		assert_true(reader_event(reader, id, &e, NULL));
		assert_string_not_equal(
			why_event(reader, &e, text, sizeof(text), more, sizeof(more)), "R00");
		assert_null(strpbrk(text, "{}?"));
		assert_null(strpbrk(more, "{}?"));
		grid_clear(&grid);
		grid_wrap(&grid, (struct rect){ 0, 0, 74, 3 }, STYLE_PLAIN, text);
		if (grid_at(&grid, 73, 2)->glyph == 0x2026)
			fail_msg("event %d: too long for 3 lines: %s", (int)id, text);
	}
	grid_free(&grid);
	reader_close(reader);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_screens),
		cmocka_unit_test(test_reasons_fit),
	};

	update = argc == 2 && strcmp(argv[1], "--update") == 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
