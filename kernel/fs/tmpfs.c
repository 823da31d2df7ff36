/* tmpfs: instances, inodes and what may be done with them.  Contents are page
 * objects without a source; names are in tmpfs_names.c. */
#include <linux/errno.h>
#include <linux/magic.h>

#include "kernel/lib/assert.h"
#include "kernel/fs/file.h"
#include "kernel/fs/tmpfs_names.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

static const struct inode_ops tmpfs_dir_ops, tmpfs_file_ops, tmpfs_link_ops;

static const struct inode_ops *ops_for(uint32_t mode)
{
	if (S_ISDIR(mode))
		return &tmpfs_dir_ops;
	return S_ISLNK(mode) ? &tmpfs_link_ops : &tmpfs_file_ops;
}

static int contents_charge(void *owner, int change)
{
	struct tmpfs *t = owner;
	uint64_t pages = __atomic_add_fetch(&t->pages, (uint64_t)(int64_t)change, __ATOMIC_RELAXED);

	if (change < 0 || !t->limit || pages <= t->limit)
		return 0;
	__atomic_fetch_sub(&t->pages, 1, __ATOMIC_RELAXED);
	return -ENOSPC;
}

/* What the kinds need besides the inode: 0 or -ENOMEM. */
static int contents_create(struct inode *i, const struct inode_birth *birth)
{
	static const struct pages_source memory = { .charge = contents_charge };
	size_t length;

	if (S_ISREG(i->mode)) {
		i->pages = pages_create(&memory, i->super->data, 0);
		i->seals = F_SEAL_SEAL;
		return i->pages ? 0 : -ENOMEM;
	}
	if (S_ISDIR(i->mode)) {
		i->links = 2;
		return names_create(i);
	}
	if (S_ISLNK(i->mode)) {
		length = strlen(birth->target);
		i->data = kmalloc(length + 1);
		if (!i->data)
			return -ENOMEM;
		memcpy(i->data, birth->target, length + 1);
		i->size = length;
	}
	return 0;
}

static struct inode *tmpfs_inode(struct super *s, const struct inode_birth *birth)
{
	struct tmpfs *t = s->data;
	struct inode *i = inode_create(s, ops_for(birth->mode), birth->mode);

	if (!i)
		return NULL;
	i->number = __atomic_add_fetch(&t->last_number, 1, __ATOMIC_RELAXED);
	i->uid = birth->uid;
	i->gid = birth->gid;
	i->device = birth->device;
	__atomic_fetch_add(&t->inodes, 1, __ATOMIC_RELAXED);
	if (contents_create(i, birth)) {
		inode_put(i);
		return NULL;
	}
	return i;
}

static void tmpfs_release(struct inode *i)
{
	struct tmpfs *t = i->super->data;

	if (S_ISDIR(i->mode))
		names_free(i);
	else if (S_ISLNK(i->mode))
		kfree(i->data);
	__atomic_fetch_sub(&t->inodes, 1, __ATOMIC_RELAXED);
}

static int tmpfs_create_name(struct inode *dir, const char *name, size_t length,
			     const struct inode_birth *birth, struct inode **out)
{
	struct inode *i;
	int error;

	if (dir->links == 0)
		return -ENOENT;
	i = tmpfs_inode(dir->super, birth);
	if (!i)
		return -ENOSPC;
	error = names_add(dir, name, length, i);
	if (error) {
		inode_put(i);
		return error;
	}
	if (S_ISDIR(i->mode))
		dir->links++;
	inode_touch(dir);
	*out = i;
	return 0;
}

static struct inode *nameless(struct super *s, const struct inode_birth *birth)
{
	struct inode *i = tmpfs_inode(s, birth);

	if (i)
		i->links = 0;
	return i;
}

static struct inode *tmpfs_nameless(struct inode *dir, const struct inode_birth *birth)
{
	return nameless(dir->super, birth);
}

static int tmpfs_link(struct inode *dir, const char *name, size_t length, struct inode *i)
{
	int error = dir->links ? names_add(dir, name, length, i) : -ENOENT;

	if (error)
		return error;
	__atomic_fetch_add(&i->links, 1, __ATOMIC_RELAXED);
	i->ctime = inode_now();
	inode_touch(dir);
	return 0;
}

/* One name less for i, which was in dir. */
static void unlinked(struct inode *dir, struct inode *i)
{
	if (S_ISDIR(i->mode)) {
		i->links = 0;
		dir->links--;
	} else {
		__atomic_fetch_sub(&i->links, 1, __ATOMIC_RELAXED);
	}
	i->ctime = inode_now();
}

static int tmpfs_unlink(struct inode *dir, const char *name, size_t length, struct inode *i)
{
	names_remove(dir, name, length);
	unlinked(dir, i);
	inode_touch(dir);
	return 0;
}

