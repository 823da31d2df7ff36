/* Views that draw what the reader sums up, on a real trace file: whole screens against
 * tests/viewer/golden (`viewer_trace_test --update` writes them anew), each view on damaged
 * files and at any size, the same state and the same finds from anywhere, and keys at random.
 * Sources: tests/host/viewer_tale.c tests/host/synthetic.c tests/host/synthetic_tale.c
 * Sources: tests/viewer/screen.c
 * Timeout: 600 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/host/viewer_tale.h"
#include "tests/viewer/screen.h"
#include "viewer/mouse.h"
#include "viewer/phrase.h"
#include "viewer/render.h"
#include "viewer/session.h"

#define TALE "viewer_trace_test.db"
#define LOST "viewer_trace_test_lost.db"
#define MORE "viewer_trace_test_more.db" /* as LOST, but for two calls */
#define LONG "viewer_trace_test_long.db"

static const struct screen screens[] = {
	{ "timeline", TALE, "2", 80, 24, .ms = 0 },
	{ "timeline-wide", TALE, "2", 160, 48, .ms = 0 },
	{ "timeline-styles", TALE, "2", 80, 24, .cells = CELLS_STYLE },
	{ "timeline-wide-styles", TALE, "2", 160, 48, .cells = CELLS_STYLE },
	{ "timeline-ascii", TALE, "2jj", 80, 24, .ascii = true },
	{ "timeline-zoom", TALE, ":ev 80\n2++++jjj", 80, 24, .ms = 0 },
	{ "timeline-event", TALE, ":ev 45\n2f", 80, 24, .ms = 0 },
	{ "timeline-range", TALE, ":ev 40\na:ev 90\nbz", 160, 48, .ms = 0 },
	{ "timeline-filter", TALE, "2:filter pid=2 cpu=1\n", 80, 24, .ms = 0 },
	{ "timeline-lost", LOST, "2", 80, 24, .ms = 0 },
	{ "profile", TALE, "4", 80, 24, .ms = 0 },
	{ "profile-wide", TALE, "4", 160, 48, .ms = 0 },
	{ "profile-styles", TALE, "4", 80, 24, .cells = CELLS_STYLE },
	{ "profile-wide-styles", TALE, "4", 160, 48, .cells = CELLS_STYLE },
	{ "profile-ascii", TALE, "4jj", 80, 24, .ascii = true },
	{ "profile-thread", TALE, "4tts", 80, 24, .ms = 0 },
	{ "profile-pid", TALE, "4:filter pid=4\n", 80, 24, .ms = 0 },
	{ "profile-range", TALE, ":ev 40\na:ev 120\nb4j", 80, 24, .ms = 0 },
	{ "profile-range-wide", TALE, ":ev 40\na:ev 120\nb4:filter kind=fault\n", 160, 48,
	  .ms = 0 },
	{ "memory-tale", TALE, ":ev 80\n3", 80, 24, .ms = 0 },
	{ "memory-tale-wide", TALE, ":ev 120\n3", 160, 48, .ms = 0 },
	{ "diff", TALE, ":diff " LOST "\n", 80, 24, .ms = 0 },
	{ "diff-wide", TALE, ":diff " LOST "\nnn", 160, 48, .ms = 0 },
	{ "diff-styles", TALE, ":diff " LOST "\nn", 80, 24, .cells = CELLS_STYLE },
	{ "diff-wide-styles", TALE, ":diff " LOST "\nn", 160, 48, .cells = CELLS_STYLE },
	{ "diff-steps", LOST, ":diff " MORE "\nn", 80, 24, .ms = 0 },
	{ "diff-steps-wide", LOST, ":diff " MORE "\nn", 160, 48, .ms = 0 },
	{ "diff-same", TALE, ":diff " TALE "\n", 80, 24, .ascii = true },
	{ "crash-lost", LOST, "6", 80, 24, .ms = 0 },
	{ "timeline-apart", LOST, ":ev 300\n2", 80, 24, .ms = 0 },
	{ "timeline-lost-ascii", LOST, "2", 80, 24, .ascii = true },
};

static bool update;

