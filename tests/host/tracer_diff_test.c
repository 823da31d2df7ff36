/* Comparing recordings: nothing with itself, symmetric, and costs that add up.
 * Sources: tests/host/synthetic.c tests/host/synthetic_tale.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "schemas/events.h"
#include "tests/host/synthetic.h"
#include "tracer/analysis/diff.h"
#include "tracer/analysis/verdict.h"
#include "tracer/store/sql.h"

static const char base[] = "tracer_diff_base.db", other[] = "tracer_diff_other.db";

/* What is told after the tale. */
struct extra {
	unsigned calls;  /* getppid, one more each */
	uint64_t slower; /* ticks in each of them */
	int64_t result;
	bool loss;
};

static void calls_tell(struct synthetic *s, struct extra x)
{
	for (unsigned i = 0; i < x.calls; i++) {
		synthetic_call(s, 0, 110, 0, 0, 0, 0, 0, 0, 0);
		synthetic_wait(s, 100 + x.slower);
		synthetic_return(s, 0, x.result);
		synthetic_wait(s, 50);
	}
}

static void trace_make(const char *path, struct extra x)
{
	static struct synthetic s;

	unlink(path);
	assert_true(synthetic_open(&s, path, 2));
	synthetic_tale(&s, 1500);
	calls_tell(&s, x);
	if (x.loss)
		synthetic_lose(&s, 0, EV_wakeup, LOSS_RING_FULL);
	assert_true(synthetic_close(&s, true, 0));
}

struct pair {
	struct side a, b;
	struct diff d;
};

static void pair_open(struct pair *p, const char *a, const char *b, const struct ignore *ignore)
{
	struct error why = { 0 };

	assert_int_equal(side_open(&p->a, a, &why), 0);
	assert_int_equal(side_open(&p->b, b, &why), 0);
	assert_int_equal(side_load(&p->a, NULL, &why), 0);
	assert_int_equal(side_load(&p->b, NULL, &why), 0);
	assert_int_equal(diff_make(&p->d, &p->a, &p->b, ignore, &why), 0);
}

static void pair_close(struct pair *p)
{
	diff_free(&p->d);
	side_close(&p->a);
	side_close(&p->b);
}

/* The sum of all rows and the rest is the change of the totals. */
static void sums_check(const struct diff *d)
{
	for (int side = 0; side < 2; side++) {
		int64_t sum = d->cost_rest[side];

		for (uint32_t i = 0; i < d->row_count; i++)
			sum += d->rows[i].self[side];
		assert_int_equal(sum, cost_total(&d->side[side]->all.totals.cost));
		assert_int_equal(sum + d->side[side]->all.totals.idle,
				 d->side[side]->all.totals.elapsed);
	}
}

static void with_itself_nothing(void **state)
{
	struct pair p;

	(void)state;
	trace_make(base, (struct extra){ .calls = 3 });
	trace_make(other, (struct extra){ .calls = 3 });
	pair_open(&p, base, other, NULL);
	assert_true(p.a.all.totals.calls > 100);
	assert_true(p.d.same);
	assert_true(p.d.equal);
	assert_int_equal(diff_count(&p.d), 0);
	for (uint32_t i = 0; i < p.d.thread_count; i++)
		assert_false(p.d.threads[i].first.any);
	sums_check(&p.d);
	pair_close(&p);
	pair_open(&p, base, base, NULL);
	assert_true(p.d.equal);
	assert_int_equal(diff_count(&p.d), 0);
	pair_close(&p);
}

