/* The viewer's state: the same at an event however the cursor came there; keys,
 * filters and searches; and anything at all typed at any screen size.
 * Sources: tests/viewer/fake_reader.c tests/viewer/fake_story.c
 * Timeout: 600 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "viewer/key.h"
#include "viewer/mouse.h"
#include "viewer/render.h"
#include "viewer/session.h"

struct fixture {
	struct reader *reader;
	struct session *session;
};

static struct fixture fixture_open(const char *path)
{
	struct fixture f = { .session = calloc(1, sizeof(struct session)) };

	assert_non_null(f.session);
	assert_int_equal(reader_open(&f.reader, path, NULL), 0);
	session_open(f.session, f.reader, path);
	return f;
}

static void fixture_close(struct fixture *f)
{
	session_close(f->session);
	free(f->session);
	reader_close(f->reader);
}

static void type(struct session *s, const char *keys)
{
	while (*keys != '\0')
		session_key(s, (unsigned char)*keys++);
	while (session_work(s, 1000))
		continue;
}

static void expect_same(const struct model *a, const struct model *b)
{
	assert_int_equal(a->id, b->id);
	assert_int_equal(a->time, b->time);
	assert_int_equal(a->actor_count, b->actor_count);
	assert_memory_equal(a->cpus, b->cpus, sizeof(a->cpus));
	assert_memory_equal(&a->counts, &b->counts, sizeof(a->counts));
	if (a->actor_count > 0)
		assert_memory_equal(a->actors, b->actors, a->actor_count * sizeof(a->actors[0]));
}

static void walk_to(struct session *s, uint64_t id)
{
	session_goto(s, id);
	while (session_work(s, 5000))
		continue;
	assert_int_equal(s->now.id, id);
	assert_int_equal(s->event.id, id);
}

/* One session goes event by event, the other jumps there from anywhere. */
static void seeks_agree(const char *path, uint64_t span, int rounds)
{
	struct fixture walk = fixture_open(path), jump = fixture_open(path);
	const uint64_t step = span / (uint64_t)rounds;

	srandom(11);
	for (uint64_t id = 1; id <= span; id++) {
		walk_to(walk.session, id);
		if (id % step != 0)
			continue;
		walk_to(jump.session, 1 + (uint64_t)random() % span);
		walk_to(jump.session, id);
		expect_same(&walk.session->now, &jump.session->now);
		assert_int_equal(walk.session->base, jump.session->base);
	}
	fixture_close(&walk);
	fixture_close(&jump);
}

static void test_state_of_event_only(void **state)
{
	(void)state;
	seeks_agree("story", 124, 124);
	seeks_agree("long:40000", 40000, 100);
	seeks_agree("hostile", 18000, 60);
}

static void test_steps(void **state)
{
	struct fixture f = fixture_open("story");
	struct session *s = f.session;

	(void)state;
	assert_int_equal(s->now.id, 1);
	type(s, ",");
	assert_int_equal(s->now.id, 1);
	type(s, "...");
	assert_int_equal(s->now.id, 4);
	type(s, ":ev 100\n");
	assert_int_equal(s->now.id, 100);
	type(s, "G.");
	assert_int_equal(s->now.id, s->count);
	type(s, "gvj1");
	assert_int_equal(s->now.id, 2);
	assert_int_equal(s->view, VIEW_BOUNDARY);
	type(s, ":t 100us\n");
	assert_true(s->event.time >= 100000);
	session_key(s, ',');
	assert_true(s->event.time < 100000);
	type(s, ":ev x\n");
	assert_non_null(strstr(s->message, "as in :ev 4211"));
	type(s, ":ev 1,00,0000000\n");
	assert_non_null(strstr(s->message, "the last event is "));
	type(s, ":ev 1,2\n");
	assert_int_equal(s->now.id, 12);
	type(s, ":t 1000s\n");
	assert_non_null(strstr(s->message, "the last event is at "));
	assert_int_equal(s->now.id, s->count);
	type(s, "3");
	assert_int_equal(s->view, VIEW_MEMORY);
	type(s, "4");
	assert_int_equal(s->view, VIEW_PROFILE);
	fixture_close(&f);
}

