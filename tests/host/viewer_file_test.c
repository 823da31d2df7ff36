/* The recording's file is deleted, replaced or cut off while it is looked at: each view that
 * opens it anew says so in a line, and what is open goes on.
 * Sources: tests/host/viewer_tale.c tests/host/synthetic.c tests/host/synthetic_tale.c
 * Timeout: 300 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/host/viewer_tale.h"
#include "viewer/render.h"

#define TALE "viewer_file_test.db"

static int setup(void **state)
{
	(void)state;
	tale_make(TALE, TALE_PLAIN);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(TALE);
	return 0;
}

/* A session whose file has gone. */
static struct session *session_gone(struct reader **r, const char *path)
{
	struct session *s;

	tale_make(path, TALE_PLAIN);
	s = session_make(r, path);
	unlink(path);
	return s;
}

/* The file goes away beneath the session: a line says so, nothing breaks. */
static void test_file_gone(void **state)
{
	static const char path[] = "gone.db";
	struct reader *r;
	struct session *s = session_gone(&r, path);

	(void)state;
	type(s, "4");
	settle(s);
	assert_false(s->costs.done);
	assert_non_null(strstr(s->costs.failed.text, path));
	session_end(s, r);
}

/* The file goes away beneath each view that opens it anew: a line says so. */
static void test_views_gone(void **state)
{
	static const char path[] = "gone_views.db";
	struct reader *r;
	struct session *s = session_gone(&r, path);

	(void)state;
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file_gone),
		cmocka_unit_test(test_views_gone),
		cmocka_unit_test(test_file_replaced),
		cmocka_unit_test(test_file_truncated),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
