/* What can be said of two small samples without knowing how they are distributed.
 *
 * Samples are in any order and are not changed, but for those of statistics_median. */
#ifndef TRACER_ANALYSIS_STATISTICS_H
#define TRACER_ANALYSIS_STATISTICS_H

#define STATISTICS_SAMPLES 1000 /* of one side, at most */

/* Sorts. */
double statistics_median(double *values, unsigned count);

/* How likely b would be this much above a, or more, if both came from one distribution:
 * the one-sided Mann-Whitney test (Mann and Whitney, Annals of Mathematical Statistics
 * 18, 1947).  Up to 40 samples in all the exact distribution of the rank sum, ties
 * included; beyond, its normal approximation with the correction for ties (Lehmann,
 * Nonparametrics, 1975).  1 without memory. */
double statistics_above(const double *a, unsigned n, const double *b, unsigned m);
/* The least that statistics_above can give for so many samples. */
double statistics_above_least(unsigned n, unsigned m);

/* An interval that holds median(b) - median(a) with a probability of about 95 %, from
 * 2,000 resamples of each side (percentile bootstrap; Efron and Tibshirani, An
 * Introduction to the Bootstrap, 1993).  The same samples give the same interval. */
void statistics_interval(const double *a, unsigned n, const double *b, unsigned m,
			 double low_high[2]);

/* Make p values of count tests done at once comparable with the level of one: Holm's
 * step-down method (Scandinavian Journal of Statistics 6, 1979), which keeps the chance
 * of any false alarm at that level.  Order stays.  -1 without memory. */
int statistics_holm(double *p, unsigned count);

#endif