/* What is removed one way was added the other. */
static void mirror_check(const struct diff *d, const struct diff *back)
{
	assert_int_equal(d->removed, back->added);
	assert_int_equal(d->added, back->removed);
	assert_int_equal(d->changed, back->changed);
	assert_int_equal(d->moved, back->moved);
	assert_int_equal(d->row_count, back->row_count);
	assert_int_equal(d->error_count, back->error_count);
	for (int side = 0; side < 2; side++) {
		assert_int_equal(d->only[side], back->only[!side]);
		assert_int_equal(d->cost_rest[side], back->cost_rest[!side]);
	}
	for (uint32_t i = 0; i < d->row_count; i++) {
		const struct diff_row *r = &d->rows[i], *s = back->rows;

		while (s < back->rows + back->row_count &&
		       (s->kind != r->kind || s->nr != r->nr || strcmp(s->program, r->program)))
			s++;
		assert_true(s < back->rows + back->row_count);
		assert_int_equal(r->removed, s->added);
		assert_int_equal(r->added, s->removed);
		assert_int_equal(r->changed, s->changed);
		for (int side = 0; side < 2; side++) {
			assert_int_equal(r->count[side], s->count[!side]);
			assert_int_equal(r->errors[side], s->errors[!side]);
			assert_int_equal(r->self[side], s->self[!side]);
			assert_int_equal(r->waited[side], s->waited[!side]);
		}
	}
}

static void the_other_way_round_is_the_mirror(void **state)
{
	struct pair p, back;

	(void)state;
	trace_make(base, (struct extra){ .calls = 5, .result = 5 });
	trace_make(other, (struct extra){ .calls = 2, .slower = 9, .result = -2 });
	pair_open(&p, base, other, NULL);
	pair_open(&back, other, base, NULL);
	assert_int_equal(p.d.removed, 3);
	assert_int_equal(p.d.changed, 2);
	mirror_check(&p.d, &back.d);
	sums_check(&p.d);
	pair_close(&back);
	pair_close(&p);
}

static void one_more_call_is_one_difference(void **state)
{
	struct pair p, back;
	bool found = false;

	(void)state;
	trace_make(base, (struct extra){ .calls = 3 });
	trace_make(other, (struct extra){ .calls = 4 });
	pair_open(&p, base, other, NULL);
	assert_int_equal(p.d.added, 1);
	assert_int_equal(p.d.removed + p.d.changed + p.d.only[0] + p.d.only[1], 0);
	for (uint32_t i = 0; i < p.d.row_count; i++)
		if (p.d.rows[i].kind == ITEM_CALL && p.d.rows[i].nr == 110) {
			found = true;
			assert_int_equal(p.d.rows[i].added, 1);
			/* Its own record's tick and the wait. */
			assert_true(p.d.rows[i].self[1] - p.d.rows[i].self[0] >= 100);
		}
	assert_true(found);
	sums_check(&p.d);
	pair_open(&back, other, base, NULL);
	assert_int_equal(back.d.removed, 1);
	assert_int_equal(back.d.added, 0);
	pair_close(&back);
	pair_close(&p);
}

static void a_tick_more_is_found(void **state)
{
	struct verdict v;
	struct error why = { 0 };
	struct pair p;

	(void)state;
	trace_make(base, (struct extra){ .calls = 2 });
	trace_make(other, (struct extra){ .calls = 2, .slower = 1 });
	pair_open(&p, base, other, NULL);
	assert_true(p.d.same);
	assert_false(p.d.equal);
	assert_int_equal(p.d.rows[0].nr, 110);
	assert_int_equal(p.d.rows[0].self[1] - p.d.rows[0].self[0], 2);
	p.a.exact = p.b.exact = true;
	assert_int_equal(verdict_parse(&v, "kernel > 1, kernel > 2, getppid.kernel > +50%", &why),
			 0);
	assert_int_equal(verdict_judge(&v, &p.d, &why), 0);
	assert_int_equal(v.rule[0].outcome, RULE_BROKEN);
	assert_int_equal(v.rule[1].outcome, RULE_KEPT);
	assert_int_equal(v.rule[2].outcome, RULE_KEPT);
	assert_int_equal(
		verdict_parse(&v, "each > 0, each > +0% and 1, each > +0.1% and 0.5", &why), 0);
	assert_int_equal(verdict_judge(&v, &p.d, &why), 0);
	assert_int_equal(v.rule[0].outcome, RULE_BROKEN);
	assert_int_equal(v.rule[1].outcome, RULE_KEPT);
	assert_int_equal(v.rule[2].outcome, RULE_BROKEN);
	assert_non_null(strstr(v.rule[2].because, "getppid in "));
	p.b.exact = false;
	assert_int_equal(verdict_parse(&v,
				       "instructions > 0, getppid.kernel > 0, elapsed > 0,"
				       " dearer > 0, calls > 0",
				       &why),
			 0);
	assert_int_equal(verdict_judge(&v, &p.d, &why), 0);
	assert_int_equal(v.unknown, 4);
	assert_int_equal(v.rule[4].outcome, RULE_KEPT);
	pair_close(&p);
}