static int setup(void **state)
{
	(void)state;
	tale_make(TALE, TALE_PLAIN);
	tale_make(LOST, TALE_LOSSY);
	tale_make(MORE, TALE_MORE);
	tale_make(LONG, TALE_LONG);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(TALE);
	unlink(LOST);
	unlink(MORE);
	unlink(LONG);
	return 0;
}

static void test_screens(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(screens) / sizeof(screens[0]); i++)
		screen_check(&screens[i], update);
}

/* What was lost stands before the one event that follows on its CPU. */
static void test_gap(void **state)
{
	struct reader *r;
	struct event e;
	unsigned gaps = 0;

	(void)state;
	assert_int_equal(reader_open(&r, LOST, NULL), 0);
	for (uint64_t id = 1; id <= reader_count(r); id++) {
		assert_true(reader_event(r, id, &e, NULL));
		if (reader_gap(r, &e) == 0)
			continue;
		assert_int_equal(reader_gap(r, &e), 7);
		assert_int_equal(e.cpu, 1);
		gaps++;
	}
	assert_int_equal(gaps, 1);
	reader_close(r);
}

/* What counts and who does what are the same from a keyframe on as from the start. */
static void test_base(void **state)
{
	struct model straight = { 0 };
	struct reader *r;
	struct session *session;
	struct event e;

	(void)state;
	session = session_make(&r, LONG);
	for (uint64_t id = 1; id <= session->count; id++) {
		assert_true(reader_event(r, id, &e, NULL));
		model_apply(&straight, &e);
		if (id % 991 != 0)
			continue;
		session_goto(session, id);
		while (session_work(session, 100000))
			continue;
		assert_memory_equal(&session->now.counts, &straight.counts,
				    sizeof(straight.counts));
		assert_memory_equal(session->now.cpus, straight.cpus, sizeof(straight.cpus));
		assert_int_equal(session->now.actor_count, straight.actor_count);
		for (uint32_t i = 0; i < straight.actor_count; i++) {
			const struct actor *a = &session->now.actors[i], *b = &straight.actors[i];

			assert_int_equal(a->tid, b->tid);
			assert_int_equal(a->pid, b->pid);
			assert_int_equal(a->state, b->state);
			assert_int_equal(a->call, b->call);
			assert_int_equal(a->since, b->since);
			assert_int_equal(a->calls, b->calls);
			assert_int_equal(a->faults, b->faults);
			assert_int_equal(a->depth == 0, b->depth == 0);
		}
	}
	assert_true(session->base > 0);
	model_free(&straight);
	session_end(session, r);
}

/* A search finds what putting each event into words finds, whatever it leaves out. */
static void test_find(void **state)
{
	static const char *const texts[] = { "openat",  "ENOENT",      "passwd",       "fault",
					     "demand",  "hello",       "timer",        "wait4",
					     "blocked", "argument",    "switch",       "= 6",
					     "0x401",   "SYSRET",      "no such",      "read(0",
					     "sh 2",    "busybox",     "O_RDONLY",     "PIPE",
					     "512 MiB", "tr.sett",     "hello9q",      "WIFEXITED",
					     "absent",  "= 0x5000000", "is named echo" };
	struct reader *r;
	struct session *s = session_make(&r, LONG);
	char line[1024], keys[64];
	struct event e;

	(void)state;
	srandom(6);
	for (size_t i = 0; i < 3 * sizeof(texts) / sizeof(texts[0]); i++) {
		const char *text = texts[i / 3];
		const uint64_t from = 1 + (uint64_t)random() % s->count;
		const bool back = i % 2 == 1;
		uint64_t wanted = from;

		for (;;) {
			wanted += back ? (uint64_t)-1 : 1;
			if (wanted == 0 || wanted > s->count)
				break;
			assert_true(reader_event(r, wanted, &e, NULL));
			phrase_line(r, &e, line, sizeof(line));
			if (strcasestr(line, text) != NULL)
				break;
		}
		snprintf(s->find.query.text, sizeof(s->find.query.text), "%s", text);
		snprintf(keys, sizeof(keys), ":ev %d\n%c", (int)from, back ? 'N' : 'n');
		type(s, keys);
		if (wanted == 0 || wanted > s->count)
			assert_non_null(strstr(s->message, "no event with this text"));
		else if (s->now.id != wanted)
			fail_msg("'%s': found %d, not %d: %s", text, (int)s->now.id, (int)wanted,
				 line);
	}
	session_end(s, r);
}

