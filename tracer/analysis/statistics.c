#include "tracer/analysis/statistics.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXACT_SAMPLES 40 /* in all; the number of ways fits a double exactly */
#define RESAMPLES     2000
#define LOW           50 /* of the resamples, in order: 2.5 % are below */
#define HIGH          (RESAMPLES - 1 - LOW)

static int by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double statistics_median(double *values, unsigned count)
{
	if (!count)
		return 0;
	qsort(values, count, sizeof(*values), by_value);
	return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

/* --- Ranks ------------------------------------------------------------------------ */

struct ranks {
	unsigned count;
	unsigned twice[2 * STATISTICS_SAMPLES]; /* the rank of each value in order, doubled:
						 * equal values share the middle one */
	unsigned sum;                           /* of those of b */
	double ties;                            /* sum of t^3 - t over groups of t equals */
};

static unsigned count_of(const double *values, unsigned count, double value)
{
	unsigned n = 0;

	for (unsigned i = 0; i < count; i++)
		n += values[i] == value;
	return n;
}

/* False: no memory. */
static int ranks_make(struct ranks *r, const double *a, unsigned n, const double *b, unsigned m)
{
	double *all = malloc((n + m) * sizeof(*all));

	if (!all)
		return 0;
	memcpy(all, a, n * sizeof(*a));
	memcpy(all + n, b, m * sizeof(*b));
	qsort(all, n + m, sizeof(*all), by_value);
	*r = (struct ranks){ .count = n + m };
	for (unsigned i = 0, end; i < n + m; i = end) {
		double t;

		for (end = i + 1; end < n + m && all[end] == all[i]; end++)
			;
		t = end - i;
		r->ties += t * t * t - t;
		for (unsigned at = i; at < end; at++)
			r->twice[at] = i + end + 1;
		r->sum += count_of(b, m, all[i]) * (i + end + 1);
	}
	free(all);
	return 1;
}

/* Of all ways to choose m of the ranks, the part whose sum is at least r->sum. */
static double above_exact(const struct ranks *r, unsigned m)
{
	const unsigned sums = 2 * r->count * m + 1;
	double *ways = calloc((size_t)(m + 1) * sums, sizeof(*ways)); /* by how many, by sum */
	double all = 0, above = 0;

	if (!ways)
		return 1;
	ways[0] = 1;
	for (unsigned i = 0; i < r->count; i++)
		for (unsigned taken = m; taken > 0; taken--)
			for (unsigned sum = r->twice[i]; sum < sums; sum++)
				ways[taken * sums + sum] +=
					ways[(taken - 1) * sums + sum - r->twice[i]];
	for (unsigned sum = 0; sum < sums; sum++) {
		all += ways[m * sums + sum];
		above += sum >= r->sum ? ways[m * sums + sum] : 0;
	}
	free(ways);
	return above / all;
}

static double above_normal(const struct ranks *r, unsigned n, unsigned m)
{
	const double all = r->count;
	const double u = r->sum / 2.0 - m * (m + 1.0) / 2;
	const double spread = n * (double)m / 12 * (all + 1 - r->ties / (all * (all - 1)));

	if (spread <= 0)
		return 1;
	return erfc((u - n * (double)m / 2 - 0.5) / sqrt(2 * spread)) / 2;
}

double statistics_above(const double *a, unsigned n, const double *b, unsigned m)
{
	struct ranks *r;
	double p = 1;

	if (!n || !m || n > STATISTICS_SAMPLES || m > STATISTICS_SAMPLES)
		return 1;
	r = malloc(sizeof(*r));
	if (r && ranks_make(r, a, n, b, m))
		p = r->count <= EXACT_SAMPLES ? above_exact(r, m) : above_normal(r, n, m);
	free(r);
	return p < 1 ? p : 1;
}

double statistics_above_least(unsigned n, unsigned m)
{
	double ways = 1;

	for (unsigned i = 1; i <= n; i++)
		ways = ways * (m + i) / i;
	return 1 / ways;
}

/* --- Intervals -------------------------------------------------------------------- */

/* xorshift64* of Vigna (ACM Transactions on Mathematical Software 42, 2016). */
static uint64_t random_next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dull;
}

static double resampled_median(const double *values, unsigned count, double *room, uint64_t *state)
{
	for (unsigned i = 0; i < count; i++)
		room[i] = values[(random_next(state) >> 32) * count >> 32];
	return statistics_median(room, count);
}

void statistics_interval(const double *a, unsigned n, const double *b, unsigned m,
			 double low_high[2])
{
	double *room = malloc((RESAMPLES + (size_t)n + m) * sizeof(*room));
	double *growth = room;
	uint64_t state = 1;

	low_high[0] = -INFINITY;
	low_high[1] = INFINITY;
	if (!room || !n || !m) {
		free(room);
		return;
	}
	for (unsigned i = 0; i < RESAMPLES; i++) {
		const double was = resampled_median(a, n, room + RESAMPLES, &state);

		growth[i] = resampled_median(b, m, room + RESAMPLES, &state) - was;
	}
	qsort(growth, RESAMPLES, sizeof(*growth), by_value);
	low_high[0] = growth[LOW];
	low_high[1] = growth[HIGH];
	free(room);
}

/* --- Many tests ------------------------------------------------------------------- */

struct test {
	double p;
	unsigned index;
};

static int by_p(const void *a, const void *b)
{
	const struct test *x = a, *y = b;

	return x->p != y->p ? (x->p > y->p) - (x->p < y->p)
			    : (x->index > y->index) - (x->index < y->index);
}

int statistics_holm(double *p, unsigned count)
{
	struct test *tests = malloc(((size_t)count + 1) * sizeof(*tests));
	double least = 0;

	if (!tests)
		return -1;
	for (unsigned i = 0; i < count; i++)
		tests[i] = (struct test){ .p = p[i], .index = i };
	qsort(tests, count, sizeof(*tests), by_p);
	for (unsigned i = 0; i < count; i++) {
		least = fmax(least, fmin(1, tests[i].p * (count - i)));
		p[tests[i].index] = least;
	}
	free(tests);
	return 0;
}
