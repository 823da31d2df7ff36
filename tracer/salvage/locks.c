/* Locks that are held, found by what they look like. */
#include <ctype.h>
#include <string.h>

#include "tracer/salvage/guest.h"

#define RANKS_MAX 64u
#define CHUNK     (1u << 20)

static bool name_read(const struct guest *g, uint64_t address, char *to, size_t size)
{
	if (address < g->page.image_start || address >= g->page.image_end ||
	    !guest_read(g, address, to, size - 1))
		return false;
	to[size - 1] = '\0';
	for (const char *c = to; *c; c++)
		if (!isprint((unsigned char)*c))
			return false;
	return to[0] != '\0';
}

static uint64_t field_of(const struct guest *g, const uint8_t *at, enum salvage_field_id id)
{
	uint64_t value = 0;

	memcpy(&value, at + g->page.field[id].offset, g->page.field[id].size);
	return value;
}

/* Is there a held lock at these bytes? */
static bool lock_look(const struct guest *g, const uint8_t *at, struct guest_lock *out)
{
	const uint64_t rank = field_of(g, at, SALVAGE_spinlock_rank);

	if (field_of(g, at, SALVAGE_spinlock_held) != 1 || rank == 0 || rank >= RANKS_MAX)
		return false;
	*out = (struct guest_lock){ .owner = field_of(g, at, SALVAGE_spinlock_owner),
				    .rank = (uint32_t)rank,
				    .cpu = -1 };
	for (unsigned i = 0; i < g->cpus; i++)
		if (g->cpu[i] == out->owner)
			out->cpu = (int)i;
	return out->owner && out->cpu >= 0 &&
	       name_read(g, field_of(g, at, SALVAGE_spinlock_name), out->name, sizeof(out->name));
}

/* The structure's end, and whether its members are where a spin lock can have them. */
static size_t lock_size(const struct guest *g)
{
	static const enum salvage_field_id ids[] = { SALVAGE_spinlock_held, SALVAGE_spinlock_rank,
						     SALVAGE_spinlock_owner,
						     SALVAGE_spinlock_name };
	size_t size = 0;

	for (unsigned i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		const struct salvage_field *f = &g->page.field[ids[i]];

		if (f->size > 8 || f->offset > 256)
			return 0;
		if (f->offset + f->size > size)
			size = f->offset + f->size;
	}
	return size;
}

unsigned guest_locks(const struct guest *g, struct guest_lock *locks, unsigned most)
{
	static _Thread_local uint8_t bytes[CHUNK];
	const size_t size = lock_size(g);
	const uint64_t image = g->page.image_end - g->page.image_base;
	uint64_t phys = 0, end;
	unsigned count = 0;

	for (; size && ram_next(g->memory, &phys, &end); phys = end) {
		for (uint64_t at = phys & ~7ull; at < end && count < most; at += CHUNK - 256) {
			const size_t want = end - at < CHUNK ? end - at : CHUNK;
			const size_t got = ram_read(g->memory, at, bytes, want);
			/* What begins in the last bytes is looked at with the next ones. */
			const size_t last = got == CHUNK ? CHUNK - 256 : got;

			for (size_t i = 0; i < last && i + size <= got && count < most; i += 8) {
				if (!lock_look(g, bytes + i, &locks[count]))
					continue;
				locks[count++].address =
					at + i +
					(at + i < image ? g->page.image_base : g->page.direct_base);
			}
		}
	}
	return count;
}
