/* The profile: its orders, examples, filters and ranges; the spectra of its rows.
 * Sources: tests/host/viewer_tale.c tests/host/synthetic.c tests/host/synthetic_tale.c
 * Timeout: 300 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "schemas/events.h"
#include "tests/host/viewer_tale.h"

#define TALE "viewer_profile_test.db"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_profile),
		cmocka_unit_test(test_profile_range),
		cmocka_unit_test(test_spectrum),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
