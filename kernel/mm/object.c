/* Slabs behind per-CPU magazines.  A slab is a block of pages that starts with its
 * struct slab; free objects in it are chained through their first word.  Each CPU
 * keeps a few free objects of each cache in a magazine, used with interrupts off
 * and no lock.  In debug builds free objects hold a pattern, which is checked when
 * they are given out again. */
#include "kernel/mm/object.h"

#include "kernel/lib/assert.h"
#include "kernel/lib/list.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/mm/kasan.h"
#include "kernel/mm/page.h"
#include "kernel/sync/spinlock.h"

#define CACHES_MAX     64
#define MAGAZINE_SIZE  15
#define SLAB_ORDER_MAX 3
#define SLAB_OBJECTS   4 /* at least so many in a slab, up to SLAB_ORDER_MAX */
#define POISON         0x6b6b6b6b6b6b6b6bull

struct object_cache {
	char name[24];         /* [I] */
	size_t size;           /* [I] rounded up to the alignment, with a kasan trailer */
	size_t usable;         /* [I] bytes of it that are the user's */
	uint32_t index;        /* [I] */
	uint32_t order;        /* [I] of a slab */
	uint32_t first;        /* [I] offset of the first object in a slab */
	uint32_t per_slab;     /* [I] */
	struct spinlock lock;  /* interrupts off */
	struct list partial;   /* [lock] slabs with a free object, empty ones last */
	uint32_t slabs, empty; /* [lock] */
	uint32_t balance;      /* [lock] as in a magazine, for frees past it */
};

struct slab {
	struct list link; /* cache->partial, or alone when full */
	struct object_cache *cache;
	void *free; /* first free object */
	uint32_t used;
};

/* Objects in use = the sum of all balances, modulo 2^32: one may be freed on
 * another CPU than it was allocated on. */
struct magazine {
	uint32_t count;
	uint32_t balance;
	void *objects[MAGAZINE_SIZE];
};

#define MAGAZINES_ORDER 1
_Static_assert(CACHES_MAX * sizeof(struct magazine) == PAGE_SIZE << MAGAZINES_ORDER,
	       "a CPU's magazines fill their pages");

static struct object_cache caches[CACHES_MAX];
static uint32_t cache_count;                /* [a] */
static struct magazine *magazines[CPU_MAX]; /* made when a CPU first allocates */

/* --- slabs; hold cache->lock ------------------------------------------------- */

static void poison_set(void *object, size_t size)
{
	if (KERNEL_DEBUG)
		for (size_t i = 1; i < size / 8; i++)
			((uint64_t *)object)[i] = POISON;
}

static void poison_check(const struct object_cache *c, const void *object)
{
	if (KERNEL_DEBUG)
		for (size_t i = 1; i < c->size / 8; i++)
			if (((const uint64_t *)object)[i] != POISON)
				panic("object %p of %s was changed after it was freed", object,
				      c->name);
}

static struct slab *slab_create(struct object_cache *c)
{
	struct page *p = c->order ? page_alloc_order(c->order) : page_alloc_raw();
	struct slab *s;

	if (!p)
		return NULL;
	s = page_data(p);
	*s = (struct slab){ .cache = c };
	for (uint32_t i = 0; i < 1u << c->order; i++) {
		p[i].flags |= PAGE_SLAB;
		p[i].owner = s;
	}
	kasan_forbid(s, PAGE_SIZE << c->order, KASAN_RED_ZONE);
	for (uint32_t i = c->per_slab; i-- > 0;) {
		void **object = (void **)((char *)s + c->first + i * c->size);

		poison_set(object, c->size);
		*object = s->free;
		s->free = object;
	}
	list_append(&c->partial, &s->link);
	c->slabs++;
	c->empty++;
	return s;
}

static void slab_destroy(struct object_cache *c, struct slab *s)
{
	struct page *p = page_of(virt_to_phys(s));

	list_remove(&s->link);
	c->slabs--;
	c->empty--;
	for (uint32_t i = 0; i < 1u << c->order; i++) {
		p[i].flags &= ~PAGE_SLAB;
		p[i].owner = NULL;
	}
	page_put(p);
}

static void *slab_take(struct object_cache *c)
{
	struct slab *s;
	void **object;

	KASSERT(spin_held(&c->lock));
	if (!list_empty(&c->partial))
		s = list_first(&c->partial, struct slab, link);
	else if (!(s = slab_create(c)))
		return NULL;
	object = s->free;
	s->free = *object;
	if (s->used++ == 0)
		c->empty--;
	if (s->used == c->per_slab)
		list_remove(&s->link);
	return object;
}

static void slab_give(struct object_cache *c, void *object)
{
	struct slab *s = page_of(virt_to_phys(object))->owner;

	KASSERT(spin_held(&c->lock));
	*(void **)object = s->free;
	s->free = object;
	if (s->used-- == c->per_slab)
		list_add(&c->partial, &s->link);
	if (s->used)
		return;
	list_remove(&s->link);
	list_append(&c->partial, &s->link);
	if (++c->empty > 1)
		slab_destroy(c, s);
}

