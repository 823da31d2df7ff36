#include "tracer/analysis/slab.h"

#include <stdint.h>
#include <stdlib.h>

struct slab {
	struct slab *before;
	size_t used;
	_Alignas(max_align_t) uint8_t bytes[SLAB_BYTES];
};

void *slab_take(struct slab **latest, size_t size)
{
	struct slab *s = *latest;

	size = (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
	if (size > sizeof(s->bytes))
		return NULL;
	if (!s || sizeof(s->bytes) - s->used < size) {
		s = malloc(sizeof(*s));
		if (!s)
			return NULL;
		s->before = *latest;
		s->used = 0;
		*latest = s;
	}
	s->used += size;
	return s->bytes + s->used - size;
}

void slabs_free(struct slab *latest)
{
	while (latest) {
		struct slab *s = latest;

		latest = s->before;
		free(s);
	}
}
