#include "tracer/analysis/digest.h"

#include <stdlib.h>

#include "tracer/analysis/hash.h"
#include "tracer/tables/timeline.h"

int digest_make(uint64_t *out, sqlite3 *db, struct error *why)
{
	struct timeline_event *next = malloc(sizeof(*next));
	struct timeline *t = NULL;
	uint64_t hash = HASH_START;
	int status, more = 0;

	if (!next)
		return error_set(why, 2, "cannot read the trace: out of memory");
	status = timeline_open(&t, db, NULL, NULL, why);
	while (!status && (more = timeline_next(t, next, why)) > 0) {
		const struct event *e = &next->e;

		hash = hash_number(hash, (uint64_t)e->time);
		hash = hash_number(hash, (uint64_t)e->kind << 48 | (uint64_t)e->cpu << 32 | e->tid);
		for (unsigned i = 0; i < e->words; i++)
			hash = hash_number(hash, e->payload[i]);
	}
	timeline_close(t);
	free(next);
	*out = hash;
	return status ? status : more < 0 ? 2 : 0;
}
