#include "kernel/fs/huge_file.h"

#include <linux/errno.h>
#include <linux/magic.h>
#include <linux/mman.h>

static const unsigned shifts[] = { 21, 30 }; /* the usual one first */

static struct super *instances[ARRAY_SIZE(shifts)]; /* [a] each set once; mounted nowhere */

unsigned huge_shift(uint64_t flags)
{
	unsigned wanted = (unsigned)flags >> MAP_HUGE_SHIFT & MAP_HUGE_MASK;

	for (size_t i = 0; i < ARRAY_SIZE(shifts); i++)
		if (!wanted || wanted == shifts[i])
			return shifts[i];
	return 0;
}

static int huge_charge(void *owner, int change)
{
	(void)owner;
	return change > 0 ? -ENOSPC : 0;
}

static const struct pages_source huge_source = { .charge = huge_charge };

struct pages *huge_pages_create(uint64_t size)
{
	return pages_create(&huge_source, NULL, size);
}

static struct super *instance_get(unsigned shift)
{
	struct super **at = &instances[shift == shifts[0] ? 0 : 1];
	struct super *s = __atomic_load_n(at, __ATOMIC_ACQUIRE), *none = NULL;

	if (s)
		return s;
	s = super_create("hugetlbfs", HUGETLBFS_MAGIC);
	if (!s)
		return NULL;
	s->huge_shift = (uint8_t)shift;
	if (!__atomic_compare_exchange_n(at, &none, s, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		super_put(s);
		s = none;
	}
	return s;
}

/* There is nothing in it but zeros, which write(2) cannot change: no file_ops.write. */
static int64_t huge_read(struct file *f, const struct buffer *b, uint64_t *position)
{
	uint64_t size = __atomic_load_n(&f->inode->size, __ATOMIC_RELAXED);
	size_t n = *position < size ? MIN(b->length, size - *position) : 0;
	int error = buffer_zero(b, 0, n);

	if (error)
		return error;
	*position += n;
	return (int64_t)n;
}

static int64_t huge_seek(struct file *f, int64_t offset, int whence)
{
	return seek_within(f, offset, whence, f->inode->size);
}

static int huge_map(struct file *f, struct map_file *out)
{
	out->pages = f->inode->pages;
	out->huge_shift = f->inode->super->huge_shift;
	return 0;
}

static int huge_sync(struct file *f)
{
	(void)f;
	return 0;
}

static const struct file_ops huge_file_ops = {
	.read = huge_read,
	.seek = huge_seek,
	.map = huge_map,
	.sync = huge_sync,
};

static const struct inode_ops huge_inode_ops = { .file_ops = &huge_file_ops };

static struct inode *huge_inode(struct super *s, uint64_t size, const struct credentials *c)
{
	static uint64_t last; /* [a] */
	struct inode *i = inode_create(s, &huge_inode_ops, S_IFREG | 0777);

	if (!i)
		return NULL;
	i->pages = huge_pages_create(size);
	if (!i->pages) {
		inode_put(i);
		return NULL;
	}
	i->number = __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
	i->size = size;
	i->uid = c->fsuid;
	i->gid = c->fsgid;
	i->links = 0;
	i->seals = F_SEAL_SEAL;
	return i;
}

int huge_file_create(const char *text, unsigned shift, uint64_t size, bool sealable,
		     const struct credentials *c, struct file **out)
{
	struct super *s = instance_get(shift);
	struct inode *i = s ? huge_inode(s, size, c) : NULL;

	if (!i)
		return -ENOMEM;
	if (sealable)
		i->seals = 0;
	*out = file_create(i, text, &huge_file_ops, O_RDWR | O_LARGEFILE, NULL);
	return *out ? 0 : -ENFILE;
}

void huge_file_mapped(struct file *f, uint64_t end)
{
	struct inode *i = f->inode;

	mutex_lock(&i->lock);
	if (i->size < end) {
		pages_resize(i->pages, end);
		__atomic_store_n(&i->size, end, __ATOMIC_RELAXED);
	}
	mutex_unlock(&i->lock);
}
