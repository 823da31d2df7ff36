/* Views that draw what the reader sums up, on a real trace file: whole screens against
 * tests/viewer/golden (`viewer_trace_test --update` writes them anew), what zoom and pan
 * keep true, and keys at random.
 * Sources: tests/host/synthetic.c tests/host/synthetic_tale.c tests/viewer/screen.c
 * Timeout: 600 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "schemas/syscalls.h"
#include "tests/host/synthetic.h"
#include "tests/viewer/screen.h"
#include "viewer/key.h"
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
	{ "timeline-lost-ascii", LOST, "2", 80, 24, .ascii = true },
};

static bool update;

/* Two calls that the other recording does not have. */
static void calls_add(struct synthetic *s)
{
	synthetic_call(s, 0, NR_getpid, 0, 0, 0, 0, 0, 0, 0);
	synthetic_return(s, 0, 2);
	synthetic_call(s, 0, NR_close, 1, 99, 0, 0, 0, 0, 0);
	synthetic_return(s, 0, -9);
}

enum variant { TALE_PLAIN, TALE_LOSSY, TALE_MORE, TALE_LONG };

static void tale_make(const char *path, enum variant variant)
{
	static struct synthetic s;

	unlink(path);
	assert_true(synthetic_open(&s, path, 2));
	synthetic_tale(&s, variant == TALE_LONG ? 40000 : 150);
	if (variant == TALE_MORE)
		calls_add(&s);
	if (variant == TALE_LOSSY || variant == TALE_MORE) {
		for (int i = 0; variant == TALE_LOSSY && i < 7; i++)
			synthetic_lose(&s, 1, EV_syscall_enter, LOSS_RING_FULL);
		synthetic_flush(&s, 1);
		synthetic_tale(&s, 150);
	}
	assert_true(synthetic_close(&s, true, 0));
}

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

static void type(struct session *s, const char *keys)
{
	while (*keys != '\0')
		session_key(s, *keys++);
	while (session_work(s, 1000))
		continue;
	session_prepare(s);
}

static struct session *session_make(struct reader **r, const char *path)
{
	struct session *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	assert_int_equal(reader_open(r, path, NULL), 0);
	session_open(s, *r, path);
	return s;
}

static void session_end(struct session *s, struct reader *r)
{
	session_close(s);
	free(s);
	reader_close(r);
}

/* What is shown stays in the trace, and the cursor stays in what is shown. */
static void expect_sound(const struct session *s)
{
	assert_true(s->scale.from >= 0 && s->scale.from < s->scale.to);
	assert_true(s->scale.to <= s->scale.length);
}

static void test_scale(void **state)
{
	struct reader *r;
	struct session *s = session_make(&r, TALE);
	int64_t from, to;

	(void)state;
	type(s, "2");
	assert_int_equal(s->scale.from, 0);
	assert_int_equal(s->scale.to, s->scale.length);
	type(s, ":ev 60\n");
	for (int i = 0; i < 40; i++) {
		type(s, "+");
		expect_sound(s);
		assert_true(s->event.time >= s->scale.from && s->event.time < s->scale.to);
	}
	assert_int_equal(s->scale.to - s->scale.from, 100);
	type(s, "G");
	assert_true(s->event.time >= s->scale.from && s->event.time < s->scale.to);
	type(s, "g");
	assert_true(s->event.time >= s->scale.from && s->event.time < s->scale.to);
	from = s->scale.from;
	type(s, "ll");
	assert_true(s->scale.from > from);
	type(s, "hhhhhhhh");
	expect_sound(s);
	type(s, "z");
	assert_non_null(strstr(s->message, "two ends"));
	type(s, ":ev 90\na");
	to = s->event.time;
	type(s, ":ev 40\nbz");
	assert_int_equal(s->scale.from, s->event.time);
	assert_int_equal(s->scale.to, to + 1);
	type(s, "0");
	assert_int_equal(s->scale.to - s->scale.from, s->scale.length);
	for (int i = 0; i < 40; i++)
		type(s, "-");
	assert_int_equal(s->scale.to - s->scale.from, s->scale.length);
	session_end(s, r);
}

