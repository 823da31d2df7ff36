/* mremap: shrink, grow in place, or move. */
#include <linux/errno.h>
#include <linux/mman.h>

#include "kernel/mm/change.h"
#include "kernel/mm/space_limits.h"
#include "kernel/mm/space_map.h"
#include "kernel/mm/table.h"
#include "kernel/trace/trace.h"

struct remap {
	struct change change;
	uint64_t old, old_length, length;
	uint64_t to; /* MREMAP_FIXED: wanted; after a move: where it is */
	int flags;
	uint64_t offset; /* of what is remapped, for the record */
	int prot, map_flags;
	bool populate; /* what is new of it */
};

static int remap_check(const struct remap *m)
{
	bool fixed = m->flags & MREMAP_FIXED, keep = m->flags & MREMAP_DONTUNMAP;

	if (m->flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP) ||
	    (m->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP) && !(m->flags & MREMAP_MAYMOVE)) ||
	    (keep && m->old_length != m->length))
		return -EINVAL;
	if (m->old & PAGE_MASK || !m->length)
		return -EINVAL;
	if (m->old > USER_END || m->old_length > USER_END - m->old)
		return -EFAULT;
	if (m->length > USER_END)
		return fixed ? -EINVAL : -ENOMEM;
	if (!fixed)
		return 0;
	if (m->to & PAGE_MASK || m->to > USER_END - m->length || m->to < SPACE_LOWEST)
		return -EINVAL;
	if (m->to < m->old + m->old_length && m->old < m->to + m->length)
		return -EINVAL;
	return 0;
}

/* Make tables for all frames of [from, from + length) at `to`, so that moving them
 * cannot fail. */
static bool tables_make(struct space *s, uint64_t from, uint64_t to, uint64_t length)
{
	struct table_walk w = table_walk(s->root, from, from + length);

	while (table_next(&w))
		if (!table_entry_make(s->root, to + (w.at - from)))
			return false;
	return true;
}

static void frames_move(struct change *c, uint64_t from, uint64_t to, uint64_t length)
{
	struct space *s = c->space;
	struct table_walk w = table_walk(s->root, from, from + length);
	uint64_t *entry;

	while ((entry = table_next(&w))) {
		*paging_entry(s->root, to + (w.at - from), NULL) = *entry;
		*entry = 0;
		change_entry(c, w.at);
	}
}

/* Where the moved mapping goes, cleared; or -errno. */
static int64_t move_place(struct remap *m)
{
	struct space *s = m->change.space;
	int error;

	if (!(m->flags & MREMAP_FIXED)) {
		uint64_t addr = space_place(s, m->to, m->length, m->map_flags);

		return addr ? (int64_t)addr : -ENOMEM;
	}
	error = change_unmap(&m->change, m->to, m->to + m->length);
	return error ? error : (int64_t)m->to;
}

/* Move the part of region r at m->old to a new place: it, or -errno. */
static int64_t remap_move(struct remap *m, const struct region *r)
{
	struct space *s = m->change.space;
	uint64_t frames = MIN(m->old_length, m->length);
	struct region *moved;
	int64_t to;

	/* Splits of the new place (2), of the old one (2), and the new region. */
	if (region_reserve(&s->regions, 5))
		return -ENOMEM;
	moved = region_create(r);
	if (!moved)
		return -ENOMEM;
	moved->offset = m->offset;
	moved->flags &= ~REGION_GROWS;
	to = move_place(m);
	if (to > 0 && !tables_make(s, m->old, (uint64_t)to, frames))
		to = -ENOMEM;
	if (to < 0) {
		change_region(&m->change, moved);
		return to;
	}
	m->to = (uint64_t)to;
	moved->start = m->to;
	moved->end = m->to + m->length;
	frames_move(&m->change, m->old, m->to, frames);
	region_insert(&s->regions, moved);
	return to;
}

/* What stays of the old place is nothing, or with MREMAP_DONTUNMAP an empty mapping.
 * When there is no memory to split it, it stays too. */
