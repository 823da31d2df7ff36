#include "kernel/proc/vdso.h"

#include <linux/mman.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"

extern const char vdso_start[], vdso_end[]; /* vdso_image.S */

/* One of the two things that are mapped. */
struct part {
	const char *name;
	struct pages *pages; /* [I] NULL: there is no vDSO */
};

static struct part clock_part = { .name = "[vvar]" }, object_part = { .name = "[vdso]" };

static void part_get(void *part)
{
}

static void part_put(void *part)
{
}

static void part_path(void *part, char *to, size_t size)
{
	string_copy(to, size, ((const struct part *)part)->name);
}

static struct map_file part_map(struct part *part)
{
	return (struct map_file){
		.pages = part->pages,
		.file = part,
		.get = part_get,
		.put = part_put,
		.path = part_path,
	};
}

/* The memory of a page of o, which stays. */
static void *page_make(struct pages *o, uint64_t index)
{
	int error = 0;
	struct page *p = o ? pages_find(o, index, true, &error) : NULL;

	KASSERT(p);
	return page_data(p);
}

void vdso_init(void)
{
	uint64_t count = (uint64_t)(vdso_end - vdso_start) / PAGE_SIZE;

	clock_part.pages = pages_create(NULL, NULL, PAGE_SIZE);
	clock_move(page_make(clock_part.pages, 0));
	object_part.pages = pages_create(NULL, NULL, count * PAGE_SIZE);
	for (uint64_t i = 0; i < count; i++)
		memcpy(page_make(object_part.pages, i), vdso_start + i * PAGE_SIZE, PAGE_SIZE);
}

int64_t vdso_map(struct space *s)
{
	struct map_file clock = part_map(&clock_part), object = part_map(&object_part);
	uint64_t size;
	int64_t at;

	if (!object.pages)
		return 0;
	/* A place for both first: the object is behind its clock. */
	size = pages_size(object.pages);
	at = space_map(s, 0, PAGE_SIZE + size, PROT_READ, MAP_PRIVATE, &clock, 0);
	if (at < 0)
		return at;
	return space_map(s, (uint64_t)at + PAGE_SIZE, size, PROT_READ | PROT_EXEC,
			 MAP_PRIVATE | MAP_FIXED, &object, 0);
}