/* The event that f fits is in sight with both its ends, for every event. */
static void test_fit(void **state)
{
	struct reader *r;
	struct session *s = session_make(&r, TALE);
	struct span span;
	struct event e;

	(void)state;
	for (uint64_t id = 1; id <= s->count; id++) {
		session_goto(s, id);
		type(s, "f");
		expect_sound(s);
		assert_true(s->event.time >= s->scale.from && s->event.time < s->scale.to);
		if (!reader_span(r, id, &span) || span.end == 0)
			continue;
		assert_true(reader_event(r, span.begin, &e, NULL));
		assert_true(e.time >= s->scale.from);
		assert_true(reader_event(r, span.end, &e, NULL));
		assert_true(e.time < s->scale.to);
	}
	session_end(s, r);
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

/* Wait for the threads that make what is shown. */
static void settle(struct session *s)
{
	do
		session_prepare(s);
	while (session_waits(s) && usleep(1000) == 0);
}

/* The file's own sums of what is shown, and of the CPUs in the whole trace. */
static void expect_picture(const struct session *s, struct reader *r)
{
	const struct scale *t = &s->scale;
	const struct lod_query shown = { .from = t->from,
					 .to = t->to,
					 .columns = t->shown.query.columns };
	const struct lod_query whole = { .to = t->length, .columns = t->whole.query.columns };
	struct lod_picture picture;

	assert_true(scale_fresh(t));
	assert_int_equal(reader_lod(r, &shown, &picture, NULL), 0);
	assert_true(t->shown.row_count > 0);
	for (unsigned i = 0; i < t->shown.row_count; i++) {
		const struct scale_row *row = &t->shown.rows[i];
		unsigned at = 0;

		while (at < picture.lanes && picture.lane[at] != row->who.lane)
			at++;
		assert_true(at < picture.lanes);
		assert_int_equal(row->drawn,
				 i >= t->shown.first && i < t->shown.first + SCALE_DRAWN);
		if (!row->drawn)
			continue;
		assert_memory_equal(&t->shown.sums.sum[row->index * shown.columns],
				    &picture.sum[at * shown.columns],
				    shown.columns * sizeof(*picture.sum));
	}
	lod_free(&picture);
	assert_int_equal(reader_lod(r, &whole, &picture, NULL), 0);
	for (unsigned i = 0; i < t->whole.sums.lanes; i++)
		assert_memory_equal(&t->whole.sums.sum[i * whole.columns],
				    &picture.sum[i * whole.columns],
				    whole.columns * sizeof(*picture.sum));
	lod_free(&picture);
}

/* A key's frame does not wait for the picture: the last one is drawn where it belongs, and
 * the one asked for last is there in the end. */
static void test_scale_thread(void **state)
{
	struct grid grid = { 0 };
	struct reader *r;
	struct session *s = session_make(&r, LONG);
	const struct scale *t = &s->scale;
	int64_t to;

	(void)state;
	assert_true(grid_resize(&grid, 80, 24));
	type(s, "2");
	assert_true(scale_busy(t));
	assert_int_equal(t->shown.row_count, 0);
	render(s, &grid);
	settle(s);
	expect_picture(s, r);
	to = t->to;
	type(s, "+");
	assert_true(scale_busy(t) && session_moving(s));
	assert_false(scale_fresh(t));
	assert_int_equal(t->shown.query.to - t->shown.query.from, to);
	assert_true(t->shown.row_count > 0);
	render(s, &grid);
	for (int i = 0; i < 60; i++)
		assert_int_equal(scale_source(t, i, 60),
				 ((2 * i + 1) * (t->to - t->from) / 120 + t->from) *
					 t->shown.query.columns / to);
	for (int i = 0; i < 30; i++) {
		type(s, i % 3 == 2 ? "l" : "+");
		render(s, &grid);
	}
	settle(s);
	expect_picture(s, r);
	type(s, "0-");
	assert_true(scale_source(t, 0, 60) == -1 || scale_source(t, 59, 60) == -1);
	session_resize(s, 160, 48);
	settle(s);
	expect_picture(s, r);
	type(s, "+");
	session_end(s, r); /* while it works */
	grid_free(&grid);
}

static void test_profile(void **state)
{
	uint64_t sum;
	struct reader *r;
	struct session *s = session_make(&r, TALE);
	const struct profile_row *row;

	(void)state;
	type(s, "4");
	settle(s);
	assert_true(s->costs.done);
	for (int i = 0; i < 12; i++) {
		row = costs_row(&s->costs);
		for (uint32_t k = 0; i == 0 && k + 1 < s->costs.profile.row_count; k++)
			assert_true(row[k].total >= row[k + 1].total);
		type(s, "s");
	}
	row = costs_row(&s->costs);
	sum = row->example;
	type(s, "\n");
	assert_int_equal(s->now.id, sum);
	assert_int_equal(s->view, VIEW_BOUNDARY);
	type(s, "4:filter pid=4\n");
	settle(s);
	assert_int_equal(s->costs.query.filter.count, 1);
	/* Given up while it works, again and again. */
	for (int i = 0; i < 20; i++)
		type(s, "t");
	session_end(s, r);
}

/* A call: its event, when it began, whose it was. */
struct called {
	uint64_t id;
	int64_t begin;
	uint32_t pid;
};

static size_t calls_list(struct reader *r, struct called *calls, size_t most)
{
	struct event e;
	size_t count = 0;

	for (uint64_t id = 1; id <= reader_count(r); id++) {
		assert_true(reader_event(r, id, &e, NULL));
		if (e.kind != EV_syscall_enter)
			continue;
		assert_true(count < most);
		calls[count++] = (struct called){ .id = id, .begin = e.time, .pid = e.pid };
	}
	return count;
}

/* The profile of A to B and of a filter holds the calls that begin there, and the spectra of
 * its rows hold each of them. */
static void test_profile_range(void **state)
{
	static struct called calls[4096];
	uint64_t wanted = 0, counted = 0;
	struct reader *r;
	struct session *s = session_make(&r, TALE);
	const size_t count = calls_list(r, calls, sizeof(calls) / sizeof(calls[0]));
	const struct called *a = &calls[count / 4], *b = &calls[count / 2];
	char keys[128];

	(void)state;
	assert_true(count > 8);
	snprintf(keys, sizeof(keys), ":ev %d\na:ev %d\nb4:filter kind=call !pid=%u\n", (int)b->id,
		 (int)a->id, calls[count / 4 + 1].pid);
	type(s, keys);
	settle(s);
	assert_true(s->costs.done);
	assert_int_equal(s->costs.from, a->begin);
	assert_int_equal(s->costs.to, b->begin + 1);
	for (const struct called *c = calls; c < calls + count; c++)
		wanted += c->begin >= a->begin && c->begin <= b->begin &&
			  c->pid != calls[count / 4 + 1].pid;
	assert_true(wanted > 0);
	for (uint32_t i = 0; i < s->costs.profile.row_count; i++) {
		const struct profile_row *row = &s->costs.profile.rows[i];

		counted += row->count;
		assert_int_equal(
			spectrum_sum(&row->spectrum, 0, SPECTRUM_COLUMNS, 0, SPECTRUM_BANDS),
			row->count);
	}
	assert_int_equal(counted, wanted);
	type(s, ":filter\n:range\n");
	settle(s);
	assert_int_equal(s->costs.query.to, 0);
	type(s, ":range 1us 30us\n");
	assert_int_equal(s->mark[0], 1000);
	assert_int_equal(s->mark[1], 30000);
	type(s, ":range 1us\n");
	assert_non_null(strstr(s->message, ":range wants"));
	session_end(s, r);
}

static void test_spectrum(void **state)
{
	struct spectrum s = { 0 };

	(void)state;
	assert_int_equal(spectrum_band(-5), 0);
	assert_int_equal(spectrum_band(0), 0);
	assert_int_equal(spectrum_band(1), 0);
	assert_int_equal(spectrum_band(2), 1);
	assert_int_equal(spectrum_band(1023), 9);
	assert_int_equal(spectrum_band(1024), 10);
	assert_int_equal(spectrum_band(INT64_MAX), 62);
	assert_true(spectrum_add(&s, 0, 1, 7));
	assert_true(spectrum_add(&s, INT64_MAX - 1, INT64_MAX, 1 << 20));
	assert_true(spectrum_add(&s, 50, 100, 4));
	assert_int_equal(spectrum_sum(&s, 0, SPECTRUM_COLUMNS, 0, SPECTRUM_BANDS), 3);
	assert_int_equal(spectrum_sum(&s, 0, 1, 2, 3), 1);
	assert_int_equal(spectrum_sum(&s, SPECTRUM_COLUMNS / 2, SPECTRUM_COLUMNS / 2 + 1, 2, 3), 1);
	assert_int_equal(spectrum_sum(&s, SPECTRUM_COLUMNS - 1, SPECTRUM_COLUMNS, 20, 21), 1);
	assert_int_equal(spectrum_sum(&s, 1, SPECTRUM_COLUMNS / 2, 0, SPECTRUM_BANDS), 0);
	spectrum_free(&s);
}

/* The file goes away beneath the session: a line says so, nothing breaks. */
static void test_file_gone(void **state)
{
	static const char path[] = "gone.db";
	struct reader *r;
	struct session *s;

	(void)state;
	tale_make(path, TALE_PLAIN);
	s = session_make(&r, path);
	unlink(path);
	type(s, "4");
	settle(s);
	assert_false(s->costs.done);
	assert_non_null(strstr(s->costs.failed.text, path));
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

/* The file goes away beneath each view that opens it anew: a line says so. */
static void test_views_gone(void **state)
{
	static const char path[] = "gone_views.db";
	struct reader *r;
	struct session *s;

	(void)state;
	tale_make(path, TALE_PLAIN);
	s = session_make(&r, path);
	unlink(path);
	type(s, ":ev 60\n3");
	settle(s);
	assert_null(s->memory.shot);
	assert_non_null(strstr(s->memory.failed.text, path));
	type(s, "6");
	settle(s);
	assert_non_null(strstr(s->tale.failed.text, path));
	type(s, ":diff " TALE "\n");
	settle(s);
	assert_non_null(strstr(s->versus.failed.text, path));
	session_end(s, r);
}

/* The first cell that is about something. */
static const struct cell *aimed(const struct grid *grid, enum aim aim, int *at)
{
	for (*at = 0; *at < grid->cols * grid->rows; ++*at)
		if (grid->cells[*at].aim == aim)
			return &grid->cells[*at];
	fail_msg("nothing on the screen is about %d", (int)aim);
	return NULL;
}

static void mouse_at(struct session *s, struct grid *grid, int at, enum mouse what)
{
	session_mouse(s, grid, at % grid->cols, at / grid->cols, what);
	while (session_work(s, 1000))
		continue;
	settle(s);
	render(s, grid);
}

/* The timeline by mouse: a lane and the event at a time, the scale about the mouse; a row
 * of the profile, a time in its spectrogram. */
static void test_mouse(void **state)
{
	struct reader *r;
	struct session *s = session_make(&r, TALE);
	struct grid grid = { 0 };
	int64_t lane, time;
	int at;

	(void)state;
	assert_true(grid_resize(&grid, 80, 24));
	type(s, "2");
	settle(s);
	render(s, &grid);
	aimed(&grid, AIM_LANE, &at);
	at += grid.cols; /* the second lane, half of the way */
	assert_int_equal(grid.cells[at].aim, AIM_LANE);
	assert_int_equal(grid.cells[at + 40].aim, AIM_TIME);
	lane = grid.cells[at].value;
	time = grid.cells[at + 40].value;
	mouse_at(s, &grid, at + 40, MOUSE_CLICK);
	assert_int_equal(s->scale.lane, lane);
	assert_int_equal(s->now.id, reader_seek(r, time));
	mouse_at(s, &grid, at + 40, MOUSE_UP);
	assert_true(s->scale.to - s->scale.from < s->scale.length);
	expect_sound(s);
	mouse_at(s, &grid, at + 40, MOUSE_DOWN);
	assert_int_equal(s->scale.to - s->scale.from, s->scale.length);
	type(s, "4");
	settle(s);
	render(s, &grid);
	aimed(&grid, AIM_ROW, &at);
	mouse_at(s, &grid, at + 3 * grid.cols, MOUSE_CLICK);
	assert_int_equal(s->costs.selected, 3);
	mouse_at(s, &grid, at, MOUSE_UP);
	assert_int_equal(s->costs.selected, 2);
	assert_int_equal(aimed(&grid, AIM_TIME, &at)->value, 0);
	time = grid.cells[at + 20].value;
	mouse_at(s, &grid, at + 20, MOUSE_CLICK);
	assert_int_equal(s->now.id, reader_seek(r, time));
	grid_free(&grid);
	session_end(s, r);
}

/* Another recording takes the file's name: the views that would open it say so, and the
 * cursor goes on in the old one. */
static void test_file_replaced(void **state)
{
	static const char path[] = "replaced.db";
	struct reader *r;
	struct session *s;

	(void)state;
	tale_make(path, TALE_PLAIN);
	s = session_make(&r, path);
	tale_make("replacing.db", TALE_MORE);
	assert_int_equal(rename("replacing.db", path), 0);
	type(s, ":ev 60\n4");
	settle(s);
	assert_false(s->costs.done);
	assert_non_null(strstr(s->costs.failed.text, "another file"));
	type(s, "3");
	settle(s);
	assert_null(s->memory.shot);
	assert_int_equal(s->fate, FILE_REPLACED);
	type(s, "/demand\n");
	assert_non_null(strstr(s->message, "another file now"));
	type(s, "1..");
	assert_int_equal(s->now.id, 62);
	type(s, "2");
	assert_false(scale_busy(&s->scale)); /* made of the old file, which only r has */
	expect_picture(s, r);
	assert_int_equal(unlink(path), 0);
	type(s, "++");
	settle(s);
	assert_int_equal(s->fate, FILE_DELETED);
	expect_picture(s, r);
	session_end(s, r);
}

/* It is cut off while it is looked at: whatever cannot be read is said, in each view. */
static void test_file_truncated(void **state)
{
	static const char path[] = "truncated.db";
	struct grid grid = { 0 };
	struct reader *r;
	struct session *s;

	(void)state;
	tale_make(path, TALE_LONG);
	s = session_make(&r, path);
	assert_true(grid_resize(&grid, 80, 24));
	assert_int_equal(truncate(path, 8192), 0);
	for (const char *keys = "G1234567vgG{}Ee,./demand\n2+++0f"; *keys != '\0'; keys++) {
		session_key(s, *keys);
		for (int i = 0; i < 200 && session_work(s, 100000); i++)
			continue;
		settle(s);
		render(s, &grid);
	}
	assert_non_null(strstr(s->costs.failed.text, path));
	unlink(path);
	grid_free(&grid);
	session_end(s, r);
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
		cmocka_unit_test(test_screens),       cmocka_unit_test(test_scale),
		cmocka_unit_test(test_scale_thread),  cmocka_unit_test(test_fit),
		cmocka_unit_test(test_profile),       cmocka_unit_test(test_base),
		cmocka_unit_test(test_find),          cmocka_unit_test(test_spectrum),
		cmocka_unit_test(test_file_gone),     cmocka_unit_test(test_profile_range),
		cmocka_unit_test(test_views),         cmocka_unit_test(test_views_gone),
		cmocka_unit_test(test_file_replaced), cmocka_unit_test(test_file_truncated),
		cmocka_unit_test(test_mouse),         cmocka_unit_test(test_random_keys),
	};

	update = argc == 2 && strcmp(argv[1], "--update") == 0;
	return cmocka_run_group_tests(tests, setup, teardown);
}
