/* Alignment: it is a script from a to b, as short as the longest common subsequence
 * allows where that is affordable, and cheap on long similar sequences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tracer/analysis/align.h"

static uint64_t seed = 1;

static uint32_t chance(uint32_t below)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(seed >> 33) % below;
}

/* The runs lead from a to b without gaps and say what is true. */
static void script_check(const struct align *s, const uint64_t *a, uint32_t n, const uint64_t *b,
			 uint32_t m)
{
	uint32_t at_a = 0, at_b = 0, same = 0;

	for (size_t i = 0; i < s->count; i++) {
		const struct align_run *r = &s->runs[i];

		assert_true(r->count > 0);
		assert_int_equal(r->a, at_a);
		assert_int_equal(r->b, at_b);
		assert_true(i == 0 || s->runs[i - 1].kind != r->kind);
		if (r->kind == ALIGN_SAME) {
			assert_memory_equal(a + at_a, b + at_b, r->count * sizeof(*a));
			same += r->count;
		}
		at_a += r->kind == ALIGN_ADDED ? 0 : r->count;
		at_b += r->kind == ALIGN_REMOVED ? 0 : r->count;
	}
	assert_int_equal(at_a, n);
	assert_int_equal(at_b, m);
	assert_int_equal(same, s->same);
	assert_int_equal(s->same + s->removed, n);
	assert_int_equal(s->same + s->added, m);
}

/* Length of the longest common subsequence, the slow and certain way. */
static uint32_t common(const uint64_t *a, uint32_t n, const uint64_t *b, uint32_t m)
{
	static uint32_t table[64][64];

	for (uint32_t i = 0; i <= n; i++)
		for (uint32_t j = 0; j <= m; j++)
			table[i][j] = !i || !j                            ? 0
				      : a[i - 1] == b[j - 1]              ? table[i - 1][j - 1] + 1
				      : table[i - 1][j] > table[i][j - 1] ? table[i - 1][j]
									  : table[i][j - 1];
	return table[n][m];
}

static void any_two_sequences(void **state)
{
	uint64_t a[63], b[63];

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		const uint32_t n = chance(40), m = chance(40), letters = 1 + chance(12);
		struct align s;

		for (uint32_t i = 0; i < n; i++)
			a[i] = chance(letters);
		for (uint32_t i = 0; i < m; i++)
			b[i] = chance(letters);
		assert_int_equal(align_keys(&s, a, n, b, m), 0);
		script_check(&s, a, n, b, m);
		/* Without keys that occur once it is Myers alone, and the shortest. */
		if (letters <= 2)
			assert_true(s.same <= common(a, n, b, m));
		align_free(&s);
	}
}

static void shortest_without_anchors(void **state)
{
	uint64_t a[40], b[41];

	(void)state;
	for (unsigned round = 0; round < 2000; round++) {
		const uint32_t n = 20 + chance(20), m = 20 + chance(20);
		struct align s;

		for (uint32_t i = 0; i < n; i++)
			a[i] = chance(3);
		for (uint32_t i = 0; i < m; i++)
			b[i] = chance(3);
		/* Each letter twice at both ends of both: none is an anchor. */
		for (uint32_t i = 0; i < 6; i++) {
			a[i] = i / 2;
			b[i] = 2 - i / 2;
			a[n - 6 + i] = i / 2;
			b[m - 6 + i] = 2 - i / 2;
		}
		assert_int_equal(align_keys(&s, a, n, b, m), 0);
		script_check(&s, a, n, b, m);
		assert_int_equal(s.same, common(a, n, b, m));
		align_free(&s);
	}
}

static void equal_is_one_run(void **state)
{
	const uint64_t a[] = { 5, 5, 6, 7, 5 };
	struct align s;

	(void)state;
	assert_int_equal(align_keys(&s, a, 5, a, 5), 0);
	assert_int_equal(s.count, 1);
	assert_int_equal(s.same, 5);
	align_free(&s);
	assert_int_equal(align_keys(&s, a, 0, a, 0), 0);
	assert_int_equal(s.count, 0);
	align_free(&s);
}

/* A loop of the same few keys, changed at far-apart places. */
static void long_loops_with_few_changes(void **state)
{
	const uint32_t n = 300000;
	uint64_t *a = malloc(n * sizeof(*a)), *b = malloc((n + 64) * sizeof(*b));
	uint32_t m = 0, changes = 0;
	struct align s;

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	for (uint32_t i = 0; i < n; i++) {
		a[i] = i % 3;
		if (i % 50000 == 777) {
			b[m++] = 1;
			b[m++] = 1;
			changes += 2;
		}
		b[m++] = a[i];
	}
	assert_int_equal(align_keys(&s, a, n, b, m), 0);
	script_check(&s, a, n, b, m);
	assert_int_equal(s.added, changes);
	assert_int_equal(s.removed, 0);
	align_free(&s);
	free(a);
	free(b);
}

static void nothing_in_common(void **state)
{
	const uint32_t n = 5000;
	uint64_t *a = malloc(n * sizeof(*a)), *b = malloc(n * sizeof(*b));
	struct align s;

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	for (uint32_t i = 0; i < n; i++) {
		a[i] = i % 7;
		b[i] = 100 + i % 7;
	}
	assert_int_equal(align_keys(&s, a, n, b, n), 0);
	script_check(&s, a, n, b, n);
	assert_int_equal(s.same, 0);
	align_free(&s);
	free(a);
	free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_two_sequences), cmocka_unit_test(shortest_without_anchors),
		cmocka_unit_test(equal_is_one_run),  cmocka_unit_test(long_loops_with_few_changes),
		cmocka_unit_test(nothing_in_common),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
