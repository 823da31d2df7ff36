#include "tracer/analysis/households.h"

#include <stdlib.h>

#include "tracer/analysis/hash.h"

struct household *household_find(struct households *all, uint32_t pid)
{
	const uint32_t *place = map_at(&all->by_pid, hash_near(pid));

	return place && *place ? all->list[*place - 1] : NULL;
}

struct household *household_get(struct households *all, uint32_t pid)
{
	struct household *h = household_find(all, pid), **larger;
	uint32_t *place = map_at(&all->by_pid, hash_near(pid));

	if (h || !place)
		return h;
	if (all->count == all->size) {
		const uint32_t size = all->size ? all->size * 2 : 64;

		larger = realloc(all->list, size * sizeof(struct household *));
		if (!larger)
			return NULL;
		all->list = larger;
		all->size = size;
	}
	h = calloc(1, sizeof(*h));
	if (!h)
		return NULL;
	h->pid = pid;
	all->list[all->count] = h;
	*place = ++all->count;
	return h;
}

void household_leave(struct households *all, struct household *h)
{
	uint32_t *place = map_at(&all->by_pid, hash_near(h->pid));

	if (--h->alive || !place || !*place)
		return;
	all->list[*place - 1] = NULL;
	*place = 0;
	descriptors_free(&h->descriptors);
	free(h);
}

void household_clear(struct household *h)
{
	descriptors_free(&h->descriptors);
	h->threads = 0;
}

void households_free(struct households *all)
{
	for (uint32_t i = 0; i < all->count; i++) {
		if (all->list[i])
			descriptors_free(&all->list[i]->descriptors);
		free(all->list[i]);
	}
	free(all->list);
	map_free(&all->by_pid);
}
