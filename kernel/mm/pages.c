#include "kernel/mm/pages.h"

#include <linux/errno.h>

#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"
#include "kernel/mm/index.h"
#include "kernel/mm/object.h"
#include "kernel/mm/reclaim.h"
#include "kernel/mm/space.h"
#include "kernel/sync/spinlock.h"

/* Locks: [I] at birth   [l] lock   [a] atomic */
struct pages {
	struct ref refs;                   /* [a] */
	const struct pages_source *source; /* [I] */
	void *owner;                       /* [I] */
	struct spinlock lock;
	struct index index; /* [l] of struct page */
	uint64_t resident;  /* [l] pages in it */
	uint64_t size;      /* [l] written; [a] read */
	uint64_t shrinks;   /* [l] a page filled across one is stale */
	uint32_t mapped;    /* [a] regions that map it */
	int32_t writers;    /* [a] those of them that may write to it, or WRITERS_DENIED */
};

#define WRITERS_DENIED (-1)

static struct object_cache *objects;

void pages_init(void)
{
	index_init();
	objects = object_cache_create("pages", sizeof(struct pages), 8);
}

struct pages *pages_create(const struct pages_source *source, void *owner, uint64_t size)
{
	struct pages *o = object_alloc(objects);

	if (!o)
		return NULL;
	ref_init(&o->refs, 1);
	o->source = source;
	o->owner = owner;
	o->size = size;
	spin_init(&o->lock, RANK_OBJECT, "pages");
	return o;
}

void pages_get(struct pages *o)
{
	ref_get(&o->refs);
}

/* Holds: o->lock. */
static void page_remove(struct pages *o, uint64_t index, struct page *p)
{
	index_remove(&o->index, index);
	o->resident--;
	if (o->source && o->source->charge)
		o->source->charge(o->owner, -1);
	p->flags &= ~(PAGE_DIRTY | PAGE_USED);
	page_put(p);
}

/* Drop the pages [first, end). */
static void pages_drop(struct pages *o, uint64_t first, uint64_t end)
{
	struct page *p;

	spin_lock(&o->lock);
	while ((p = index_next(&o->index, &first)) && first < end)
		page_remove(o, first, p);
	spin_unlock(&o->lock);
}

void pages_put(struct pages *o)
{
	if (!ref_put(&o->refs))
		return;
	KASSERT(!o->mapped);
	pages_drop(o, 0, UINT64_MAX);
	if (o->source && o->source->release)
		o->source->release(o->owner);
	object_free(objects, o);
}

uint64_t pages_size(const struct pages *o)
{
	return __atomic_load_n(&o->size, __ATOMIC_ACQUIRE);
}

uint64_t pages_resident(const struct pages *o)
{
	return __atomic_load_n(&o->resident, __ATOMIC_RELAXED);
}

void pages_map_count(struct pages *o, int change, bool writable)
{
	__atomic_fetch_add(&o->mapped, (uint32_t)change, __ATOMIC_SEQ_CST);
	if (writable)
		__atomic_fetch_add(&o->writers, change, __ATOMIC_SEQ_CST);
}

