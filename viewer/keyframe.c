#include "viewer/keyframe.h"

#include <string.h>

void keyframes_init(struct keyframes *keys)
{
	memset(keys, 0, sizeof(*keys));
	keys->step = KEYFRAME_STEP;
}

void keyframes_free(struct keyframes *keys)
{
	for (unsigned i = 0; i < KEYFRAME_LIMIT; i++)
		model_free(&keys->models[i]);
	keyframes_init(keys);
}

/* Keep models[1], [3], ...: they stand at multiples of twice the step. */
static void keyframes_thin(struct keyframes *keys)
{
	for (unsigned i = 0; i < KEYFRAME_LIMIT / 2; i++) {
		struct model spare = keys->models[i];

		keys->models[i] = keys->models[2 * i + 1];
		keys->models[2 * i + 1] = spare;
	}
	keys->count = KEYFRAME_LIMIT / 2;
	keys->step *= 2;
	for (unsigned i = keys->count; i < KEYFRAME_LIMIT; i++)
		model_free(&keys->models[i]);
}

void keyframes_offer(struct keyframes *keys, const struct model *m)
{
	if (keys->count == KEYFRAME_LIMIT)
		keyframes_thin(keys);
	if (m->id == (keys->count + 1) * keys->step && model_copy(&keys->models[keys->count], m))
		keys->count++;
}

const struct model *keyframes_before(const struct keyframes *keys, uint64_t id)
{
	uint64_t kept = id / keys->step;

	if (kept > keys->count)
		kept = keys->count;
	return kept == 0 ? NULL : &keys->models[kept - 1];
}