/* Every view, on a whole file and on one that is cut off, at the least and at a large size. */
static void views_at_sizes(const char *path)
{
	static const int sizes[][2] = { { 1, 1 }, { 2, 3 }, { 80, 24 }, { 500, 200 } };
	struct grid grid = { 0 };
	struct reader *r;
	struct session *s;

	if (reader_open(&r, path, NULL) != 0)
		return; /* refused in one line: command_test.sh */
	s = calloc(1, sizeof(*s));
	assert_non_null(s);
	session_open(s, r, path);
	versus_with(&s->versus, TALE);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		session_resize(s, sizes[i][0], sizes[i][1]);
		assert_true(grid_resize(&grid, sizes[i][0], sizes[i][1]));
		for (int view = 0; view < VIEW_COUNT; view++) {
			s->view = (enum view)view;
			session_goto(s, (uint64_t)(i + 1) * s->count / 5);
			while (session_work(s, 100000))
				continue;
			settle(s);
			render(s, &grid);
			for (int k = 0; k < grid.cols * grid.rows; k++)
				assert_true(grid.cells[k].glyph >= ' ' &&
					    grid.cells[k].style < STYLE_COUNT);
		}
	}
	grid_free(&grid);
	session_end(s, r);
}

static void test_views(void **state)
{
	static const char cut[] = "viewer_trace_test_cut.db";
	static char bytes[1 << 20];
	size_t length;
	FILE *f;

	(void)state;
	views_at_sizes(TALE);
	views_at_sizes(LOST);
	f = fopen(LOST, "r");
	assert_non_null(f);
	length = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	srandom(8);
	for (int round = 0; round < 12; round++) {
		const size_t kept = round < 4 ? length * (size_t)(round + 1) / 5 : length;

		/* Cut off, then with bytes spoilt. */
		f = fopen(cut, "w");
		assert_non_null(f);
		for (int i = 0; round >= 4 && i < 20; i++)
			bytes[4096 + (size_t)random() % (length - 4096)] ^=
				(char)(1 + random() % 255);
		assert_int_equal(fwrite(bytes, 1, kept, f), kept);
		fclose(f);
		views_at_sizes(cut);
	}
	unlink(cut);
}

static void test_random_keys(void **state)
{
	static const char keys[] =
		"222233355566ccPPjksnN444sst++--00fzabhhlljjkk.,gG}{1v\tw?4 <>rn\n:ev 9\n"
		"MTBomx'F\x1b";
	struct reader *r;
	struct session *s = session_make(&r, LOST);
	struct grid grid = { 0 };

	(void)state;
	srandom(5);
	assert_true(grid_resize(&grid, 80, 24));
	for (int round = 0; round < 3000; round++) {
		if (random() % 16 == 0) {
			int cols = 1 + (int)(random() % 300), rows = 1 + (int)(random() % 90);

			session_resize(s, cols, rows);
			assert_true(grid_resize(&grid, cols, rows));
		}
		session_key(s, keys[(size_t)random() % (sizeof(keys) - 1)]);
		if (random() % 8 == 0)
			session_mouse(s, &grid, (int)(random() % grid.cols),
				      (int)(random() % grid.rows), (enum mouse)(random() % 3));
		session_tick(s, (int)(random() % 100));
		session_work(s, 500);
		session_prepare(s);
		render(s, &grid);
		expect_sound(s);
		for (int i = 0; i < grid.cols * grid.rows; i++)
			assert_true(grid.cells[i].glyph >= ' ' &&
				    grid.cells[i].style < STYLE_COUNT);
	}
	grid_free(&grid);
	session_end(s, r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_screens), cmocka_unit_test(test_gap),
		cmocka_unit_test(test_base),    cmocka_unit_test(test_find),
		cmocka_unit_test(test_views),   cmocka_unit_test(test_random_keys),
	};

	update = argc == 2 && strcmp(argv[1], "--update") == 0;
	return cmocka_run_group_tests(tests, setup, teardown);
}