bool pages_deny_writers(struct pages *o)
{
	int32_t none = 0;

	return __atomic_compare_exchange_n(&o->writers, &none, WRITERS_DENIED, false,
					   __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

bool pages_writer_begin(struct pages *o)
{
	int32_t n = __atomic_load_n(&o->writers, __ATOMIC_RELAXED);

	do {
		if (n == WRITERS_DENIED)
			return false;
	} while (!__atomic_compare_exchange_n(&o->writers, &n, n + 1, false, __ATOMIC_SEQ_CST,
					      __ATOMIC_RELAXED));
	return true;
}

void pages_writer_end(struct pages *o)
{
	__atomic_fetch_sub(&o->writers, 1, __ATOMIC_SEQ_CST);
}

bool pages_covers(const struct pages *o, uint64_t index)
{
	return index <= UINT64_MAX >> PAGE_SHIFT && index << PAGE_SHIFT < pages_size(o);
}

uint64_t pages_age(const struct pages *o)
{
	return __atomic_load_n(&o->shrinks, __ATOMIC_ACQUIRE);
}

bool pages_filled(const struct pages *o)
{
	return o->source && o->source->fill;
}

struct page *pages_lookup(struct pages *o, uint64_t index)
{
	struct page *p;

	spin_lock(&o->lock);
	p = index_find(&o->index, index);
	if (p) {
		page_get(p);
		p->flags |= PAGE_USED;
	}
	spin_unlock(&o->lock);
	return p;
}

unsigned pages_lookup_run(struct pages *o, uint64_t index, unsigned n, struct page **out)
{
	void *const *run;

	n = MIN(n, INDEX_RUN - (unsigned)(index % INDEX_RUN));
	spin_lock(&o->lock);
	run = index_run(&o->index, index);
	for (unsigned i = 0; i < n; i++) {
		out[i] = run ? run[i] : NULL;
		if (!out[i])
			continue;
		page_get(out[i]);
		out[i]->flags |= PAGE_USED;
	}
	spin_unlock(&o->lock);
	return n;
}

/* Put p where nothing is: 0 or -errno.  Holds: o->lock. */
static int page_insert(struct pages *o, uint64_t index, struct page *p)
{
	bool charged = o->source && o->source->charge;
	int error = charged ? o->source->charge(o->owner, 1) : 0;

	if (!error && !index_insert(&o->index, index, p)) {
		error = -ENOMEM;
		if (charged)
			o->source->charge(o->owner, -1);
	}
	if (!error)
		o->resident++;
	return error;
}

#define STALE 1

/* Put the new page p at index, unless another got there first: the result is then that
 * one.  NULL: *error, which is STALE if the object shrank since `shrinks`. */
static struct page *pages_add(struct pages *o, uint64_t index, struct page *p, uint64_t shrinks,
			      int *error)
{
	struct page *there;

	spin_lock(&o->lock);
	there = index_find(&o->index, index);
	*error = !there && o->shrinks != shrinks ? STALE : 0;
	if (!there && !*error) {
		*error = page_insert(o, index, p);
		there = *error ? NULL : p;
	}
	if (there)
		page_get(there);
	spin_unlock(&o->lock);
	if (there != p)
		page_put(p);
	return there;
}

/* A page to put at index, filled if there is a source. */
static struct page *page_make(struct pages *o, uint64_t index, int *error)
{
	struct page *p = memory_room() ? page_alloc() : NULL;

	*error = p ? 0 : -ENOMEM;
	if (p && pages_filled(o))
		*error = o->source->fill(o->owner, index, p);
	if (p && *error) {
		page_put(p);
		p = NULL;
	}
	return p;
}

struct page *pages_find(struct pages *o, uint64_t index, bool create, int *error)
{
	do {
		uint64_t shrinks = pages_age(o);
		struct page *p = pages_lookup(o, index);

		*error = 0;
		if (p || (!create && !pages_filled(o)))
			return p;
		p = page_make(o, index, error);
		if (p)
			p = pages_add(o, index, p, shrinks, error);
		if (p)
			return p;
	} while (*error == STALE);
	return NULL;
}

void pages_offer(struct pages *o, uint64_t index, struct page *p, uint64_t age)
{
	int error;

	p = pages_add(o, index, p, age, &error);
	if (p)
		page_put(p);
}

bool pages_tracked(const struct pages *o)
{
	return o->source && o->source->dirtied;
}

void pages_dirty(struct pages *o, uint64_t index, struct page *p)
{
	bool was;

	if (!pages_tracked(o))
		return;
	spin_lock(&o->lock);
	was = p->flags & PAGE_DIRTY || index_find(&o->index, index) != p;
	if (!was)
		p->flags |= PAGE_DIRTY;
	spin_unlock(&o->lock);
	if (!was)
		o->source->dirtied(o->owner, index);
}

struct page *pages_take_dirty(struct pages *o, uint64_t *index, uint64_t end)
{
	struct page *p = NULL;

	spin_lock(&o->lock);
	while (*index < end && (p = index_next(&o->index, index)) && !(p->flags & PAGE_DIRTY))
		++*index;
	if (*index >= end)
		p = NULL;
	if (p) {
		page_get(p);
		if (!__atomic_load_n(&o->mapped, __ATOMIC_SEQ_CST))
			p->flags &= ~PAGE_DIRTY;
	}
	spin_unlock(&o->lock);
	return p;
}

/* Let go of what programs map, so that it can be told who uses it.  Not where somebody
 * may write: a thread may sleep on a word of such a page, which is known by its frame. */
static void mappings_age(struct pages *o, bool force)
{
	if (__atomic_load_n(&o->mapped, __ATOMIC_SEQ_CST) &&
	    __atomic_load_n(&o->writers, __ATOMIC_SEQ_CST) <= 0)
		space_object_age(o, force);
}

/* Under the lock nobody finds a page, so one reference means no user. */
uint64_t pages_reclaim(struct pages *o, bool force)
{
	uint64_t at = 0, freed = 0;
	struct page *p;

	if (!pages_filled(o))
		return 0;
	mappings_age(o, force);
	spin_lock(&o->lock);
	for (; (p = index_next(&o->index, &at)); at++) {
		if (ref_count(&p->refs) != 1 || p->flags & PAGE_DIRTY)
			continue;
		if (p->flags & PAGE_USED && !force) {
			p->flags &= ~PAGE_USED;
			continue;
		}
		page_remove(o, at, p);
		freed++;
	}
	spin_unlock(&o->lock);
	return freed;
}

bool pages_seek(struct pages *o, uint64_t *index, bool data)
{
	uint64_t at = *index;
	bool there;

	spin_lock(&o->lock);
	there = index_next(&o->index, &at) != NULL;
	if (data) {
		*index = at;
	} else {
		while (index_find(&o->index, *index))
			++*index;
	}
	spin_unlock(&o->lock);
	return there;
}

/* Zero what of the last page lies behind the end. */
static void pages_zero_tail(struct pages *o, uint64_t size)
{
	uint64_t used = size & PAGE_MASK;
	struct page *p = used ? pages_lookup(o, size >> PAGE_SHIFT) : NULL;

	if (!p)
		return;
	memset((char *)page_data(p) + used, 0, PAGE_SIZE - used);
	page_put(p);
}

void pages_resize(struct pages *o, uint64_t size)
{
	uint64_t first = (size >> PAGE_SHIFT) + !!(size & PAGE_MASK);
	bool shrink;

	spin_lock(&o->lock);
	shrink = size < o->size;
	if (shrink)
		__atomic_store_n(&o->shrinks, o->shrinks + 1, __ATOMIC_RELEASE);
	/* From here on no fault finds a page beyond; those already mapped go next. */
	__atomic_store_n(&o->size, size, __ATOMIC_RELEASE);
	spin_unlock(&o->lock);
	if (!shrink)
		return;
	if (__atomic_load_n(&o->mapped, __ATOMIC_SEQ_CST))
		space_object_unmap(o, first, UINT64_MAX, true);
	pages_drop(o, first, UINT64_MAX);
	pages_zero_tail(o, size);
}

/* A fault that found the page before it is dropped here has mapped it by then: its
 * space is visited once more behind the drop. */
void pages_punch(struct pages *o, uint64_t first, uint64_t end)
{
	pages_drop(o, first, end);
	if (__atomic_load_n(&o->mapped, __ATOMIC_SEQ_CST))
		space_object_unmap(o, first, end, false);
}