/* --- magazines; interrupts off ------------------------------------------------ */

static struct magazine *magazine_of(const struct object_cache *c)
{
	struct magazine **m = &magazines[this_cpu()->id];

	if (unlikely(!*m)) {
		struct page *p = page_alloc_order(MAGAZINES_ORDER);

		if (!p)
			return NULL;
		*m = page_data(p);
	}
	return &(*m)[c->index];
}

static void magazine_fill(struct object_cache *c, struct magazine *m)
{
	void *object;

	spin_lock(&c->lock);
	while (m->count <= MAGAZINE_SIZE / 2 && (object = slab_take(c)))
		m->objects[m->count++] = object;
	spin_unlock(&c->lock);
}

static void magazine_drain(struct object_cache *c, struct magazine *m)
{
	spin_lock(&c->lock);
	while (m->count > MAGAZINE_SIZE / 2)
		slab_give(c, m->objects[--m->count]);
	spin_unlock(&c->lock);
}

/* --- caches ------------------------------------------------------------------- */

struct object_cache *object_cache_create(const char *name, size_t size, size_t align)
{
	uint32_t index = __atomic_fetch_add(&cache_count, 1, __ATOMIC_RELAXED);
	struct object_cache *c = &caches[index];

	KASSERT(index < CACHES_MAX);
	align = MAX(align, sizeof(void *));
	string_copy(c->name, sizeof(c->name), name);
	c->index = index;
	c->usable = ALIGN_UP(MAX(size, 2 * sizeof(void *)), sizeof(void *));
	c->size = ALIGN_UP(c->usable + KASAN_TRAILER, align);
	c->first = ALIGN_UP(sizeof(struct slab), align);
	while (c->order < SLAB_ORDER_MAX &&
	       (PAGE_SIZE << c->order) - c->first < SLAB_OBJECTS * c->size &&
	       c->size > (PAGE_SIZE - c->first) / 2)
		c->order++;
	c->per_slab = ((PAGE_SIZE << c->order) - c->first) / c->size;
	KASSERT(c->per_slab);
	list_init(&c->partial);
	spin_init(&c->lock, RANK_CACHE, c->name);
	return c;
}

/* The first `size` bytes of the object are the user's. */
static void *alloc(struct object_cache *c, size_t size)
{
	uint64_t flags = irq_save();
	struct magazine *m = magazine_of(c);
	void *object = NULL;

	if (m && !m->count)
		magazine_fill(c, m);
	if (m && m->count) {
		object = m->objects[--m->count];
		m->balance++;
	}
	irq_restore(flags);
	if (!object)
		return NULL;
	poison_check(c, object);
	kasan_allow(object, size);
	memset(object, 0, size);
	return object;
}

void *object_alloc(struct object_cache *c)
{
	void *object = alloc(c, c->usable);

	kasan_owner_set(c->size, object, false, (uint64_t)__builtin_return_address(0));
	return object;
}

static struct object_cache *cache_of(const void *object)
{
	const struct page *p = page_of(virt_to_phys(object));

	KASSERT(p && p->flags & PAGE_SLAB);
	return ((struct slab *)p->owner)->cache;
}

static void give_back(struct object_cache *c, void *object)
{
	struct magazine *m;
	uint64_t flags;

	poison_set(object, c->size);
	flags = irq_save();
	m = magazine_of(c);
	if (likely(m)) {
		if (m->count == MAGAZINE_SIZE)
			magazine_drain(c, m);
		m->objects[m->count++] = object;
		m->balance--;
	} else {
		spin_lock(&c->lock);
		slab_give(c, object);
		c->balance--;
		spin_unlock(&c->lock);
	}
	irq_restore(flags);
}

void object_free(struct object_cache *c, void *object)
{
	KASSERT(cache_of(object) == c);
	if (KERNEL_KASAN) {
		kasan_check(object, 1, true); /* freed twice? */
		kasan_owner_set(c->size, object, true, (uint64_t)__builtin_return_address(0));
		kasan_forbid(object, c->usable, KASAN_OBJECT_FREE);
		object = kasan_quarantine(object);
	}
	if (object)
		give_back(cache_of(object), object);
}

bool object_owner_find(const void *addr, struct object_owner *out)
{
	const struct page *p = page_of(virt_to_phys(addr));
	const struct slab *s;
	uint64_t offset;

	if (!p || !(p->flags & PAGE_SLAB))
		return false;
	s = p->owner;
	offset = (uint64_t)addr - (uint64_t)s;
	if (offset < s->cache->first)
		return false;
	offset = (offset - s->cache->first) / s->cache->size * s->cache->size;
	out->start = (uint64_t)s + s->cache->first + offset;
	out->cache = s->cache->name;
	kasan_owner_get(s->cache->size, (const void *)out->start, &out->allocated_by,
			&out->freed_by);
	return true;
}

