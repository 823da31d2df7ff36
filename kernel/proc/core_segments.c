/* Which memory of a process a core file holds.
 *
 * Private memory is kept where pages are there; pages that never were read as zeros, so
 * small gaps become holes in the file.  What files hold is named only. */
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"
#include "kernel/proc/core_parts.h"

#define SEGMENTS_MAX 0xf000u          /* e_phnum has 16 bits: ELF-64, PN_XNUM */
#define GAP_MAX      (64ull << 20)    /* a larger one is not worth a hole */
#define STACK_KEPT   (16 * PAGE_SIZE) /* of a stack that is too large, from rsp */
#define RED_ZONE     128              /* below rsp: System V ABI, 3.2.2 */
#define NO_LIMIT     (UINT64_MAX >> 1)

static bool segment_add(struct core *c, const struct core_segment *g)
{
	struct core_segment *grown;

	if (g->start == g->end)
		return true;
	if (c->segment_count == SEGMENTS_MAX) {
		c->left += g->pages * PAGE_SIZE;
		return true;
	}
	if (c->segment_count == c->segment_room) {
		c->segment_room = c->segment_room ? c->segment_room * 2 : 64;
		grown = kmalloc(c->segment_room * sizeof(*grown));
		if (!grown)
			return false;
		memcpy(grown, c->segments, c->segment_count * sizeof(*grown));
		kfree(c->segments);
		c->segments = grown;
	}
	c->segments[c->segment_count++] = *g;
	return true;
}

static struct core_segment *segment_last(struct core *c)
{
	return c->segment_count ? &c->segments[c->segment_count - 1] : NULL;
}

/* A run of pages that are there, and the gap of its region before it. */
static bool run_add(struct core *c, uint64_t from, const struct space_run *r)
{
	struct core_segment run = { r->start, r->end, (r->end - r->start) >> PAGE_SHIFT, r->prot,
				    r->start < r->end };
	struct core_segment gap = { from, r->start, 0, r->prot, false };
	struct core_segment *last = segment_last(c);
	bool inside = last && last->kept && last->end == from && from > r->region_start;

	if (!r->file && r->start - from <= GAP_MAX && (inside || run.kept)) {
		/* Zeros between two runs, before the first or behind the last one. */
		if (inside) {
			last->end = r->end;
			last->pages += run.pages;
			return true;
		}
		run.start = from;
		return segment_add(c, &run);
	}
	return segment_add(c, &gap) && segment_add(c, &run);
}

static bool segments_gather(struct core *c)
{
	struct space_run r;
	uint64_t at = 0;

	while (space_dump_run(c->space, at, &r)) {
		if (!run_add(c, MAX(at, r.region_start), &r))
			return false;
		at = r.end;
	}
	return true;
}

/* The largest size of segments with which all of them fit into limit bytes. */
static uint64_t size_allowed(const struct core *c, uint64_t limit)
{
	uint64_t size = NO_LIMIT, all;

	do {
		all = 0;
		for (uint32_t i = 0; i < c->segment_count; i++) {
			const uint64_t bytes = c->segments[i].pages << PAGE_SHIFT;

			if (c->segments[i].kept && bytes <= size)
				all += bytes;
		}
		if (all > limit)
			size /= 2;
	} while (all > limit);
	return size;
}

static uint64_t thread_stack(const struct core *c, uint32_t i)
{
	return i ? c->threads[i]->frame->rsp : c->frame.rsp;
}

/* Too large: what is kept of it is the top of a stack, if one is in it. */
static bool segment_shorten(struct core *c, const struct core_segment *g)
{
	struct core_segment rest = *g, top;
	uint64_t rsp;

	rest.kept = false;
	for (uint32_t i = 0; i < c->thread_count; i++) {
		rsp = thread_stack(c, i);
		if (rsp < g->start && g->start - rsp < STACK_KEPT)
			rsp = g->start; /* it ran over its end */
		if (rsp < g->start || rsp >= g->end)
			continue;
		top = *g;
		top.start = MAX(ALIGN_DOWN(rsp - RED_ZONE, PAGE_SIZE), rest.start);
		top.end = MIN(top.start + STACK_KEPT, g->end);
		if (top.start < rest.start || top.start >= top.end)
			continue;
		top.pages = MIN((top.end - top.start) >> PAGE_SHIFT, g->pages);
		rest.end = top.start;
		rest.pages = 0;
		if (!segment_add(c, &rest) || !segment_add(c, &top))
			return false;
		rest = (struct core_segment){ top.end, g->end, 0, g->prot, false };
		break;
	}
	return segment_add(c, &rest);
}

bool core_segments_find(struct core *c, uint64_t limit)
{
	struct core_segment *all;
	uint64_t size, before = 0;
	uint32_t count;
	bool good = segments_gather(c);

	size = good ? size_allowed(c, limit) : 0;
	all = c->segments;
	count = c->segment_count;
	c->segments = NULL;
	c->segment_count = c->segment_room = 0;
	for (uint32_t i = 0; good && i < count; i++) {
		const uint64_t bytes = all[i].pages << PAGE_SHIFT;

		before += bytes;
		good = all[i].kept && bytes > size ? segment_shorten(c, &all[i])
						   : segment_add(c, &all[i]);
	}
	kfree(all);
	for (uint32_t i = 0; good && i < c->segment_count; i++)
		if (c->segments[i].kept)
			c->kept += c->segments[i].pages << PAGE_SHIFT;
	c->left += before - MIN(before, c->kept);
	return good;
}

void core_segments_put(const struct core *c, struct core_output *o)
{
	char *page = kmalloc(PAGE_SIZE);

	for (uint32_t i = 0; page && i < c->segment_count; i++) {
		const struct core_segment *g = &c->segments[i];

		for (uint64_t at = g->start; g->kept && at < g->end; at += PAGE_SIZE) {
			if (space_peek(c->space, at, page))
				core_put(o, page, PAGE_SIZE);
			else
				core_skip(o, PAGE_SIZE);
		}
	}
	kfree(page);
}
