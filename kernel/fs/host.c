/* Inodes of the host's tree: found by the server's number for the file (its qid), so
 * that a file with several names is one.  The hash holds no references: an inode
 * leaves it when its last one is gone. */
#include "kernel/fs/host.h"

#include <linux/errno.h>
#include <linux/magic.h>

#include "kernel/fs/host_node.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

#define BUCKETS  4096
#define LINK_MAX 4096 /* bytes of a link's text, as Linux's PATH_MAX */

static const struct inode_ops host_dir_ops, host_link_ops, host_other_ops, place_ops;

static struct spinlock host_lock = SPINLOCK_INIT(RANK_INODE, "host inodes");
static struct host_node *buckets[BUCKETS]; /* [host_lock] */

/* --- inodes ----------------------------------------------------------------------- */

static struct host_node **bucket(uint64_t number)
{
	return &buckets[(number * 0x9e3779b97f4a7c15ull) >> 52];
}

_Static_assert(BUCKETS == 1 << 12, "bucket takes the top 12 bits");

/* A reference, unless the last one is gone already. */
static bool inode_try_get(struct inode *i)
{
	uint32_t n = ref_count(&i->refs);

	while (n) {
		if (__atomic_compare_exchange_n(&i->refs.count, &n, n + 1, true, __ATOMIC_ACQ_REL,
						__ATOMIC_RELAXED))
			return true;
	}
	return false;
}

/* The inode with this number and type, with a reference, or NULL.  Holds: host_lock. */
static struct inode *known_find(uint64_t number, const struct host_qid *qid)
{
	for (struct host_node *n = *bucket(number); n; n = n->chain) {
		bool directory = qid->type & HOST_QID_DIRECTORY;

		if (n->inode->number == number && inode_is(n->inode, S_IFDIR) == directory &&
		    inode_try_get(n->inode))
			return n->inode;
	}
	return NULL;
}

static struct inode *known_get(const struct host_qid *qid)
{
	struct inode *i;

	spin_lock(&host_lock);
	i = known_find(qid->path, qid);
	spin_unlock(&host_lock);
	return i;
}

/* Make `fresh` known, unless another thread was faster: then its inode. */
static struct inode *known_add(struct inode *fresh, const struct host_qid *qid)
{
	struct host_node *n = host_node(fresh);
	struct inode *there;

	spin_lock(&host_lock);
	there = known_find(fresh->number, qid);
	if (!there) {
		n->chain = *bucket(fresh->number);
		*bucket(fresh->number) = n;
	}
	spin_unlock(&host_lock);
	if (!there)
		return fresh;
	inode_put(fresh);
	return there;
}

static void known_remove(struct host_node *n)
{
	struct host_node **at;

	spin_lock(&host_lock);
	for (at = bucket(n->inode->number); *at; at = &(*at)->chain) {
		if (*at == n) {
			*at = n->chain;
			break;
		}
	}
	spin_unlock(&host_lock);
}

void host_release(struct inode *i)
{
	struct host_node *n = host_node(i);

	if (!n)
		return;
	known_remove(n);
	if (S_ISREG(i->mode) && i->pages)
		host_file_end(i);
	client_clunk(n->fid);
	host_listing_free(n->listing);
	kfree(n->target);
	kfree(n);
}

static const struct inode_ops *ops_for(uint32_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return &host_dir_ops;
	case S_IFREG:
		return &host_file_ops;
	case S_IFLNK:
		return &host_link_ops;
	default:
		return &host_other_ops;
	}
}

static void attributes_take(struct inode *i, const struct host_attributes *a)
{
	i->number = a->qid.path;
	i->uid = a->uid;
	i->gid = a->gid;
	i->links = MAX(a->links, 1);
	i->device = a->device;
	i->size = a->size;
	i->blocks = a->blocks;
	i->blocks_known = true;
	i->atime = a->atime;
	i->mtime = a->mtime;
	i->ctime = a->ctime;
	i->btime = a->btime;
}

/* An inode, not yet known, that owns the fid; without memory the fid is given back. */
static struct inode *inode_make(struct super *s, uint32_t fid, const struct host_attributes *a)
{
	struct host_node *n = kmalloc(sizeof(*n));
	struct inode *i = n ? inode_create(s, ops_for(a->mode), a->mode) : NULL;

