/* Durations over time, as counts: columns are equal parts of a stretch of time, bands are
 * powers of two of ns. */
#ifndef TRACER_ANALYSIS_SPECTRUM_H
#define TRACER_ANALYSIS_SPECTRUM_H

#include <stdbool.h>
#include <stdint.h>

#define SPECTRUM_COLUMNS 160
#define SPECTRUM_BANDS   63

struct spectrum {
	uint32_t *band[SPECTRUM_BANDS]; /* SPECTRUM_COLUMNS counts; NULL: all are 0 */
};

/* The band of a duration: it is from 2^band on; band 0 also holds 0. */
unsigned spectrum_band(int64_t ns);
/* Count a duration that began at part / whole of the time, 0 <= part < whole.  False: no
 * memory. */
bool spectrum_add(struct spectrum *s, int64_t part, int64_t whole, int64_t duration);
/* How many began in columns from..to - 1 and are in bands low..high - 1. */
uint64_t spectrum_sum(const struct spectrum *s, unsigned from, unsigned to, unsigned low,
		      unsigned high);
void spectrum_free(struct spectrum *s);

#endif
