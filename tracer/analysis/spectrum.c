#include "tracer/analysis/spectrum.h"

#include <stdlib.h>

unsigned spectrum_band(int64_t ns)
{
	return ns < 2 ? 0 : 63u - (unsigned)__builtin_clzll((unsigned long long)ns);
}

bool spectrum_add(struct spectrum *s, int64_t part, int64_t whole, int64_t duration)
{
	uint32_t **band = &s->band[spectrum_band(duration)];

	if (!*band)
		*band = calloc(SPECTRUM_COLUMNS, sizeof(**band));
	if (!*band)
		return false;
	(*band)[(unsigned)((__int128)part * SPECTRUM_COLUMNS / whole)]++;
	return true;
}

uint64_t spectrum_sum(const struct spectrum *s, unsigned from, unsigned to, unsigned low,
		      unsigned high)
{
	uint64_t sum = 0;

	for (unsigned band = low; band < high && band < SPECTRUM_BANDS; band++)
		for (unsigned at = from; s->band[band] && at < to && at < SPECTRUM_COLUMNS; at++)
			sum += s->band[band][at];
	return sum;
}

void spectrum_free(struct spectrum *s)
{
	for (unsigned band = 0; band < SPECTRUM_BANDS; band++)
		free(s->band[band]);
	*s = (struct spectrum){ 0 };
}