	if (!i) {
		kfree(n);
		client_clunk(fid);
		return NULL;
	}
	n->inode = i;
	n->fid = fid;
	mutex_init(&n->open_lock);
	i->data = n;
	attributes_take(i, a);
	if (S_ISREG(a->mode) && host_file_begin(i)) {
		inode_put(i);
		return NULL;
	}
	return i;
}

/* The inode of the file behind fid, which moves in. */
static int host_inode(struct super *s, uint32_t fid, const struct host_qid *qid, struct inode **out)
{
	struct host_attributes a;
	int error;

	*out = known_get(qid);
	if (*out) {
		client_clunk(fid);
		return 0;
	}
	error = client_attributes(fid, &a);
	if (error) {
		client_clunk(fid);
		return error;
	}
	*out = inode_make(s, fid, &a);
	if (!*out)
		return -ENOMEM;
	*out = known_add(*out, &a.qid);
	return 0;
}

/* --- names ------------------------------------------------------------------------ */

/* Where something of ours is mounted there is a directory even if the host's tree
 * has none. */
static bool is_place(const char *name, size_t length)
{
	static const char *const places[] = { "dev", "proc", "run", "sys", "tmp" };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		if (strlen(places[i]) == length && !memcmp(places[i], name, length))
			return true;
	}
	return false;
}

static int host_lookup(struct inode *dir, const char *name, size_t length, struct inode **out)
{
	struct host_qid qid = { 0 };
	uint32_t fid;
	int error = client_walk(host_node(dir)->fid, name, length, &fid, &qid);

	if (error == -ENOENT && dir == dir->super->root && is_place(name, length)) {
		*out = inode_create(dir->super, &place_ops, S_IFDIR | 0755);
		return *out ? 0 : -ENOMEM;
	}
	return error ? error : host_inode(dir->super, fid, &qid, out);
}

static int nothing_lookup(struct inode *dir, const char *name, size_t length, struct inode **out)
{
	return -ENOENT;
}

static int64_t host_readlink(struct inode *i, char *to, size_t size)
{
	struct host_node *n = host_node(i);
	char *target = __atomic_load_n(&n->target, __ATOMIC_ACQUIRE), *none = NULL;
	size_t length;
	int64_t got;

	if (!target) {
		target = kmalloc(LINK_MAX);
		got = target ? client_readlink(n->fid, target, LINK_MAX - 1) : -ENOMEM;
		if (got < 0) {
			kfree(target);
			return got;
		}
		if (!__atomic_compare_exchange_n(&n->target, &none, target, false, __ATOMIC_ACQ_REL,
						 __ATOMIC_ACQUIRE)) {
			kfree(target);
			target = none;
		}
	}
	length = MIN(strlen(target), size);
	memcpy(to, target, length);
	return (int64_t)length;
}

static bool host_may_change(struct inode *i)
{
	return false;
}

static const struct inode_ops host_dir_ops = {
	.lookup = host_lookup,
	.list = host_list,
	.may_change = host_may_change,
	.release = host_release,
};

static const struct inode_ops host_link_ops = {
	.readlink = host_readlink,
	.may_change = host_may_change,
	.release = host_release,
};

static const struct inode_ops host_other_ops = {
	.may_change = host_may_change,
	.release = host_release,
};

static const struct inode_ops place_ops = {
	.lookup = nothing_lookup,
	.may_change = host_may_change,
};

/* --- the file system -------------------------------------------------------------- */

static void host_usage(struct super *s, struct super_usage *out)
{
	struct host_usage u = { 0 };

	if (client_usage(host_node(s->root)->fid, &u))
		return;
	out->blocks = u.blocks * u.block / PAGE_SIZE;
	out->blocks_free = u.free * u.block / PAGE_SIZE;
	out->files = u.files;
	out->files_free = u.files_free;
}

int host_create(struct super **out)
{
	struct host_attributes a;
	uint32_t fid;
	int error = client_start(&fid);
	struct super *s;

	if (!error)
		error = client_attributes(fid, &a);
	if (!error && !S_ISDIR(a.mode))
		error = -ENOTDIR;
	if (error)
		return error;
	s = super_create("9p", V9FS_MAGIC);
	if (!s)
		return -ENOMEM;
	s->root = inode_make(s, fid, &a);
	if (!s->root) {
		super_put(s);
		return -ENOMEM;
	}
	s->root = known_add(s->root, &a.qid);
	s->usage = host_usage;
	*out = s;
	return 0;
}