static void another_result_is_found_and_can_be_ignored(void **state)
{
	struct ignore ignore = { 0 };
	struct verdict v;
	struct error why = { 0 };
	struct pair p;

	(void)state;
	trace_make(base, (struct extra){ .calls = 2, .result = 5 });
	trace_make(other, (struct extra){ .calls = 2, .result = -2 });
	pair_open(&p, base, other, NULL);
	assert_int_equal(p.d.changed, 2);
	assert_int_equal(verdict_parse(&v, "new ENOENT, new EPERM", &why), 0);
	assert_int_equal(verdict_judge(&v, &p.d, &why), 0);
	assert_int_equal(v.broken, 1);
	assert_true(v.rule[0].outcome == RULE_BROKEN || p.d.error_count > 1);
	pair_close(&p);
	assert_int_equal(ignore_parse(&ignore, "# why\ncall getppid # noise\n", "test", &why), 0);
	pair_open(&p, base, other, &ignore);
	assert_true(p.d.same);
	pair_close(&p);
}

enum { THREADS = 9, FIRST_TID = 100 };

/* Threads one after the other, each with calls of its own; of one of them a call more, or
 * one that is answered or paid otherwise. */
static void threads_make(const char *path, unsigned which, struct extra x)
{
	static struct synthetic s;

	unlink(path);
	assert_true(synthetic_open(&s, path, 1));
	synthetic_tale(&s, 100);
	for (unsigned i = 0; i < THREADS; i++) {
		const uint32_t tid = FIRST_TID + i, now = s.cpu[0].tid;

		SYNTHETIC_TAIL(&s, 0, thread_create, "t", 2, .tid = tid, .pid = tid, .parent = now);
		SYNTHETIC_EMIT(&s, 0, context_switch, .prev = now, .next = tid,
			       .reason = SWITCH_BLOCK, .wait = WAIT_NONE);
		calls_tell(&s, (struct extra){ .calls = 20 + i });
		calls_tell(&s, i == which ? x : (struct extra){ .calls = 2 });
		calls_tell(&s, (struct extra){ .calls = 20 });
	}
	assert_true(synthetic_close(&s, true, 0));
}

static uint64_t row_sum(const struct diff *d, int what)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < d->row_count; i++) {
		const struct diff_row *r = &d->rows[i];
		const uint64_t of[] = { r->count[0],
					r->count[1],
					(uint64_t)r->self[0],
					(uint64_t)r->self[1],
					(uint64_t)r->waited[0],
					(uint64_t)r->waited[1],
					r->removed,
					r->added,
					r->changed };

		sum += of[what] * (i + 1);
	}
	return sum;
}

/* With the hashes of one side spoilt every item is looked at; that must change nothing. */
static void hashes_change_nothing(const char *a, const char *b)
{
	struct error why = { 0 };
	struct diff slow;
	struct pair p;

	pair_open(&p, a, b, NULL);
	for (uint32_t i = 0; i < p.b.all.count; i++)
		p.b.all.roles[i]->structure ^= 1;
	assert_int_equal(diff_make(&slow, &p.a, &p.b, NULL, &why), 0);
	assert_int_equal(slow.removed, p.d.removed);
	assert_int_equal(slow.added, p.d.added);
	assert_int_equal(slow.changed, p.d.changed);
	assert_int_equal(slow.thread_count, p.d.thread_count);
	assert_int_equal(slow.row_count, p.d.row_count);
	for (uint32_t i = 0; i < slow.thread_count; i++)
		assert_memory_equal(&slow.threads[i].first, &p.d.threads[i].first,
				    sizeof(struct divergence));
	for (int what = 0; what < 9; what++)
		assert_int_equal(row_sum(&slow, what), row_sum(&p.d, what));
	diff_free(&slow);
	pair_close(&p);
}

