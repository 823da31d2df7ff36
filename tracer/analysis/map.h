/* Numbers by 64-bit keys that are hashes already (hash.h). */
#ifndef TRACER_ANALYSIS_MAP_H
#define TRACER_ANALYSIS_MAP_H

#include <stdint.h>

struct map_slot {
	uint64_t key;
	uint32_t value;
	uint32_t used;
};

struct map {
	struct map_slot *slots; /* zeroes at first */
	uint32_t size, count;
};

/* The value of a key, 0 for a new one, until the next call.  NULL without memory. */
uint32_t *map_at(struct map *m, uint64_t key);
void map_free(struct map *m);

#endif
