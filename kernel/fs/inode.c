/* Inodes and file system instances. */
#include "kernel/fs/notify.h"
#include "kernel/fs/inode.h"

#include "kernel/arch/x86_64/clock.h"
#include "kernel/lib/assert.h"
#include "kernel/fs/dentry.h"
#include "kernel/fs/xattr.h"
#include "kernel/mm/object.h"

static struct object_cache *inode_cache;
static uint32_t last_device; /* [a] minor of devices without hardware */

static struct object_cache *cache(void)
{
	struct object_cache *c = __atomic_load_n(&inode_cache, __ATOMIC_ACQUIRE);

	if (unlikely(!c)) { /* first at boot, on one CPU */
		c = object_cache_create("inode", sizeof(struct inode), 8);
		__atomic_store_n(&inode_cache, c, __ATOMIC_RELEASE);
	}
	return c;
}

uint64_t inode_now(void)
{
	return clock_realtime_base() + clock_now();
}

struct inode *inode_create(struct super *s, const struct inode_ops *ops, uint32_t mode)
{
	struct inode *i = object_alloc(cache());

	if (!i)
		return NULL;
	ref_init(&i->refs, 1);
	i->ops = ops;
	i->super = s;
	i->mode = mode;
	i->links = 1;
	i->atime = i->mtime = i->ctime = i->btime = inode_now();
	mutex_init(&i->lock);
	return i;
}

void inode_put(struct inode *i)
{
	if (!i || !ref_put(&i->refs))
		return;
	KASSERT(!i->pipe && !i->locks);
	if (i->ops->release)
		i->ops->release(i);
	if (i->pages)
		pages_put(i->pages);
	xattr_free_all(i);
	object_free(cache(), i);
}

void inode_touch(struct inode *i)
{
	i->mtime = i->ctime = inode_now();
}

struct super *super_create(const char *type, uint32_t magic)
{
	struct super *s = kmalloc(sizeof(*s));

	if (!s)
		return NULL;
	ref_init(&s->refs, 1);
	s->type = type;
	s->magic = magic;
	s->device = __atomic_add_fetch(&last_device, 1, __ATOMIC_RELAXED);
	return s;
}

void super_put(struct super *s)
{
	if (!s || !ref_put(&s->refs))
		return;
	notify_unmount(s);
	if (s->names) {
		dentry_forget(s);
		dentry_put(s->names);
	}
	inode_put(s->root);
	if (s->release)
		s->release(s);
	kfree(s);
}

bool inode_use_begin(struct inode *i, int step)
{
	int32_t was = __atomic_load_n(&i->users, __ATOMIC_RELAXED);

	do {
		if (step > 0 ? was < 0 : was > 0)
			return false;
	} while (!__atomic_compare_exchange_n(&i->users, &was, was + step, false, __ATOMIC_ACQ_REL,
					      __ATOMIC_RELAXED));
	return true;
}

void inode_use_end(struct inode *i, int step)
{
	__atomic_fetch_sub(&i->users, step, __ATOMIC_ACQ_REL);
}
