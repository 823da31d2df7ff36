/* mmap, munmap, brk and the stack. */
#include "kernel/mm/space_map.h"

#include <linux/errno.h>
#include <linux/mman.h>

#include "kernel/arch/x86_64/frame.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"
#include "kernel/mm/change.h"
#include "kernel/mm/space_limits.h"
#include "kernel/mm/tlb.h"
#include "kernel/trace/trace.h"

#define MAP_LOW_END    0x80000000ull  /* MAP_32BIT stays below */
#define STACK_ROOM_MIN (128ull << 20) /* kept for the stack below its top, as on Linux */
#define STACK_ROOM_MAX ALIGN_DOWN(USER_END / 6 * 5, PAGE_SIZE)

#define PROT_ALL (PROT_READ | PROT_WRITE | PROT_EXEC)
/* With MAP_SHARED_VALIDATE any other flag is an error. */
#define MAP_KNOWN                                                                                  \
	(MAP_TYPE | MAP_FIXED | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_DENYWRITE | MAP_EXECUTABLE |   \
	 MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK | MAP_STACK | MAP_HUGETLB |      \
	 MAP_32BIT | MAP_FIXED_NOREPLACE | MAP_UNINITIALIZED | MAP_HUGE_2MB | MAP_HUGE_1GB)

int space_file_flags(const struct map_file *file)
{
	return file->huge_shift ? MAP_HUGETLB | file->huge_shift << MAP_HUGE_SHIFT : 0;
}

/* Bytes of the huge pages that flags name. */
static uint64_t huge_size(int flags)
{
	return 1ull << ((unsigned)flags >> MAP_HUGE_SHIFT & MAP_HUGE_MASK);
}

void space_map_emit(uint64_t start, uint64_t length, uint64_t offset, int prot, int flags,
		    const char *path)
{
	TRACE_TAIL(map, path, strlen(path), .start = start, .length = length, .offset = offset,
		   .prot = (uint32_t)prot, .flags = (uint32_t)flags);
}

bool space_place_free(struct space *s, uint64_t start, uint64_t end)
{
	uint32_t i = region_place(&s->regions, start);
	const struct region *r;

	if (i == s->regions.count)
		return true;
	r = s->regions.items[i];
	return r->start >= end && (!(r->flags & REGION_GROWS) || r->start - end >= REGION_GUARD);
}

static bool hint_free(struct space *s, uint64_t hint, uint64_t length)
{
	return hint <= USER_END && length <= USER_END - hint &&
	       space_place_free(s, hint, hint + length);
}

/* Where a mapping of huge pages goes, or one below MAP_LOW_END. */
static uint64_t place_special(struct space *s, uint64_t hint, uint64_t length, int flags)
{
	uint64_t high = flags & MAP_32BIT ? MAP_LOW_END : s->map_top, addr;
	uint64_t align = flags & MAP_HUGETLB ? huge_size(flags) : PAGE_SIZE;

	hint = ALIGN_UP(hint, align);
	if (hint && !(flags & MAP_32BIT) && hint_free(s, hint, length))
		return hint;
	addr = region_gap(&s->regions, length + align - PAGE_SIZE, SPACE_LOWEST, high);
	return ALIGN_UP(addr, align);
}

uint64_t space_place(struct space *s, uint64_t hint, uint64_t length, int flags)
{
	uint64_t addr;

	hint = MAX(pages_bytes(hint), hint ? SPACE_LOWEST : 0);
	if (unlikely(flags & (MAP_32BIT | MAP_HUGETLB)))
		return place_special(s, hint, length, flags);
	if (hint && hint_free(s, hint, length))
		return hint;
	addr = region_gap(&s->regions, length, SPACE_LOWEST, s->map_top);
	return addr ? addr : region_gap(&s->regions, length, s->map_top, USER_END);
}

/* As Linux with no huge page set aside: none can be promised. */
static int huge_check(int flags, const struct map_file *file, uint64_t offset)
{
	if (!file || !file->huge_shift || offset & (huge_size(flags) - 1))
		return -EINVAL;
	return flags & MAP_NORESERVE ? 0 : -ENOMEM;
}

/* What mmap refuses before it looks at addresses. */
static int map_check(uint64_t length, int prot, int flags, const struct map_file *file,
		     uint64_t offset)
{
	int type = flags & MAP_TYPE;

	if (!length || offset & PAGE_MASK)
		return -EINVAL;
	if (length > USER_END)
		return -ENOMEM;
	if (offset + pages_bytes(length) < offset)
		return -EOVERFLOW;
	if (type != MAP_SHARED && type != MAP_PRIVATE && !(type == MAP_SHARED_VALIDATE && file))
		return -EINVAL;
	if (type == MAP_SHARED_VALIDATE && flags & ~MAP_KNOWN)
		return -EOPNOTSUPP;
	if (flags & MAP_GROWSDOWN && (file || type != MAP_PRIVATE))
		return -EINVAL;
	if (file && type != MAP_PRIVATE && prot & PROT_WRITE && !file->may_write)
		return -EACCES;
	if (flags & MAP_HUGETLB)
		return huge_check(flags, file, offset);
	return 0;
}

