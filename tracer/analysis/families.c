#include "tracer/analysis/families.h"

#include <stdlib.h>

#include "tracer/analysis/hash.h"
#include "tracer/analysis/map.h"

static int by_birth(const void *a, const void *b)
{
	const struct role *x = *(struct role *const *)a, *y = *(struct role *const *)b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return (x->tid > y->tid) - (x->tid < y->tid);
}

/* They are but where CPUs make threads at once. */
static bool births_ordered(const struct sequences *s)
{
	for (uint32_t i = 1; i < s->count; i++)
		if (by_birth(&s->roles[i - 1], &s->roles[i]) > 0)
			return false;
	return true;
}

/* What is counted on the way from the first role to the last. */
struct births {
	struct map latest;   /* by tid: index + 1 of the latest of that number */
	struct map programs; /* by program: processes so far */
	struct map siblings; /* by maker and program: the same */
};

/* Count one; how many there were before.  False: no memory. */
static bool births_count(struct map *m, uint64_t key, uint32_t *before)
{
	uint32_t *count = map_at(m, key);

	if (count)
		*before = (*count)++;
	return count;
}

/* A process's family: its maker's, its program, how many of that program its maker
 * made before.  A thread's: its process's and its number in it. */
static bool family_set(struct sequences *s, struct births *b, uint32_t index)
{
	struct role *r = s->roles[index];
	const bool thread = r->tid != r->pid;
	const uint64_t program = hash_text(HASH_START, r->program);
	uint32_t *up = map_at(&b->latest, hash_near(thread ? r->pid : r->parent));
	const struct role *maker = up && *up ? s->roles[*up - 1] : NULL;
	uint32_t before = 0, siblings = 0, *latest;

	r->family = maker ? maker->family : HASH_START;
	if (thread) {
		r->ordinal = maker ? maker->ordinal : 1;
		r->family = hash_number(r->family, r->thread);
	} else if (!births_count(&b->programs, program, &before) ||
		   !births_count(&b->siblings, hash_number(program, r->parent), &siblings)) {
		return false;
	} else {
		r->ordinal = before + 1;
		r->family = hash_number(hash_number(r->family, program), siblings);
	}
	latest = map_at(&b->latest, hash_near(r->tid));
	if (latest)
		*latest = index + 1;
	return up && latest;
}

bool families_set(struct sequences *s)
{
	struct births b = { 0 };
	bool good = true;

	if (!births_ordered(s))
		qsort(s->roles, s->count, sizeof(struct role *), by_birth);
	for (uint32_t i = 0; i < s->count && good; i++)
		good = family_set(s, &b, i);
	map_free(&b.latest);
	map_free(&b.programs);
	map_free(&b.siblings);
	return good;
}