/* Each key's command by its name; Tab goes through the names. */
static void test_typed(void **state)
{
	struct fixture f = fixture_open("story");
	struct session *s = f.session;
	char first[sizeof(s->prompt.text)];

	(void)state;
	type(s, ":memory\n");
	assert_int_equal(s->view, VIEW_MEMORY);
	type(s, ":view_events\n");
	assert_int_equal(s->view, VIEW_EVENTS);
	type(s, ":why\n");
	assert_int_equal(s->popup, POPUP_WHY);
	type(s, "q:page-down\n");
	assert_int_equal(s->now.id, 21);
	type(s, ":nonsense\n");
	assert_non_null(strstr(s->message, "no command 'nonsense'"));
	type(s, ":zoom-\t");
	snprintf(first, sizeof(first), "%s", s->prompt.text);
	type(s, "\t");
	assert_string_not_equal(s->prompt.text, first);
	assert_memory_equal(s->prompt.text, "zoom-", 5);
	for (int i = 0; i < 20 && strcmp(s->prompt.text, first) != 0; i++)
		type(s, "\t");
	assert_string_equal(s->prompt.text, first); /* round again */
	type(s, "\x15wxyz\t");                      /* Ctrl-U */
	assert_string_equal(s->prompt.text, "wxyz");
	type(s, "\x15\xc3\xa9\b");
	assert_string_equal(s->prompt.text, ""); /* the whole character */
	assert_int_equal(s->prompt.sign, ':');
	session_key(s, KEY_CODE_ESCAPE);
	fixture_close(&f);
}

static void test_filter(void **state)
{
	struct fixture f = fixture_open("story");
	struct session *s = f.session;

	(void)state;
	type(s, ":filter kind=fault pid=8\n");
	for (int i = 0; i < 4; i++) {
		type(s, ".");
		assert_int_equal(s->event.tid, 8);
		assert_true(s->event.kind == EV_page_fault || s->event.kind == EV_page_fault_end);
	}
	type(s, ":filter call=fork\n");
	type(s, "g...");
	assert_int_equal(s->event.kind, EV_syscall_enter);
	type(s, ".");
	assert_int_equal(s->event.kind, EV_syscall_return);
	type(s, ".");
	assert_non_null(strstr(s->message, "no event that passes"));
	type(s, ":filter colour=red\n");
	assert_non_null(strstr(s->message, "no key 'colour'"));
	assert_string_equal(s->filter_text, "call=fork");
	type(s, ":filter pid=8,\n");
	assert_non_null(strstr(s->message, "a value must have"));
	type(s, ":filter pid=x\n");
	assert_non_null(strstr(s->message, "not a number"));
	type(s, ":filter !pid=7,8,9 and !cpu=1\n");
	type(s, "g");
	for (int i = 0; i < 8; i++) {
		type(s, ".");
		assert_true(s->event.pid < 7 && s->event.cpu == 0);
	}
	fixture_close(&f);
}

static void test_search(void **state)
{
	struct fixture f = fixture_open("story");
	struct session *s = f.session;
	uint64_t first;

	(void)state;
	type(s, "n");
	assert_non_null(strstr(s->message, "nothing was searched"));
	type(s, "/Demand Zero\n");
	assert_int_equal(s->event.kind, EV_page_fault_end);
	first = s->now.id;
	type(s, "n");
	assert_true(s->now.id > first);
	type(s, "N");
	assert_int_equal(s->now.id, first);
	type(s, "/no such text\n");
	assert_int_equal(s->now.id, first);
	assert_non_null(strstr(s->message, "no event with this text"));
	type(s, "ge");
	assert_int_equal(event_field(&s->event, 0), -2);
	type(s, "}");
	assert_int_equal(s->event.kind, EV_syscall_return);
	fixture_close(&f);
}

/* Play counts every event that it passes, at any pace. */
static void test_play_loses_nothing(void **state)
{
	static const char *const paces[] = { ":pace 1\n", ":pace 30\n", ":pace 3000\n",
					     ":pace 300000\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(paces) / sizeof(paces[0]); i++) {
		struct fixture f = fixture_open("long:50000");
		struct session *s = f.session;
		uint64_t counted = 0;

		type(s, paces[i]);
		type(s, " ");
		for (int tick = 0; tick < 200; tick++) {
			session_tick(s, 33);
			counted += s->tally[s->frame % TALLY_FRAMES].events;
		}
		assert_int_equal(counted, s->now.id - 1);
		assert_true(s->now.id > 1);
		fixture_close(&f);
	}
}