static int map_check_fixed(uint64_t addr, uint64_t length, int flags)
{
	if (addr & (flags & MAP_HUGETLB ? huge_size(flags) - 1 : PAGE_MASK))
		return -EINVAL;
	if (addr > USER_END || length > USER_END - addr)
		return -ENOMEM;
	return addr < SPACE_LOWEST ? -EPERM : 0;
}

/* Find the place for a region of this length and clear it: the address, or -errno
 * with nothing changed.  Leaves room for one region in the table. */
static int64_t map_place(struct change *c, uint64_t addr, uint64_t length, int flags)
{
	struct space *s = c->space;
	int error = region_reserve(&s->regions, 3);

	if (error)
		return error;
	if (!(flags & (MAP_FIXED | MAP_FIXED_NOREPLACE))) {
		addr = space_place(s, addr, length, flags);
		return addr ? (int64_t)addr : -ENOMEM;
	}
	if (flags & MAP_FIXED_NOREPLACE && !region_vacant(&s->regions, addr, addr + length))
		return -EEXIST;
	error = change_unmap(c, addr, addr + length);
	return error ? error : (int64_t)addr;
}

/* Pages in [start, end) that a fixed mapping would replace.  Holds: space->lock. */
static uint64_t pages_replaced(struct space *s, uint64_t start, uint64_t end, int flags)
{
	struct region_table *t = &s->regions;
	uint64_t n = 0;

	if (!(flags & MAP_FIXED) || s->limits.total == UINT64_MAX)
		return 0;
	for (uint32_t i = region_place(t, start); i < t->count && t->items[i]->start < end; i++)
		n += MIN(end, t->items[i]->end) - MAX(start, t->items[i]->start);
	return n >> PAGE_SHIFT;
}

/* Insert r, whose length is set by [0, end), at addr as mmap places it. */
static int64_t map_insert(struct space *s, struct region *r, uint64_t addr, int flags)
{
	struct change c;
	int64_t placed;

	change_begin(&c, s);
	if (s->pin_new)
		r->flags |= REGION_PINNED;
	placed = space_growth_check(
		s, r, (r->end >> PAGE_SHIFT) - pages_replaced(s, addr, addr + r->end, flags));
	if (!placed)
		placed = map_place(&c, addr, r->end, flags);
	if (placed > 0) {
		r->start += (uint64_t)placed;
		r->end += (uint64_t)placed;
		region_insert(&s->regions, r);
		change_join(&c, r->start, r->end);
	}
	change_end(&c);
	return placed;
}

/* The region mmap asks for, at address 0 still; NULL without memory. */
static struct region *map_region(uint64_t length, int prot, int flags, const struct map_file *file,
				 uint64_t offset)
{
	bool shared = (flags & MAP_TYPE) != MAP_PRIVATE;
	struct region r = { .end = length, .prot = prot & PROT_ALL }, *made;

	if (shared)
		r.flags |= REGION_SHARED;
	if (flags & MAP_GROWSDOWN)
		r.flags |= REGION_GROWS;
	if (flags & MAP_LOCKED)
		r.flags |= REGION_PINNED;
	if (flags & MAP_NORESERVE)
		r.flags |= REGION_NO_RESERVE;
	if (file) {
		r.file = *file;
		r.offset = offset;
	} else if (shared) {
		r.file.pages = pages_create(NULL, NULL, length);
		r.file.may_write = true;
		if (!r.file.pages)
			return NULL;
	}
	made = region_create(&r);
	if (shared && !file)
		pages_put(r.file.pages);
	return made;
}