/* The first, the last, and one between. */
static void what_differs_in_any_thread_is_found(void **state)
{
	static const struct extra changes[] = { { .calls = 3 },
						{ .calls = 1 },
						{ .calls = 2, .result = -2 },
						{ .calls = 2, .slower = 1 } };
	struct pair p;

	(void)state;
	threads_make(base, THREADS, (struct extra){ 0 });
	for (unsigned which = 0; which < THREADS; which += THREADS / 2) {
		for (unsigned i = 0; i < 4; i++) {
			threads_make(other, which, changes[i]);
			pair_open(&p, base, other, NULL);
			assert_int_equal(p.d.added, i == 0);
			assert_int_equal(p.d.removed, i == 1);
			assert_int_equal(p.d.changed, i == 2 ? 2 : 0);
			assert_false(p.d.equal);
			for (uint32_t t = 0; t < p.d.thread_count; t++)
				assert_int_equal(p.d.threads[t].first.any,
						 i < 3 && p.d.threads[t].a->tid ==
								  FIRST_TID + which);
			sums_check(&p.d);
			pair_close(&p);
			hashes_change_nothing(base, other);
		}
	}
}

static void a_baseline_says_the_same(void **state)
{
	static const char saved[] = "tracer_diff_test.baseline";
	struct error why = { 0 };
	struct pair p, text;

	(void)state;
	trace_make(base, (struct extra){ .calls = 3 });
	trace_make(other, (struct extra){ .calls = 5, .slower = 7 });
	pair_open(&p, base, other, NULL);
	assert_int_equal(side_save(&p.a, saved, &why), 0);
	pair_open(&text, saved, other, NULL);
	assert_int_equal(text.d.added, p.d.added);
	assert_int_equal(text.a.all.structure, p.a.all.structure);
	assert_int_equal(text.a.all.spent, p.a.all.spent);
	assert_int_equal(text.d.row_count, p.d.row_count);
	for (uint32_t i = 0; i < p.d.row_count; i++)
		assert_memory_equal(&text.d.rows[i], &p.d.rows[i], sizeof(p.d.rows[i]));
	pair_close(&text);
	pair_close(&p);
}

static void rules_that_are_none(void **state)
{
	static const char *const bad[] = { "calls",
					   "calls > x",
					   "calls > -1",
					   "nosuch > 1",
					   "read.faults > 1",
					   "nosuch.calls > 1",
					   "calls > 1 and 2",
					   "calls > 1% and",
					   "calls > 1% and -1",
					   "new",
					   "new EFOO",
					   "calls > 1%%",
					   "calls > nan" };
	struct ignore ignore = { 0 };
	struct verdict v;
	struct error why;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		why.status = 0;
		assert_int_equal(verdict_parse(&v, bad[i], &why), 2);
		assert_int_equal(why.status, 2);
	}
	assert_int_equal(ignore_parse(&ignore, "call nosuch", "test", &why), 2);
	assert_int_equal(ignore_parse(&ignore, "calls read", "test", &why), 2);
	assert_int_equal(ignore_parse(&ignore, "call read of", "test", &why), 2);
	assert_int_equal(ignore_parse(&ignore, "fault demand_zero\nsignal SIGCHLD\nprogram sh\n",
				      "test", &why),
			 0);
	assert_int_equal(ignore.count, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_itself_nothing),
		cmocka_unit_test(the_other_way_round_is_the_mirror),
		cmocka_unit_test(one_more_call_is_one_difference),
		cmocka_unit_test(a_tick_more_is_found),
		cmocka_unit_test(another_result_is_found_and_can_be_ignored),
		cmocka_unit_test(a_baseline_says_the_same),
		cmocka_unit_test(what_differs_in_any_thread_is_found),
		cmocka_unit_test(rules_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