static void test_motion(void **state)
{
	struct fixture f = fixture_open("story");
	struct session *s = f.session;
	int last = -1;

	(void)state;
	session_key(s, '.');
	for (int tick = 0; tick < 30; tick++) {
		assert_true(session_progress(s) >= last);
		last = session_progress(s);
		session_tick(s, 33);
	}
	assert_int_equal(last, 1000);
	assert_false(session_moving(s));
	s->still = true;
	session_key(s, '.');
	assert_int_equal(session_progress(s), 1000);
	fixture_close(&f);
}

/* A recording without events yet: the cursor comes to the first one as soon as it is
 * there, F goes along, and its end is said. */
static void test_live(void **state)
{
	struct fixture f = fixture_open("live");
	struct session *s = f.session;

	(void)state;
	assert_true(s->live.on);
	assert_int_equal(s->now.id, 0);
	assert_non_null(strstr(live_nothing(s), "Waiting"));
	type(s, ".,gGe}F w?");
	assert_int_equal(s->now.id, 0);
	type(s, "\x1b");
	s->playing = s->live.follow = false;
	while (s->count == 0)
		session_tick(s, 33);
	assert_int_equal(s->now.id, 1);
	type(s, "F");
	assert_true(s->live.follow);
	for (int ms = 0; ms < 60000 && s->now.id < 124; ms += 33)
		session_tick(s, 33);
	assert_int_equal(s->now.id, 124);
	type(s, "F");
	assert_false(s->live.follow || s->playing);
	type(s, "F:ev 100\n"); /* going somewhere ends it as well */
	assert_int_equal(s->now.id, 100);
	assert_false(s->live.follow || s->playing);
	fixture_close(&f);
}

/* Events that cannot be read any more: said, and the cursor stays at the last that can. */
static void test_gone(void **state)
{
	struct fixture f = fixture_open("gone");
	struct session *s = f.session;

	(void)state;
	type(s, ":ev 58\n:pace 1000\n ");
	for (int tick = 0; tick < 30; tick++)
		session_tick(s, 33);
	assert_int_equal(s->now.id, 60);
	assert_false(s->playing);
	assert_non_null(strstr(s->message, "event 61 cannot be read: reading the trace failed"));
	type(s, "G");
	assert_non_null(strstr(s->message, "cannot be read"));
	type(s, "g");
	assert_int_equal(s->now.id, 1);
	fixture_close(&f);
}

/* The screen as it is drawn now. */
static struct grid screen_of(struct session *s)
{
	struct grid grid = { 0 };

	assert_true(grid_resize(&grid, s->cols, s->rows));
	session_prepare(s);
	render(s, &grid);
	return grid;
}

/* A click or the wheel at the first cell that is about something. */
static void at_aim(struct session *s, enum aim aim, int64_t value, enum mouse what)
{
	struct grid grid = screen_of(s);
	int at = 0;

	while (at < grid.cols * grid.rows &&
	       (grid.cells[at].aim != aim || grid.cells[at].value != value))
		at++;
	assert_true(at < grid.cols * grid.rows);
	session_mouse(s, &grid, at % grid.cols, at / grid.cols, what);
	while (session_work(s, 1000))
		continue;
	grid_free(&grid);
}

static void test_mouse(void **state)
{
	struct fixture f = fixture_open("story");
	struct session *s = f.session;
	struct grid grid;

	(void)state;
	session_resize(s, 80, 24);
	type(s, ":ev 77\n");
	at_aim(s, AIM_EVENT, 78, MOUSE_CLICK); /* in the strip */
	assert_int_equal(s->now.id, 78);
	at_aim(s, AIM_VIEW, VIEW_EVENTS, MOUSE_CLICK);
	assert_int_equal(s->view, VIEW_EVENTS);
	at_aim(s, AIM_EVENT, 85, MOUSE_CLICK);
	assert_int_equal(s->now.id, 85);
	at_aim(s, AIM_EVENT, 85, MOUSE_DOWN);
	assert_int_equal(s->now.id, 86);
	at_aim(s, AIM_EVENT, 86, MOUSE_UP);
	assert_int_equal(s->now.id, 85);
	session_resize(s, 160, 48);
	type(s, "1");
	at_aim(s, AIM_EVENT, 90, MOUSE_CLICK); /* at the side */
	assert_int_equal(s->now.id, 90);
	/* A popup is in the way, and a click takes it away; a prompt keeps all to itself. */
	type(s, "w");
	at_aim(s, AIM_VIEW, VIEW_TIMELINE, MOUSE_CLICK);
	assert_int_equal(s->popup, POPUP_NONE);
	assert_int_equal(s->view, VIEW_BOUNDARY);
	type(s, "/");
	at_aim(s, AIM_VIEW, VIEW_TIMELINE, MOUSE_CLICK);
	assert_int_equal(s->view, VIEW_BOUNDARY);
	session_key(s, KEY_CODE_ESCAPE);
	grid = screen_of(s);
	session_mouse(s, &grid, -1, 5, MOUSE_CLICK);
	session_mouse(s, &grid, 160, 48, MOUSE_CLICK);
	session_mouse(s, &grid, INT32_MAX, INT32_MIN, MOUSE_UP);
	assert_int_equal(s->now.id, 90);
	grid_free(&grid);
	fixture_close(&f);
}

