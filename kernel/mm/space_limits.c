#include "kernel/mm/space_limits.h"

#include <linux/errno.h>
#include <linux/mman.h>

#include "kernel/mm/tlb.h"

static uint64_t region_pages(const struct region *r)
{
	return (r->end - r->start) >> PAGE_SHIFT;
}

/* As Linux counts: private and writable, and no stack. */
static bool is_data(const struct region *r)
{
	return !(r->flags & (REGION_SHARED | REGION_GROWS)) && r->prot & PROT_WRITE;
}

/* Memory that may have to be found one day, and nobody said that it need not. */
static bool is_promised(const struct region *r)
{
	if (r->flags & REGION_NO_RESERVE)
		return false;
	if (r->flags & REGION_SHARED)
		return !r->file.file;
	return r->prot & PROT_WRITE;
}

void space_count(const struct space *s, struct space_usage *out)
{
	*out = (struct space_usage){ .resident = s->resident, .shared = s->shared };
	for (uint32_t i = 0; i < s->regions.count; i++) {
		const struct region *r = s->regions.items[i];
		uint64_t n = region_pages(r);

		out->size += n;
		if (is_data(r))
			out->data += n;
		else if (r->flags & REGION_GROWS)
			out->stack += n;
		if (r->flags & REGION_PINNED)
			out->pinned += n;
	}
}

void space_usage(struct space *s, struct space_usage *out)
{
	space_lock(s);
	space_count(s, out);
	spin_unlock(&s->lock);
}

void space_limits_set(struct space *s, const struct space_limits *l)
{
	__atomic_store_n(&s->limits.total, l->total, __ATOMIC_RELAXED);
	__atomic_store_n(&s->limits.data, l->data, __ATOMIC_RELAXED);
	__atomic_store_n(&s->limits.stack, l->stack, __ATOMIC_RELAXED);
	__atomic_store_n(&s->limits.pinned, l->pinned, __ATOMIC_RELAXED);
}

static bool exceeds(uint64_t pages, uint64_t more, uint64_t limit)
{
	return pages + more > limit >> PAGE_SHIFT;
}

/* Nobody is promised more at once than there is in all. */
static int promise_check(const struct region *r, uint64_t pages)
{
	return is_promised(r) && pages > page_count_total() ? -ENOMEM : 0;
}

int space_growth_check(const struct space *s, const struct region *r, uint64_t pages)
{
	const struct space_limits *l = &s->limits;
	bool pinned = r->flags & REGION_PINNED, data = is_data(r);
	struct space_usage now;

	if (l->total != UINT64_MAX || (data && l->data != UINT64_MAX) ||
	    (pinned && l->pinned != UINT64_MAX)) {
		space_count(s, &now);
		if (pinned && exceeds(now.pinned, pages, l->pinned))
			return -EAGAIN;
		if (exceeds(now.size, pages, l->total))
			return -ENOMEM;
		if (data && exceeds(now.data, pages, l->data))
			return -ENOMEM;
	}
	return promise_check(r, pages);
}

int space_data_check(const struct space *s, const struct region *r)
{
	struct region writable = *r;
	struct space_usage now;

	writable.prot |= PROT_WRITE;
	if (!is_data(&writable) || is_data(r))
		return 0;
	if (s->limits.data != UINT64_MAX) {
		space_count(s, &now);
		if (exceeds(now.data, region_pages(r), s->limits.data))
			return -ENOMEM;
	}
	return promise_check(&writable, region_pages(r));
}
