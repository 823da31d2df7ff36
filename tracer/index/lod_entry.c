#include "tracer/index/lod_entry.h"

#include <string.h>

/* First the lane and which fields follow, then those that are not 0. */
enum {
	HAS_WORST = 1 << 6,
	HAS_ERRORS = 1 << 7,
	HAS_LOST = 1 << 8,
	HAS_TIME = 1 << 9 /* << run state */
};

bool lod_entry_put(struct blob *b, const struct lod_entry *e)
{
	const struct lod_sum *s = &e->sum;
	uint64_t head = (uint64_t)e->before | (uint64_t)e->after << 3;
	bool good;

	head |= s->worst_id ? HAS_WORST : 0;
	head |= s->errors ? HAS_ERRORS : 0;
	head |= s->lost ? HAS_LOST : 0;
	for (unsigned i = 0; i < RUN_COUNT; i++)
		head |= s->time[i] ? HAS_TIME << i : 0;
	good = blob_put(b, s->lane) && blob_put(b, head) && blob_put(b, s->n) &&
	       blob_put(b, s->kinds);
	if (head & HAS_WORST)
		good = good && blob_put(b, (uint64_t)s->worst) && blob_put(b, s->worst_id);
	if (head & HAS_ERRORS)
		good = good && blob_put(b, s->errors);
	if (head & HAS_LOST)
		good = good && blob_put(b, s->lost);
	for (unsigned i = 0; i < RUN_COUNT; i++)
		if (s->time[i])
			good = good && blob_put(b, (uint64_t)s->time[i]);
	return good;
}

/* A number of at most max. */
static bool get(const struct blob *b, size_t *at, uint64_t *value, uint64_t max)
{
	return blob_get(b->data, b->size, at, value) && *value <= max;
}

bool lod_entry_get(const struct blob *b, size_t *at, struct lod_entry *e)
{
	struct lod_sum *s = &e->sum;
	uint64_t lane, head, value;

	memset(e, 0, sizeof(*e));
	if (!get(b, at, &lane, UINT32_MAX) || !get(b, at, &head, (HAS_TIME << RUN_COUNT) - 1) ||
	    !get(b, at, &s->n, UINT64_MAX) || !get(b, at, &s->kinds, UINT64_MAX))
		return false;
	s->lane = (uint32_t)lane;
	e->before = head & 7;
	e->after = head >> 3 & 7;
	if (head & HAS_WORST) {
		if (!get(b, at, &value, INT64_MAX) || !get(b, at, &s->worst_id, INT64_MAX))
			return false;
		s->worst = (int64_t)value;
	}
	if (head & HAS_ERRORS && !get(b, at, &s->errors, UINT64_MAX))
		return false;
	if (head & HAS_LOST && !get(b, at, &s->lost, UINT64_MAX))
		return false;
	for (unsigned i = 0; i < RUN_COUNT; i++) {
		if (!(head & (uint64_t)HAS_TIME << i))
			continue;
		if (!get(b, at, &value, INT64_MAX / RUN_COUNT))
			return false;
		s->time[i] = (int64_t)value;
	}
	return true;
}
