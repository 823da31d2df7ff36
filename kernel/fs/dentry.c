/* The cache of names. */
#include "kernel/fs/dentry.h"

#include "kernel/fs/notify.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

#define BUCKETS    4096u
#define CACHED_MAX 16384u /* beyond this each new name drops an old one */

static struct spinlock lock = SPINLOCK_INIT(RANK_MOUNT, "names");
static struct dentry *buckets[BUCKETS];  /* [lock] */
static struct list all = LIST_INIT(all); /* [lock] */
static unsigned count;                   /* [lock] in `all` */
static struct object_cache *dentry_cache;

void names_lock(void)
{
	spin_lock(&lock);
}

void names_unlock(void)
{
	spin_unlock(&lock);
}

static uint32_t name_hash(const struct dentry *parent, const char *name, size_t length)
{
	uint64_t h = (uintptr_t)parent >> 4;

	for (size_t i = 0; i < length; i++)
		h = (h ^ (unsigned char)name[i]) * 0x100000001b3ull; /* FNV-1a */
	return (uint32_t)(h ^ h >> 32);
}

struct dentry *dentry_find(struct dentry *parent, const char *name, size_t length)
{
	uint32_t hash = name_hash(parent, name, length);

	for (struct dentry *d = buckets[hash % BUCKETS]; d; d = d->chain) {
		if (d->hash == hash && d->parent == parent && d->length == length &&
		    memcmp(d->name, name, length) == 0) {
			d->used = true;
			return d;
		}
	}
	return NULL;
}

/* Holds: lock. */
static void dentry_cache_add(struct dentry *d)
{
	d->hash = name_hash(d->parent, d->name, d->length);
	d->chain = buckets[d->hash % BUCKETS];
	buckets[d->hash % BUCKETS] = d;
	d->cached = true;
}

/* Holds: lock. */
static void dentry_cache_remove(struct dentry *d)
{
	struct dentry **at = &buckets[d->hash % BUCKETS];

	if (!d->cached)
		return;
	while (*at != d)
		at = &(*at)->chain;
	*at = d->chain;
	d->chain = NULL;
	d->cached = false;
}

static void dentry_name_free(struct dentry *d)
{
	if (d->name != d->short_name)
		kfree(d->name);
}

static void dentry_free_chain(struct dentry *dead)
{
	while (dead) {
		struct dentry *next = dead->chain;

		notify_gone(dead->inode);
		inode_put(dead->inode);
		dentry_name_free(dead);
		object_free(dentry_cache, dead);
		dead = next;
	}
}

/* Drop a reference; dentries that died by it are put before *dead.  Holds: lock. */
static void dentry_drop(struct dentry *d, struct dentry **dead)
{
	while (d && __atomic_sub_fetch(&d->refs, 1, __ATOMIC_ACQ_REL) == 0 && !d->cached) {
		struct dentry *parent = d->parent;

		list_remove(&d->link);
		list_remove(&d->sibling);
		count--;
		d->chain = *dead;
		*dead = d;
		d = parent;
	}
}

void dentry_get(struct dentry *d)
{
	__atomic_fetch_add(&d->refs, 1, __ATOMIC_RELAXED);
}

void dentry_put(struct dentry *d)
{
	struct dentry *dead = NULL;

	if (!d || names_ref_drop(&d->refs))
		return;
	spin_lock(&lock);
	dentry_drop(d, &dead);
	spin_unlock(&lock);
	dentry_free_chain(dead);
}

struct dentry *dentry_create(struct dentry *parent, const char *name, size_t length,
			     struct inode *inode)
{
	struct dentry *d;
	bool full;

	if (unlikely(!dentry_cache))
		dentry_cache = object_cache_create("dentry", sizeof(*d), 8);
	d = object_alloc(dentry_cache);
	if (d)
		d->name = length < DENTRY_SHORT ? d->short_name : kmalloc(length + 1);
	if (!d || !d->name) {
		if (d)
			object_free(dentry_cache, d);
		inode_put(inode);
		return NULL;
	}
	memcpy(d->name, name, length);
	d->length = (uint16_t)length;
	d->refs = 1;
	d->inode = inode;
	d->used = true;
	list_init(&d->children);
	list_init(&d->sibling);
	if (parent) {
		dentry_get(parent);
		d->parent = parent;
	}
	spin_lock(&lock);
	list_append(&all, &d->link);
	if (parent)
		list_add(&parent->children, &d->sibling);
	full = ++count > CACHED_MAX;
	if (parent && !parent->inode->super->uncached)
		dentry_cache_add(d);
	spin_unlock(&lock);
	if (full)
		dentry_shrink(2);
	return d;
}

