/* Birth and death of spaces; what is asked about them as a whole.  See
 * space_state.h for the lock and the reading order. */
#include "kernel/mm/space.h"

#include "kernel/lib/string.h"
#include "kernel/mm/object.h"
#include "kernel/mm/space_state.h"
#include "kernel/mm/table.h"
#include "kernel/mm/tlb.h"

#define KERNEL_ENTRIES  256                         /* top-level entries of the kernel's half */
#define MAP_TOP_DEFAULT (USER_END - (128ull << 20)) /* without a stack; Linux's least gap */

struct list space_list = LIST_INIT(space_list);
struct spinlock space_list_lock = SPINLOCK_INIT(RANK_SPACE_LIST, "spaces");

static struct object_cache *spaces;
static uint64_t last_serial; /* [a] */

void space_init(void)
{
	pages_init();
	region_init();
	spaces = object_cache_create("space", sizeof(struct space), 8);
}

struct space *space_make(void)
{
	struct space *s = object_alloc(spaces);

	if (!s)
		return NULL;
	s->root = page_table_alloc();
	if (!s->root) {
		object_free(spaces, s);
		return NULL;
	}
	memcpy(&s->root[KERNEL_ENTRIES], &paging_kernel_root()[KERNEL_ENTRIES],
	       KERNEL_ENTRIES * sizeof(*s->root));
	s->serial = __atomic_add_fetch(&last_serial, 1, __ATOMIC_RELAXED);
	ref_init(&s->refs, 1);
	spin_init(&s->lock, RANK_SPACE, "space");
	list_init(&s->link);
	s->map_top = MAP_TOP_DEFAULT;
	s->limits = (struct space_limits){ UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX };
	return s;
}

void space_publish(struct space *s)
{
	spin_lock(&space_list_lock);
	list_append(&space_list, &s->link);
	spin_unlock(&space_list_lock);
}

struct space *space_create(void)
{
	struct space *s = space_make();

	if (s)
		space_publish(s);
	return s;
}

uint64_t space_serial(const struct space *s)
{
	return s->serial;
}

void space_get(struct space *s)
{
	ref_get(&s->refs);
}

/* Nobody can reach s any more: no lock, no flush. */
static void space_destroy(struct space *s)
{
	for (uint32_t i = 0; i < s->regions.count; i++) {
		struct region *r = s->regions.items[i];
		struct table_walk w = table_walk(s->root, r->start, r->end);
		uint64_t *entry;

		while ((entry = table_next(&w)))
			page_put(table_entry_page(*entry));
		region_destroy(r);
	}
	kfree(s->regions.items);
	kfree(s->auxiliary);
	paging_free_user(s->root, page_table_free);
	page_table_free(s->root);
	object_free(spaces, s);
}

void space_put(struct space *s)
{
	if (!ref_put(&s->refs))
		return;
	spin_lock(&space_list_lock);
	list_remove(&s->link);
	spin_unlock(&space_list_lock);
	tlb_release(s);
	space_destroy(s);
}

struct space_marks *space_marks(struct space *s)
{
	return &s->marks;
}

static void region_describe(const struct space *s, const struct region *r, struct region_info *out)
{
	out->start = r->start;
	out->end = r->end;
	out->offset = r->offset;
	out->prot = r->prot;
	out->shared = r->flags & REGION_SHARED;
	out->stack = r->flags & REGION_STACK;
	out->pinned = r->flags & REGION_PINNED;
	out->huge_shift = r->file.huge_shift;
	out->anonymous = !r->file.pages;
	out->heap = !r->file.pages && s->marks.heap_end > s->marks.heap_start &&
		    r->start < s->marks.heap_end && r->end > s->marks.heap_start;
	out->path[0] = '\0';
}

bool space_region(struct space *s, uint64_t addr, struct region_info *out)
{
	struct map_file file = { 0 };
	uint32_t i;

	space_lock(s);
	i = region_place(&s->regions, addr);
	if (i == s->regions.count) {
		spin_unlock(&s->lock);
		return false;
	}
	region_describe(s, s->regions.items[i], out);
	file = s->regions.items[i]->file;
	if (file.file)
		file.get(file.file);
	spin_unlock(&s->lock);
	if (!file.file)
		return true;
	file.path(file.file, out->path, sizeof(out->path));
	file.put(file.file);
	return true;
}