int64_t space_map(struct space *s, uint64_t addr, uint64_t length, int prot, int flags,
		  const struct map_file *file, uint64_t offset)
{
	int error = map_check(length, prot, flags, file, offset);
	char path[REGION_PATH];
	struct region *r;
	int64_t placed;
	bool writes;

	length = pages_bytes(length);
	if (!error && flags & (MAP_FIXED | MAP_FIXED_NOREPLACE))
		error = map_check_fixed(addr, length, flags);
	if (!error && flags & MAP_LOCKED && !s->limits.pinned)
		error = -EPERM;
	if (error)
		return error;
	writes = file && file->may_write && (flags & MAP_TYPE) != MAP_PRIVATE;
	if (writes && !pages_writer_begin(file->pages))
		return -EPERM;
	r = map_region(length, prot, flags, file, offset);
	if (writes)
		pages_writer_end(file->pages);
	if (!r)
		return -ENOMEM;
	path[0] = '\0';
	if (file && file->file)
		file->path(file->file, path, sizeof(path));
	placed = map_insert(s, r, addr, flags);
	if (placed < 0) {
		region_destroy(r);
		return placed;
	}
	space_map_emit((uint64_t)placed, length, file ? offset : 0, prot, flags, path);
	if ((flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE || flags & MAP_LOCKED ||
	    (s->pin_new && !s->pin_on_fault))
		space_populate(s, (uint64_t)placed, (uint64_t)placed + length,
			       prot & PROT_WRITE && (flags & MAP_TYPE) == MAP_PRIVATE);
	return placed;
}

void space_populate(struct space *s, uint64_t start, uint64_t end, bool write)
{
	uint64_t frame;

	for (uint64_t at = start; at < end; at += PAGE_SIZE)
		if (space_fault(s, at, PF_USER | (write ? PF_WRITE : 0), &frame) > FAULT_SPURIOUS)
			return;
}

int space_unmap(struct space *s, uint64_t addr, uint64_t length)
{
	struct change c;
	int error;

	if (addr & PAGE_MASK || !length || addr > USER_END || length > USER_END - addr)
		return -EINVAL;
	length = pages_bytes(length);
	change_begin(&c, s);
	error = change_unmap(&c, addr, addr + length);
	change_end(&c);
	if (!error)
		TRACE(unmap, .start = addr, .length = length);
	return error;
}

/* How far below the stack's top other mappings begin. */
static uint64_t stack_room(uint64_t limit)
{
	uint64_t room = pages_bytes(MIN(limit, STACK_ROOM_MAX));

	return MIN(MAX(room, STACK_ROOM_MIN), STACK_ROOM_MAX);
}

int space_map_stack(struct space *s, uint64_t top, uint64_t initial, uint64_t limit, bool exec)
{
	struct region proto = {
		.end = initial,
		.prot = PROT_READ | PROT_WRITE | (exec ? PROT_EXEC : 0),
		.flags = REGION_STACK | REGION_GROWS,
	};
	struct region *r;
	int64_t placed;

	KASSERT(!((top | initial) & PAGE_MASK) && initial && top <= USER_END);
	r = region_create(&proto);
	if (!r)
		return -ENOMEM;
	s->limits.stack = limit;
	placed = map_insert(s, r, top - initial, MAP_FIXED_NOREPLACE);
	if (placed < 0) {
		region_destroy(r);
		return (int)placed;
	}
	s->map_top = top - stack_room(limit) - REGION_GUARD;
	space_map_emit(top - initial, initial, 0, proto.prot, MAP_PRIVATE | MAP_GROWSDOWN,
		       "[stack]");
	return 0;
}

void space_set_heap(struct space *s, uint64_t start)
{
	space_lock(s);
	s->marks.heap_start = s->marks.heap_end = start;
	spin_unlock(&s->lock);
}

/* Add [start, end) to the heap. */
static bool heap_grow(struct change *c, uint64_t start, uint64_t end)
{
	struct region_table *t = &c->space->regions;
	struct region proto = { .start = start, .end = end, .prot = PROT_READ | PROT_WRITE }, *r;

	if (c->space->pin_new)
		proto.flags |= REGION_PINNED;
	if (end > USER_END || !space_place_free(c->space, start, end) ||
	    space_growth_check(c->space, &proto, (end - start) >> PAGE_SHIFT) ||
	    region_reserve(t, 1))
		return false;
	r = region_create(&proto);
	if (!r)
		return false;
	region_insert(t, r);
	change_join(c, start, end);
	space_map_emit(start, end - start, 0, proto.prot, MAP_PRIVATE | MAP_ANONYMOUS, "[heap]");
	return true;
}

uint64_t space_brk(struct space *s, uint64_t addr)
{
	struct space_marks *m = &s->marks;
	uint64_t old_end = 0, end = 0, now;
	struct change c;
	bool done = false, populate = false;

	change_begin(&c, s);
	if (addr >= m->heap_start && addr < USER_END) {
		old_end = pages_bytes(m->heap_end);
		end = pages_bytes(addr);
		if (end > old_end)
			done = heap_grow(&c, old_end, end);
		else if (end < old_end)
			done = !change_unmap(&c, end, old_end);
		else
			done = true;
		if (done && end < old_end)
			TRACE(unmap, .start = end, .length = old_end - end);
	}
	if (done)
		m->heap_end = addr;
	now = m->heap_end;
	populate = done && end > old_end && s->pin_new && !s->pin_on_fault;
	change_end(&c);
	if (populate)
		space_populate(s, old_end, end, true);
	return now;
}