static void remap_leave(struct remap *m)
{
	if (m->old_length && !(m->flags & MREMAP_DONTUNMAP))
		change_unmap(&m->change, m->old, m->old + m->old_length);
	change_join(&m->change, m->to, m->to + m->length);
}

static bool grow_in_place(struct remap *m, struct region *r)
{
	struct space *s = m->change.space;
	uint64_t end = m->old + m->length;

	if (m->old + m->old_length != r->end || end > USER_END || end < m->old ||
	    !space_place_free(s, r->end, end))
		return false;
	r->end = end;
	change_join(&m->change, r->start, end);
	return true;
}

/* Huge pages are moved and given back as a whole, and never become more. */
static int remap_huge(struct remap *m, unsigned shift)
{
	uint64_t size = 1ull << shift;

	m->old_length = ALIGN_UP(m->old_length, size);
	m->length = ALIGN_UP(m->length, size);
	if ((m->old | (m->flags & MREMAP_FIXED ? m->to : 0)) & (size - 1) ||
	    m->flags & MREMAP_DONTUNMAP || m->length > m->old_length)
		return -EINVAL;
	return remap_check(m);
}

/* Holds: space->lock. */
static int64_t remap_locked(struct remap *m)
{
	struct region *r = region_find(&m->change.space->regions, m->old);
	int64_t to;

	if (!r)
		return -EFAULT;
	if (r->file.huge_shift) {
		to = remap_huge(m, r->file.huge_shift);
		if (to)
			return to;
	}
	/* Length 0 asks for a second mapping of shared memory. */
	if (!m->old_length && !(r->flags & REGION_SHARED))
		return -EINVAL;
	if (m->old + m->old_length > r->end)
		return -EFAULT;
	if (m->length > m->old_length) {
		to = space_growth_check(m->change.space, r,
					(m->length - m->old_length) >> PAGE_SHIFT);
		if (to)
			return to;
		m->populate = r->flags & REGION_PINNED;
	}
	m->offset = r->file.pages ? r->offset + (m->old - r->start) : 0;
	m->prot = r->prot;
	m->map_flags =
		(r->flags & REGION_SHARED ? MAP_SHARED : MAP_PRIVATE) | space_file_flags(&r->file);
	if (!(m->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))) {
		int error = 0;

		if (m->length < m->old_length)
			error = change_unmap(&m->change, m->old + m->length,
					     m->old + m->old_length);
		if (error)
			return error;
		if (m->length <= m->old_length || grow_in_place(m, r))
			return (int64_t)m->old;
	}
	if (!(m->flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	to = remap_move(m, r);
	if (to > 0)
		remap_leave(m);
	return to;
}

static void remap_emit(const struct remap *m, int64_t to, const char *path)
{
	bool moved = (uint64_t)to != m->old;

	if (moved && m->old_length && !(m->flags & MREMAP_DONTUNMAP))
		TRACE(unmap, .start = m->old, .length = m->old_length);
	else if (m->length < m->old_length)
		TRACE(unmap, .start = m->old + m->length, .length = m->old_length - m->length);
	if (moved || m->length > m->old_length)
		space_map_emit((uint64_t)to, m->length, m->offset, m->prot, m->map_flags, path);
}

int64_t space_remap(struct space *s, uint64_t old, uint64_t old_length, uint64_t new_length,
		    int flags, uint64_t new_addr)
{
	struct remap m = {
		.old = old,
		.old_length = pages_bytes(old_length),
		.length = pages_bytes(new_length),
		.to = flags & (MREMAP_FIXED | MREMAP_DONTUNMAP) ? new_addr : 0,
		.flags = flags,
	};
	struct region_info info;
	int64_t to = remap_check(&m);

	if (to)
		return to;
	change_begin(&m.change, s);
	to = remap_locked(&m);
	change_end(&m.change);
	if (to > 0 && m.populate)
		space_populate(s, (uint64_t)to + m.old_length, (uint64_t)to + m.length,
			       m.prot & PROT_WRITE);
	if (to > 0 && space_region(s, (uint64_t)to, &info))
		remap_emit(&m, to, info.path);
	return to;
}
