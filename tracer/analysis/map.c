#include "tracer/analysis/map.h"

#include <stdlib.h>

/* Where a key is, or would be; a quarter of the slots at least are free. */
static struct map_slot *slot_find(struct map *m, uint64_t key)
{
	uint32_t at = (uint32_t)key & (m->size - 1);

	while (m->slots[at].used && m->slots[at].key != key)
		at = (at + 1) & (m->size - 1);
	return &m->slots[at];
}

static int map_grow(struct map *m)
{
	struct map old = *m;

	m->size = old.size ? old.size * 2 : 64;
	m->slots = m->size ? calloc(m->size, sizeof(*m->slots)) : NULL;
	if (!m->slots) {
		*m = old;
		return -1;
	}
	for (uint32_t i = 0; i < old.size; i++)
		if (old.slots[i].used)
			*slot_find(m, old.slots[i].key) = old.slots[i];
	free(old.slots);
	return 0;
}

uint32_t *map_at(struct map *m, uint64_t key)
{
	struct map_slot *slot;

	if (m->count >= m->size / 4 * 3 && map_grow(m))
		return NULL;
	slot = slot_find(m, key);
	m->count += !slot->used;
	slot->used = 1;
	slot->key = key;
	return &slot->value;
}

void map_free(struct map *m)
{
	free(m->slots);
	*m = (struct map){ 0 };
}
