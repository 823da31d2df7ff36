/* What is said of small samples: against values that others computed, and by trials:
 * a change that is there is found, one that is not is seldom seen. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tracer/analysis/statistics.h"
#include "tracer/analysis/trial.h"
#include "tracer/analysis/verdict.h"

static void near(double got, double wanted)
{
	if (fabs(got - wanted) > 1e-6)
		fail_msg("wanted %.8f, got %.8f", wanted, got);
}

/* The part of all ways to deal the values out to b, m of them, in which they rank as high
 * as here: by trying each one. */
static double above_by_trying(const double *a, unsigned n, const double *b, unsigned m)
{
	double all[16], rank[16], sum = 0;
	unsigned ways = 0, high = 0;

	memcpy(all, a, n * sizeof(*a));
	memcpy(all + n, b, m * sizeof(*b));
	for (unsigned i = 0; i < n + m; i++) {
		unsigned below = 0, equal = 0;

		for (unsigned k = 0; k < n + m; k++) {
			below += all[k] < all[i];
			equal += all[k] == all[i];
		}
		rank[i] = below + (equal + 1) / 2.0;
		sum += i >= n ? rank[i] : 0;
	}
	for (uint32_t set = 0; set < 1u << (n + m); set++) {
		double other = 0;

		if ((unsigned)__builtin_popcount(set) != m)
			continue;
		for (unsigned i = 0; i < n + m; i++)
			other += set >> i & 1 ? rank[i] : 0;
		ways++;
		high += other >= sum - 1e-9;
	}
	return (double)high / ways;
}

static void ranks_are_those_of_all_ways(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 40; round++) {
		double a[7], b[7];
		const unsigned n = 1 + round % 7, m = 1 + round / 6;

		for (unsigned i = 0; i < n; i++)
			a[i] = (double)(random() % 9);
		for (unsigned i = 0; i < m; i++)
			b[i] = (double)(random() % 9);
		near(statistics_above(a, n, b, m), above_by_trying(a, n, b, m));
	}
	near(statistics_above_least(5, 5), 1.0 / 252);
	near(statistics_above_least(3, 2), 0.1);
}

/* Beyond what is enumerated: as near as a normal distribution is. */
static void many_samples_are_approximated(void **state)
{
	double a[21], b[21], first[20], second[20];

	(void)state;
	for (unsigned i = 0; i < 21; i++) {
		a[i] = i;
		b[i] = i + 3.5;
	}
	memcpy(first, a, sizeof(first));
	memcpy(second, b, sizeof(second));
	assert_true(fabs(statistics_above(a, 21, b, 21) - statistics_above(first, 20, second, 20)) <
		    0.01);
	assert_true(statistics_above(b, 21, a, 21) > 0.9);
}

static void intervals_hold_the_difference(void **state)
{
	unsigned held = 0;

	(void)state;
	for (unsigned round = 0; round < 200; round++) {
		double a[15], b[15], interval[2];

		for (unsigned i = 0; i < 15; i++) {
			a[i] = (double)(random() % 1000);
			b[i] = 300 + (double)(random() % 1000);
		}
		statistics_interval(a, 15, b, 15, interval);
		assert_true(interval[0] <= interval[1]);
		held += interval[0] <= 300 && 300 <= interval[1];
	}
	assert_true(held > 180);
}

static void holm_is_as_published(void **state)
{
	double p[] = { 0.01, 0.04, 0.03, 0.005 };

	(void)state;
	assert_int_equal(statistics_holm(p, 4), 0);
	near(p[0], 0.03);
	near(p[1], 0.06);
	near(p[2], 0.06);
	near(p[3], 0.02);
}

/* --- Trials ----------------------------------------------------------------------- */

#define CALLS 12  /* kinds of calls of the program */
#define TIMES 100 /* of each, in a run */
#define RUNS  10  /* a side */

/* From 0 to 1, and the sum of twelve less 6, which is nearly normal. */
static double uniform(void)
{
	return (double)random() / 2147483648.0;
}

static double normal(void)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += uniform();
	return sum;
}

struct plan {
	double slower;  /* of call 3, as a factor */
	double alike;   /* of all calls */
	unsigned extra; /* calls of number 5 */
};

/* A run on a host that is now faster, now slower, and interrupts some calls. */
static void run_make(struct side *s, const struct plan *plan, bool candidate)
{
	const double pace = (1 + 0.1 * uniform()) * (candidate ? plan->alike : 1);
	struct role *r;

	*s = (struct side){ .path = "run", .complete = true };
	r = sequences_role(&s->all);
	assert_non_null(r);
	snprintf(r->program, sizeof(r->program), "program");
	for (unsigned nr = 0; nr < CALLS; nr++)
		for (unsigned i = 0; i < TIMES + (candidate && nr == 5 ? plan->extra : 0); i++) {
			double cost = (500 + 300 * nr) * pace * (1 + 0.03 * normal());

			cost *= candidate && nr == 3 ? plan->slower : 1;
			cost += random() % 20 ? 0 : 5000;
			assert_int_equal(role_item(r, &(struct item){ .kind = ITEM_CALL,
								      .nr = (uint16_t)nr,
								      .key = nr,
								      .self = (int64_t)cost }),
					 0);
		}
	s->all.totals.calls = r->count;
	s->all.totals.cost.calls = (int64_t)(1e6 * pace);
}

