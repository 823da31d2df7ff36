/* When a picture waits for the terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "viewer/flow.h"

static void test_one_picture_on_its_way(void **state)
{
	struct flow f = { 0 };

	(void)state;
	assert_false(flow_waits(&f, 1));
	assert_true(flow_ask(&f, 1));
	assert_false(flow_ask(&f, 2)); /* one question at a time */
	assert_true(flow_waits(&f, 100));
	flow_answered(&f);
	assert_false(flow_waits(&f, 101));
	assert_true(flow_ask(&f, 101));
	assert_true(flow_waits(&f, 5000)); /* one that answers is given time */
}

static void test_deaf(void **state)
{
	struct flow f = { 0 };

	(void)state;
	assert_true(flow_ask(&f, 1));
	assert_true(flow_waits(&f, 299));
	assert_false(flow_waits(&f, 1000));
	assert_false(flow_ask(&f, 1001));
	assert_false(flow_waits(&f, 1002));
	flow_answered(&f); /* late: it was a long line */
	assert_true(flow_ask(&f, 2000));
	assert_true(flow_waits(&f, 9000));
	assert_false(flow_waits(&f, 13000));
	assert_false(flow_ask(&f, 13001));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_picture_on_its_way),
		cmocka_unit_test(test_deaf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
