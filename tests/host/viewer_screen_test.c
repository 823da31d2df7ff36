/* Whole screens against tests/viewer/golden: the story trace, some keys, some
 * time, and the cells as text.  `viewer_screen_test --update` writes them anew;
 * look at what changed before keeping it.
 * Sources: tests/viewer/fake_reader.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "viewer/render.h"
#include "viewer/session.h"
#include "viewer/text.h"
#include "viewer/why.h"

#define SCREEN_BYTES (500 * 1024)

static const struct screen {
	const char *name, *path, *keys;
	int cols, rows;
	int ms; /* that pass after the keys, in frames of 33 */
	bool ascii;
} screens[] = {
	{ "call-going-in", "story", ":ev 77\n", 80, 24, 264, false },
	{ "call", "story", ":ev 77\n", 80, 24, 2000, false },
	{ "call-ascii", "story", ":ev 77\n", 80, 24, 2000, true },
	{ "call-wide", "story", ":ev 77\n", 160, 48, 2000, false },
	{ "return-going-up", "story", ":ev 81\n", 80, 24, 462, false },
	{ "return", "story", ":ev 81\n", 80, 24, 2000, false },
	{ "error", "story", ":ev 30\n", 80, 24, 2000, false },
	{ "fault", "story", ":ev 26\n", 80, 24, 2000, false },
	{ "copy-on-write", "story", ":ev 38\n", 80, 24, 2000, false },
	{ "bad-fault", "story", ":ev 107\n", 80, 24, 2000, false },
	{ "switch", "story", ":ev 59\n", 80, 24, 2000, false },
	{ "switch-idle", "story", ":ev 72\n", 80, 24, 2000, false },
	{ "wakeup", "story", ":ev 79\n", 80, 24, 2000, false },
	{ "interrupt", "story", ":ev 85\n", 80, 24, 2000, false },
	{ "signal", "story", ":ev 110\n", 80, 24, 2000, false },
	{ "exit", "story", ":ev 116\n", 80, 24, 2000, false },
	{ "last-wide", "story", "G", 160, 48, 2000, false },
	{ "counted", "long:100000", ":pace 3000\n ", 80, 24, 330, false },
	{ "events", "story", ":ev 77\n2", 80, 24, 0, false },
	{ "events-filter", "story", ":ev 77\n2:filter pid=9 kind=call\n", 80, 24, 0, false },
	{ "events-wide", "story", ":ev 77\n2", 160, 48, 0, false },
	{ "help", "story", "?", 80, 24, 0, false },
	{ "why", "story", ":ev 38\nw", 80, 24, 0, false },
	{ "prompt", "story", "/hel", 80, 24, 0, false },
	{ "compact", "story", ":ev 77\n", 50, 14, 0, false },
	{ "hostile", "hostile", ":ev 40\n", 80, 24, 2000, false },
	{ "empty", "empty", "", 80, 24, 0, false },
};

static bool update;

static void screen_draw(const struct screen *screen, char *text)
{
	struct session *s = calloc(1, sizeof(*s));
	struct grid grid = { 0 };
	struct reader *reader;
	size_t used = 0;

	assert_int_equal(reader_open(&reader, screen->path, NULL), 0);
	session_open(s, reader, screen->path);
	s->ascii = screen->ascii;
	session_resize(s, screen->cols, screen->rows);
	for (const char *key = screen->keys; *key != '\0'; key++)
		session_key(s, *key);
	while (session_work(s, 1000))
		continue;
	for (int ms = 0; ms < screen->ms; ms += 33)
		session_tick(s, 33);
	assert_true(grid_resize(&grid, screen->cols, screen->rows));
	render(s, &grid);
	for (int row = 0; row < grid.rows; row++) {
		int last = grid.cols;

		while (last > 0 && grid_at(&grid, last - 1, row)->glyph == ' ')
			last--;
		for (int col = 0; col < last; col++)
			used += text_encode(grid_at(&grid, col, row)->glyph, text + used);
		text[used++] = '\n';
	}
	text[used] = '\0';
	grid_free(&grid);
	session_close(s);
	free(s);
	reader_close(reader);
}

static void screen_check(const struct screen *screen)
{
	static char drawn[SCREEN_BYTES], golden[SCREEN_BYTES];
	char path[512];
	size_t length;
	FILE *file;

	snprintf(path, sizeof(path), TEST_SOURCE_DIR "/tests/viewer/golden/%s.txt", screen->name);
	screen_draw(screen, drawn);
	file = fopen(path, update ? "w" : "r");
	if (file == NULL)
		fail_msg("%s cannot be opened; --update writes it", path);
	if (update) {
		fputs(drawn, file);
	} else {
		length = fread(golden, 1, sizeof(golden) - 1, file);
		golden[length] = '\0';
		if (strcmp(drawn, golden) != 0)
			fail_msg("screen '%s' differs from %s; drawn:\n%s", screen->name, path,
				 drawn);
	}
	fclose(file);
}

static void test_screens(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(screens) / sizeof(screens[0]); i++)
		screen_check(&screens[i]);
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
