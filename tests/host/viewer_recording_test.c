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
#include "viewer/render.h"
#include "viewer/session.h"

#define PATH "viewer_recording_test.db" /* a copy, which nothing else reads */

static const char diff_keys[] = ":diff " PATH "\n";

/* What is pressed for each view: where it has most to show. */
static const struct {
	const char *name, *keys;
} looks[] = {
	{ "boundary", "/write(\n1" },
	{ "boundary-fault", "/copy on write\n1" },
	{ "timeline", "/write(\n2j" },
	{ "memory", "/last owner\n3" },
	{ "profile", "4j" },
	{ "diff", diff_keys },
	{ "crash", "6n" },
	{ "events", "/SIGSEGV\nv" },
	{ "why", "/SIGSEGV\nw" },
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
}

/* A session at the recording that keys were typed to, and all that waits is done. */
static struct session *session_typed(struct reader **r, const char *keys)
{
	struct session *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	assert_int_equal(reader_open(r, PATH, NULL), 0);
	session_open(s, *r, PATH);
	s->still = true;
	session_resize(s, 80, 24);
	for (const char *key = keys; *key != '\0'; key++) {
		session_key(s, *key);
		while (session_work(s, 100000))
			continue;
	}
	return s;
}

static void drawn(struct session *s, struct grid *grid, int cols, int rows)
{
	session_resize(s, cols, rows);
	assert_true(grid_resize(grid, cols, rows));
	do
		session_prepare(s);
	while (session_waits(s) && usleep(1000) == 0);
	render(s, grid);
	for (int i = 0; i < grid->cols * grid->rows; i++)
		assert_true(grid->cells[i].glyph >= ' ' && grid->cells[i].style < STYLE_COUNT);
}

/* Made smaller and larger in each state, the screen is the same again at its old size. */
static void test_resized(void **state)
{
	static const char *const states[] = {
		"/write(\n1",  "2",
		"2+++",        "/last owner\n3",
		"4tj",         "5",
		diff_keys,     "6nj",
		"v",           "?",
		"w",           "/hel",
		"\\pid=",      ":ev 10",
		"x",           "3P",
		"L",           ":lesson crash\n",
		"m",           "B",
		"/write(\n1B", "\\pid=5\n",
		"2\\pid=5\n",  "T",
	};
	static const int sizes[][2] = { { 1, 1 },    { 33, 7 },   { 79, 23 },  { 60, 9 },
					{ 160, 48 }, { 81, 200 }, { 500, 200 } };
	struct grid before = { 0 }, grid = { 0 };
	struct reader *r;

	(void)state;
	recording_copy();
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		struct session *s = session_typed(&r, states[i]);

		drawn(s, &before, 80, 24);
		for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++)
			drawn(s, &grid, sizes[k][0], sizes[k][1]);
		drawn(s, &grid, 80, 24);
		for (int at = 0; at < 80 * 24; at++)
			if (grid.cells[at].glyph != before.cells[at].glyph ||
			    grid.cells[at].style != before.cells[at].style)
				fail_msg("'%s': another screen after resizes, at %d,%d", states[i],
					 at % 80, at / 80);
		session_close(s);
		free(s);
		reader_close(r);
	}
	grid_free(&before);
	grid_free(&grid);
	unlink(PATH);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_looks),
					    cmocka_unit_test(test_resized) };

	update = argc == 2 && strcmp(argv[1], "--update") == 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