/* --- kmalloc -------------------------------------------------------------------- */

/* Multiples of 16 that fill a page well beside its struct slab. */
static const uint16_t class_sizes[] = { 16,  32,  48,  64,  96,  128,  192,  256, 320,
					400, 496, 576, 672, 800, 1008, 1344, 2016 };
#define CLASS_MAX 2016

static struct object_cache *classes[ARRAY_SIZE(class_sizes)]; /* [I] */
static uint8_t class_of[CLASS_MAX / 16 + 1]; /* [I] by size in units of 16, rounded up */
static uint64_t large_used, large_pages;     /* [a] */

void object_init(void)
{
	char name[24];
	unsigned units = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(class_sizes); i++) {
		print_text(name, sizeof(name), "kmalloc-%u", class_sizes[i]);
		classes[i] = object_cache_create(name, class_sizes[i], 16);
		while (units <= class_sizes[i] / 16u)
			class_of[units++] = i;
	}
}

static void *large_alloc(size_t size)
{
	unsigned order = 0;
	struct page *p;

	if (size > PAGE_SIZE << PAGE_ORDER_MAX)
		return NULL;
	while (PAGE_SIZE << order < size)
		order++;
	p = page_alloc_order(order);
	if (!p)
		return NULL;
	p->flags |= PAGE_LARGE;
	kasan_forbid((char *)page_data(p) + ALIGN_UP(size, 8),
		     (PAGE_SIZE << order) - ALIGN_UP(size, 8), KASAN_RED_ZONE);
	__atomic_fetch_add(&large_used, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&large_pages, 1ull << order, __ATOMIC_RELAXED);
	return page_data(p);
}

void *kmalloc(size_t size)
{
	struct object_cache *c;
	void *object;

	if (size > CLASS_MAX)
		return large_alloc(size);
	c = classes[class_of[(size + 15) / 16]];
	object = alloc(c, KERNEL_KASAN ? size : c->usable);
	kasan_owner_set(c->size, object, false, (uint64_t)__builtin_return_address(0));
	return object;
}

void kfree(void *memory)
{
	struct page *p;

	if (!memory)
		return;
	p = page_of(virt_to_phys(memory));
	KASSERT(p && p->flags & (PAGE_SLAB | PAGE_LARGE));
	if (p->flags & PAGE_SLAB) {
		object_free(((struct slab *)p->owner)->cache, memory);
		return;
	}
	__atomic_fetch_sub(&large_used, 1, __ATOMIC_RELAXED);
	__atomic_fetch_sub(&large_pages, 1ull << p->order, __ATOMIC_RELAXED);
	p->flags &= ~PAGE_LARGE;
	page_put(p);
}

/* --- counts --------------------------------------------------------------------- */

static uint32_t cache_used(const struct object_cache *c)
{
	uint32_t used = __atomic_load_n(&c->balance, __ATOMIC_RELAXED);

	for (unsigned i = 0; i < CPU_MAX; i++)
		if (magazines[i])
			used += __atomic_load_n(&magazines[i][c->index].balance, __ATOMIC_RELAXED);
	return used;
}

uint64_t object_count(void)
{
	uint64_t n = __atomic_load_n(&large_used, __ATOMIC_RELAXED);

	for (uint32_t i = 0; i < __atomic_load_n(&cache_count, __ATOMIC_ACQUIRE); i++)
		n += cache_used(&caches[i]);
	return n - kasan_waiting();
}

uint64_t object_pages(void)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < CPU_MAX; i++)
		n += magazines[i] ? 1u << MAGAZINES_ORDER : 0;
	for (uint32_t i = 0; i < __atomic_load_n(&cache_count, __ATOMIC_ACQUIRE); i++)
		n += (uint64_t)__atomic_load_n(&caches[i].slabs, __ATOMIC_RELAXED)
		     << caches[i].order;
	return n;
}

bool object_cache_info(unsigned index, const char **name, size_t *size, uint64_t *used,
		       uint64_t *pages)
{
	uint32_t count = __atomic_load_n(&cache_count, __ATOMIC_ACQUIRE);

	if (index > count)
		return false;
	if (index == count) {
		*name = "kmalloc-large";
		*size = PAGE_SIZE;
		*used = __atomic_load_n(&large_used, __ATOMIC_RELAXED);
		*pages = __atomic_load_n(&large_pages, __ATOMIC_RELAXED);
		return true;
	}
	*name = caches[index].name;
	*size = caches[index].size;
	*used = cache_used(&caches[index]);
	*pages = (uint64_t)__atomic_load_n(&caches[index].slabs, __ATOMIC_RELAXED)
		 << caches[index].order;
	return true;
}