static int random_key(void)
{
	static const char plain[] =
		" .,<>=gGeE{}/nN\\:1234560s+-fzabhlljjkkw?pPid8tvcrRoFFLmx'xTBM\t\n\x1b";
	static const int keys[] = {
		KEY_CODE_BACKSPACE, KEY_CODE_PAGE_DOWN, KEY_CODE_PAGE_UP,
		KEY_CODE_F1,        KEY_CODE_F3,        KEY_CODE_F4,
		KEY_CODE_HOME,      KEY_CODE_END,       KEY_CODE_UP,
		KEY_CODE_DOWN,      KEY_CODE_LEFT,      KEY_CODE_RIGHT,
		KEY_CODE_OLDER,     KEY_CODE_NEWER,     -1,
		0x10ffff,
	};

	if (random() % 4 != 0)
		return plain[(size_t)random() % (sizeof(plain) - 1)];
	return keys[random() % (long)(sizeof(keys) / sizeof(keys[0]))];
}

static void typed_at_random(const char *path, int rounds)
{
	struct fixture f = fixture_open(path);
	struct grid grid = { 0 };

	srandom(3);
	assert_true(grid_resize(&grid, 80, 24));
	for (int round = 0; round < rounds; round++) {
		if (random() % 4 == 0) {
			int cols = 1 + (int)(random() % (random() % 2 ? 500 : 90));
			int rows = 1 + (int)(random() % (random() % 2 ? 200 : 30));

			session_resize(f.session, cols, rows);
			assert_true(grid_resize(&grid, cols, rows));
		}
		if (random() % 64 == 0)
			f.session->ascii = !f.session->ascii;
		session_key(f.session, random_key());
		f.session->quit = false;
		if (random() % 8 == 0)
			session_mouse(f.session, &grid, (int)(random() % (grid.cols + 1)),
				      (int)(random() % (grid.rows + 1)),
				      (enum mouse)(random() % 3));
		session_tick(f.session, (int)(random() % 100));
		session_work(f.session, 500);
		session_prepare(f.session);
		render(f.session, &grid);
		for (int i = 0; i < grid.cols * grid.rows; i++) {
			assert_true(grid.cells[i].glyph >= ' ' &&
				    grid.cells[i].style < STYLE_COUNT);
			assert_false(f.session->ascii && grid.cells[i].glyph > '~');
		}
	}
	grid_free(&grid);
	fixture_close(&f);
}

/* Enter leads away from a view, Backspace to it. */
static void test_back(void **state)
{
	struct fixture f = fixture_open("story");

	(void)state;
	type(f.session, "v\n");
	assert_int_equal(f.session->view, VIEW_BOUNDARY);
	type(f.session, "\b");
	assert_int_equal(f.session->view, VIEW_EVENTS);
	type(f.session, ":lesson\n");
	assert_int_equal(f.session->popup, POPUP_LESSONS);
	fixture_close(&f);
}

static void test_random_keys(void **state)
{
	(void)state;
	typed_at_random("story", 4000);
	typed_at_random("hostile", 4000);
	typed_at_random("long:100000", 1500);
	typed_at_random("empty", 500);
	typed_at_random("live", 2000);
	typed_at_random("gone", 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_state_of_event_only),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_typed),
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_search),
		cmocka_unit_test(test_play_loses_nothing),
		cmocka_unit_test(test_motion),
		cmocka_unit_test(test_live),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_mouse),
		cmocka_unit_test(test_back),
		cmocka_unit_test(test_random_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