static void trial_make(struct trial *t, const struct plan *plan, unsigned runs)
{
	struct error why = { 0 };
	struct side s;

	assert_int_equal(trial_init(t, runs, runs), 0);
	for (unsigned run = 0; run < runs; run++)
		for (int side = 0; side < 2; side++) {
			run_make(&s, plan, side);
			trial_add(t, side, &s, 0);
			sequences_free(&s.all);
		}
	assert_int_equal(trial_judge(t, true, &why), 0);
}

static const struct trial_row *row_of(const struct trial *t, unsigned nr)
{
	for (uint32_t i = 0; i < t->row_count; i++)
		if (t->rows[i].nr == nr)
			return &t->rows[i];
	fail();
	return NULL;
}

/* The figures of `ringscope diff --help`, with trials of which each is another one. */
static void a_slowdown_is_found_and_none_is_not(void **state)
{
	const struct plan slower = { .slower = 1.05, .alike = 1 }, same = { 1, 1, 0 };
	unsigned found = 0, false_alarms = 0, others = 0;
	struct trial t;

	(void)state;
	for (unsigned round = 0; round < 20; round++) {
		trial_make(&t, &slower, RUNS);
		found += row_of(&t, 3)->dearer.outcome == TRIAL_MORE;
		others += trial_dearer(&t) > (row_of(&t, 3)->dearer.outcome == TRIAL_MORE);
		trial_free(&t);
		trial_make(&t, &same, RUNS);
		false_alarms += trial_dearer(&t) + trial_more(&t) > 0;
		trial_free(&t);
	}
	assert_true(found >= 19);
	assert_true(others <= 1);
	assert_true(false_alarms <= 1);
}

static void what_all_calls_share_is_found_apart(void **state)
{
	const struct plan plan = { .slower = 1, .alike = 1.3 };
	struct trial t;

	(void)state;
	trial_make(&t, &plan, RUNS);
	assert_int_equal(t.slower.outcome, TRIAL_MORE);
	assert_int_equal(trial_dearer(&t), 1);
	trial_free(&t);
}

static void counts_are_compared_as_well(void **state)
{
	const struct plan plan = { .slower = 1, .alike = 1, .extra = 1 };
	struct trial t;

	(void)state;
	trial_make(&t, &plan, RUNS);
	assert_int_equal(row_of(&t, 5)->more.outcome, TRIAL_MORE);
	assert_int_equal(trial_more(&t), 1);
	assert_true(row_of(&t, 4)->more.constant);
	trial_free(&t);
}

static void few_runs_cannot_tell(void **state)
{
	const struct plan plan = { .slower = 1.5, .alike = 1 };
	struct side side = { .path = "run" };
	struct diff d = { .side = { &side, &side } };
	struct error why = { 0 };
	struct verdict v;
	struct trial t;

	(void)state;
	trial_make(&t, &plan, 3);
	assert_int_equal(row_of(&t, 3)->dearer.outcome, TRIAL_UNKNOWN);
	assert_true(t.needed > 3 && t.needed < RUNS);
	d.trial = &t;
	assert_int_equal(verdict_parse(&v, VERDICT_DEFAULT_RUNS ", new errors, calls > 0", &why),
			 0);
	assert_int_equal(verdict_judge(&v, &d, &why), 0);
	assert_int_equal(v.rule[0].outcome, RULE_UNKNOWN);
	assert_int_equal(v.rule[1].outcome, RULE_KEPT);
	assert_int_equal(v.rule[2].outcome, RULE_KEPT);
	assert_int_equal(v.rule[3].outcome, RULE_KEPT);
	assert_int_equal(v.unknown, 1);
	trial_free(&t);
}

/* A limit that the growth surely exceeds, one that it surely does not, one between. */
static void a_rule_is_broken_kept_or_unknown(void **state)
{
	const struct plan plan = { .slower = 1.05, .alike = 1.2 };
	struct side side = { .path = "run" };
	struct diff d = { .side = { &side, &side } };
	struct error why = { 0 };
	struct verdict v;
	struct trial t;

	(void)state;
	trial_make(&t, &plan, RUNS);
	d.trial = &t;
	assert_int_equal(verdict_parse(&v,
				       "kernel > +5%, kernel > +40%, kernel > +20%, calls > 0,"
				       " dearer > 5, instructions > 0",
				       &why),
			 0);
	assert_int_equal(verdict_judge(&v, &d, &why), 0);
	assert_int_equal(v.rule[0].outcome, RULE_BROKEN);
	assert_int_equal(v.rule[1].outcome, RULE_KEPT);
	assert_int_equal(v.rule[2].outcome, RULE_UNKNOWN);
	assert_int_equal(v.rule[3].outcome, RULE_KEPT);
	assert_int_equal(v.rule[4].outcome, RULE_KEPT);
	assert_int_equal(v.rule[5].outcome, RULE_UNKNOWN);
	trial_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranks_are_those_of_all_ways),
		cmocka_unit_test(many_samples_are_approximated),
		cmocka_unit_test(intervals_hold_the_difference),
		cmocka_unit_test(holm_is_as_published),
		cmocka_unit_test(a_slowdown_is_found_and_none_is_not),
		cmocka_unit_test(what_all_calls_share_is_found_apart),
		cmocka_unit_test(counts_are_compared_as_well),
		cmocka_unit_test(few_runs_cannot_tell),
		cmocka_unit_test(a_rule_is_broken_kept_or_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