void dentry_fill(struct dentry *d, struct inode *inode)
{
	spin_lock(&lock);
	KASSERT(!d->inode);
	d->inode = inode;
	spin_unlock(&lock);
}

/* Take the unused d out and free it as dentry_drop does.  Holds: lock. */
static void dentry_evict(struct dentry *d, struct dentry **dead)
{
	dentry_cache_remove(d);
	__atomic_fetch_add(&d->refs, 1, __ATOMIC_RELAXED);
	dentry_drop(d, dead);
}

void dentry_remove(struct dentry *d)
{
	struct dentry *dead = NULL, *child, *next;

	spin_lock(&lock);
	dentry_cache_remove(d);
	d->deleted = true;
	list_for_each_entry_safe(child, next, &d->children, sibling) {
		if (!child->refs && child->cached)
			dentry_evict(child, &dead);
	}
	spin_unlock(&lock);
	dentry_free_chain(dead);
}

/* Give a the place of b and the other way round.  Holds: lock. */
static void dentry_swap_places(struct dentry *a, struct dentry *b)
{
	struct dentry *parent = a->parent;
	uint16_t length = a->length;
	char *a_name = a->name, *b_name = b->name;
	char text[DENTRY_SHORT];

	memcpy(text, a->short_name, sizeof(text));
	memcpy(a->short_name, b->short_name, sizeof(text));
	memcpy(b->short_name, text, sizeof(text));
	a->name = b_name == b->short_name ? a->short_name : b_name;
	b->name = a_name == a->short_name ? b->short_name : a_name;
	a->length = b->length;
	b->length = length;
	a->parent = b->parent;
	b->parent = parent;
	list_remove(&a->sibling);
	list_remove(&b->sibling);
	list_add(&a->parent->children, &a->sibling);
	list_add(&b->parent->children, &b->sibling);
}

void dentry_move(struct dentry *d, struct dentry *target)
{
	spin_lock(&lock);
	dentry_cache_remove(d);
	dentry_cache_remove(target);
	dentry_swap_places(d, target);
	dentry_cache_add(d);
	target->deleted = true;
	spin_unlock(&lock);
}

void dentry_exchange(struct dentry *a, struct dentry *b)
{
	spin_lock(&lock);
	dentry_cache_remove(a);
	dentry_cache_remove(b);
	dentry_swap_places(a, b);
	dentry_cache_add(a);
	dentry_cache_add(b);
	spin_unlock(&lock);
}

unsigned dentry_shrink(unsigned wanted)
{
	struct dentry *dead = NULL;
	unsigned freed = 0;

	spin_lock(&lock);
	for (unsigned left = 2 * count; left && freed < wanted && !list_empty(&all); left--) {
		struct dentry *d = list_first(&all, struct dentry, link);

		list_remove(&d->link);
		list_append(&all, &d->link);
		if (__atomic_load_n(&d->refs, __ATOMIC_RELAXED) || !d->cached)
			continue;
		if (d->used && left > count) {
			d->used = false;
			continue;
		}
		dentry_evict(d, &dead);
		freed++;
	}
	spin_unlock(&lock);
	dentry_free_chain(dead);
	return freed;
}

void dentry_forget(struct super *s)
{
	struct dentry *d = s->names, *dead = NULL;

	spin_lock(&lock);
	while (d != s->names || !list_empty(&d->children)) {
		if (!list_empty(&d->children)) {
			d = list_first(&d->children, struct dentry, sibling);
			continue;
		}
		KASSERT(!d->refs && d->cached);
		d = d->parent;
		dentry_evict(list_first(&d->children, struct dentry, sibling), &dead);
	}
	spin_unlock(&lock);
	dentry_free_chain(dead);
}

bool dentry_above(const struct dentry *a, const struct dentry *b)
{
	while (b && b != a)
		b = b->parent;
	return b != NULL;
}
