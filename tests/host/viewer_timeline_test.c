/* The timeline: what zoom and pan keep true, by keys and by mouse; what is drawn before a
 * picture is there, and that it is the right one then.
 * Sources: tests/host/viewer_tale.c tests/host/synthetic.c tests/host/synthetic_tale.c
 * Timeout: 300 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/host/viewer_tale.h"
#include "viewer/mouse.h"
#include "viewer/render.h"

#define TALE "viewer_timeline_test.db"
#define LONG "viewer_timeline_test_long.db"

static int setup(void **state)
{
	(void)state;
	tale_make(LONG, TALE_LONG);
	tale_make(TALE, TALE_PLAIN);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(LONG);
	unlink(TALE);
	return 0;
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scale),
		cmocka_unit_test(test_fit),
		cmocka_unit_test(test_scale_thread),
		cmocka_unit_test(test_mouse),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