static int tmpfs_rename(struct inode *from, const char *name, size_t length, struct inode *i,
			struct inode *to, const char *new_name, size_t new_length,
			struct inode *victim, struct inode *left)
{
	const bool exchange = left && left == victim;
	int error = 0;

	if (to->links == 0)
		return -ENOENT;
	if (victim)
		names_set(to, new_name, new_length, i);
	else
		error = names_add(to, new_name, new_length, i);
	if (error)
		return error;
	if (left)
		names_set(from, name, length, left);
	else
		names_remove(from, name, length);
	if (left && !exchange)
		left->links++;
	if (victim && !exchange)
		unlinked(to, victim);
	if (S_ISDIR(i->mode)) {
		from->links--;
		to->links++;
	}
	if (exchange && S_ISDIR(victim->mode)) {
		to->links--;
		from->links++;
	}
	i->ctime = inode_now();
	inode_touch(from);
	inode_touch(to);
	return 0;
}

static int64_t tmpfs_readlink(struct inode *i, char *to, size_t size)
{
	size_t n = MIN(size, (size_t)i->size);

	memcpy(to, i->data, n);
	return (int64_t)n;
}

static const struct inode_ops tmpfs_dir_ops = {
	.lookup = names_lookup,
	.create = tmpfs_create_name,
	.nameless = tmpfs_nameless,
	.link = tmpfs_link,
	.unlink = tmpfs_unlink,
	.empty = names_empty,
	.rename = tmpfs_rename,
	.list = names_list,
	.release = tmpfs_release,
};

static const struct inode_ops tmpfs_file_ops = {
	.release = tmpfs_release,
};

static const struct inode_ops tmpfs_link_ops = {
	.readlink = tmpfs_readlink,
	.release = tmpfs_release,
};

/* The root inode, and with it all that was named, is gone. */
static void tmpfs_root_release(struct super *s)
{
	struct tmpfs *t = s->data;

	KASSERT(t->inodes == 0);
	kfree(t);
}

static void tmpfs_usage(struct super *s, struct super_usage *out)
{
	struct tmpfs *t = s->data;

	out->blocks = t->limit ? t->limit : page_count_total();
	out->blocks_free = t->limit ? t->limit - MIN(t->limit, t->pages) : page_count_free();
	out->files = page_count_total();
	out->files_free = out->files - MIN(out->files, t->inodes);
}

/* The text behind "name=" in a list of options, or NULL. */
static const char *option_find(const char *options, const char *name)
{
	size_t length = strlen(name);
	const char *at = options;

	while (at && strncmp(at, name, length) != 0) {
		at = strchr(at, ',');
		at = at ? at + 1 : NULL;
	}
	return at ? at + length : NULL;
}

static uint32_t option_mode(const char *options)
{
	const char *at = option_find(options, "mode=");
	uint32_t mode = 0;

	if (!at)
		return 01777;
	for (; *at >= '0' && *at <= '7'; at++)
		mode = mode * 8 + (uint32_t)(*at - '0');
	return mode & 07777;
}

/* size=N with k, m, g or %, in pages; half of all memory by default. */
static uint64_t option_pages(const char *options)
{
	const char *at = option_find(options, "size=");
	uint64_t n = 0;

	if (!at)
		return page_count_total() / 2;
	for (; *at >= '0' && *at <= '9' && n < UINT64_MAX / 1024; at++)
		n = n * 10 + (uint64_t)(*at - '0');
	switch (*at) {
	case '%':
		return page_count_total() * MIN(n, 100ull) / 100;
	case 'k':
	case 'K':
		n <<= 10;
		break;
	case 'm':
	case 'M':
		n <<= 20;
		break;
	case 'g':
	case 'G':
		n <<= 30;
		break;
	}
	return (n + PAGE_MASK) >> PAGE_SHIFT;
}

int tmpfs_create(const char *type, const char *options, struct super **out)
{
	struct inode_birth birth = { .mode = S_IFDIR | option_mode(options) };
	struct super *s = super_create(type, TMPFS_MAGIC);

	if (!s)
		return -ENOMEM;
	s->data = kmalloc(sizeof(struct tmpfs));
	if (s->data) {
		((struct tmpfs *)s->data)->limit = option_pages(options);
		s->usage = tmpfs_usage;
		s->release = tmpfs_root_release;
		s->root = tmpfs_inode(s, &birth);
	}
	if (!s->root) {
		super_put(s);
		return -ENOMEM;
	}
	*out = s;
	return 0;
}

struct inode *tmpfs_file(struct super *s, uint32_t mode, uint32_t uid, uint32_t gid)
{
	struct inode_birth birth = { .mode = S_IFREG | (mode & 07777), .uid = uid, .gid = gid };

	return nameless(s, &birth);
}
