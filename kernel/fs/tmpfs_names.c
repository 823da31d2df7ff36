/* Directories of tmpfs. */
#include "kernel/fs/tmpfs_names.h"

#include <linux/errno.h>

#include "kernel/lib/assert.h"
#include "kernel/lib/list.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

#define BUCKETS_FIRST 8u
#define ENTRY_BYTES   32 /* st_size a name */

/* cookie: where in a listing the name is; grows with each new name, so that a
 * listing goes on rightly whatever is made and removed in between. */
struct entry {
	struct entry *chain;
	struct list order;
	struct inode *inode; /* reference */
	uint64_t cookie;
	uint32_t hash;
	uint32_t length;
	char name[];
};

struct names {
	struct list order;
	uint64_t last_cookie;
	unsigned count, bucket_count; /* a power of two */
	struct entry **buckets;
};

static uint32_t hash_of(const char *name, size_t length)
{
	uint32_t h = 0x811c9dc5u; /* FNV-1a */

	for (size_t i = 0; i < length; i++)
		h = (h ^ (unsigned char)name[i]) * 0x01000193u;
	return h;
}

static struct entry **slot_of(struct names *n, uint32_t hash)
{
	return &n->buckets[hash & (n->bucket_count - 1)];
}

/* The link that points to the entry, or to NULL where it would be. */
static struct entry **entry_find(struct names *n, const char *name, size_t length)
{
	uint32_t hash = hash_of(name, length);
	struct entry **at = slot_of(n, hash);

	while (*at && ((*at)->hash != hash || (*at)->length != length ||
		       memcmp((*at)->name, name, length) != 0))
		at = &(*at)->chain;
	return at;
}

int names_create(struct inode *dir)
{
	struct names *n = kmalloc(sizeof(*n));

	if (!n)
		return -ENOMEM;
	n->buckets = kmalloc(BUCKETS_FIRST * sizeof(n->buckets[0]));
	if (!n->buckets) {
		kfree(n);
		return -ENOMEM;
	}
	n->bucket_count = BUCKETS_FIRST;
	n->last_cookie = 1; /* 0 and 1 are "." and ".." */
	list_init(&n->order);
	dir->data = n;
	return 0;
}

/* Move all entries of dir to the list `to`. */
static void names_empty_into(struct inode *dir, struct list *to)
{
	struct names *n = dir->data;

	while (!list_empty(&n->order)) {
		struct list *item = n->order.next;

		list_remove(item);
		list_append(to, item);
	}
	memset(n->buckets, 0, n->bucket_count * sizeof(n->buckets[0]));
	n->count = 0;
}

void names_free(struct inode *dir)
{
	struct names *n = dir->data;
	struct list left;

	if (!n) /* it failed to be born */
		return;
	list_init(&left);
	names_empty_into(dir, &left);
	while (!list_empty(&left)) {
		struct entry *e = list_first(&left, struct entry, order);

		if (S_ISDIR(e->inode->mode))
			names_empty_into(e->inode, &left);
		list_remove(&e->order);
		inode_put(e->inode);
		kfree(e);
	}
	kfree(n->buckets);
	kfree(n);
	dir->data = NULL;
}

int names_lookup(struct inode *dir, const char *name, size_t length, struct inode **out)
{
	struct entry *e = *entry_find(dir->data, name, length);

	if (!e)
		return -ENOENT;
	inode_get(e->inode);
	*out = e->inode;
	return 0;
}

/* Four times the buckets.  Without memory the chains grow, nothing else. */
static void names_grow(struct names *n)
{
	unsigned count = n->bucket_count * 4;
	struct entry **buckets = kmalloc(count * sizeof(buckets[0])), *e;

	if (!buckets)
		return;
	kfree(n->buckets);
	n->buckets = buckets;
	n->bucket_count = count;
	list_for_each_entry(e, &n->order, order) {
		struct entry **at = slot_of(n, e->hash);

		e->chain = *at;
		*at = e;
	}
}

int names_add(struct inode *dir, const char *name, size_t length, struct inode *i)
{
	struct names *n = dir->data;
	struct entry *e = kmalloc(sizeof(*e) + length);
	struct entry **at;

	if (!e)
		return -ENOSPC;
	if (n->count >= 2 * n->bucket_count)
		names_grow(n);
	memcpy(e->name, name, length);
	e->length = (uint32_t)length;
	e->hash = hash_of(name, length);
	e->cookie = ++n->last_cookie;
	inode_get(i);
	e->inode = i;
	at = slot_of(n, e->hash);
	e->chain = *at;
	*at = e;
	list_append(&n->order, &e->order);
	n->count++;
	dir->size += ENTRY_BYTES;
	return 0;
}

void names_remove(struct inode *dir, const char *name, size_t length)
{
	struct names *n = dir->data;
	struct entry **at = entry_find(n, name, length), *e = *at;

	KASSERT(e);
	*at = e->chain;
	list_remove(&e->order);
	n->count--;
	dir->size -= ENTRY_BYTES;
	inode_put(e->inode);
	kfree(e);
}

void names_set(struct inode *dir, const char *name, size_t length, struct inode *i)
{
	struct entry *e = *entry_find(dir->data, name, length);
	struct inode *old;

	KASSERT(e);
	old = e->inode;
	inode_get(i);
	e->inode = i;
	inode_put(old);
}

bool names_empty(struct inode *dir)
{
	const struct names *n = dir->data;

	return n->count == 0;
}

int names_list(struct inode *dir, uint64_t *position, struct list_sink *sink)
{
	struct names *n = dir->data;
	struct entry *e;

	list_for_each_entry(e, &n->order, order) {
		if (e->cookie < *position)
			continue;
		if (!sink->emit(sink, e->name, e->length, e->inode->number, e->inode->mode,
				e->cookie + 1))
			return 0;
		*position = e->cookie + 1;
	}
	return 0;
}
