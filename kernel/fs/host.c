/* Mounted trees of the host and their inodes: found by the server's number for the file
 * (its qid), so that a file with several names is one.  The hash holds no references:
 * an inode leaves it when its last one is gone. */
#include "kernel/fs/host.h"

#include <linux/errno.h>
#include <linux/magic.h>

#include "kernel/drivers/virtio_9p.h"
#include "kernel/fs/host_node.h"
#include "kernel/fs/mount.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

#define BUCKETS 4096

static struct spinlock host_lock = SPINLOCK_INIT(RANK_INODE, "host inodes");
static struct host_node *buckets[BUCKETS]; /* [host_lock] */

static struct spinlock trees_lock = SPINLOCK_INIT(RANK_INODE, "host trees");
static struct host_tree *trees; /* [trees_lock] */

/* --- inodes ----------------------------------------------------------------------- */

static struct host_node **bucket(uint64_t number)
{
	return &buckets[(number * 0x9e3779b97f4a7c15ull) >> 52];
}

_Static_assert(BUCKETS == 1 << 12, "bucket takes the top 12 bits");

/* A reference, unless the last one is gone already. */
static bool try_get(struct ref *refs)
{
	uint32_t n = ref_count(refs);

	while (n) {
		if (__atomic_compare_exchange_n(&refs->count, &n, n + 1, true, __ATOMIC_ACQ_REL,
						__ATOMIC_RELAXED))
			return true;
	}
	return false;
}

/* The inode with this number and type, with a reference, or NULL.  Holds: host_lock. */
static struct inode *known_find(const struct super *s, const struct host_qid *qid)
{
	for (struct host_node *n = *bucket(qid->path); n; n = n->chain) {
		bool directory = qid->type & HOST_QID_DIRECTORY;

		if (n->qid == qid->path && n->inode->super == s &&
		    inode_is(n->inode, S_IFDIR) == directory && try_get(&n->inode->refs))
			return n->inode;
	}
	return NULL;
}

static struct inode *known_get(const struct super *s, const struct host_qid *qid)
{
	struct inode *i;

	spin_lock(&host_lock);
	i = known_find(s, qid);
	spin_unlock(&host_lock);
	return i;
}

/* Make `fresh` known, unless another thread was faster: then its inode. */
static struct inode *known_add(struct inode *fresh, const struct host_qid *qid)
{
	struct host_node *n = host_node(fresh);
	struct inode *there;

	spin_lock(&host_lock);
	there = known_find(fresh->super, qid);
	if (!there) {
		n->chain = *bucket(n->qid);
		*bucket(n->qid) = n;
	}
	spin_unlock(&host_lock);
	if (!there)
		return fresh;
	inode_put(fresh);
	return there;
}

void host_forget(struct host_node *n)
{
	struct host_node **at;

	spin_lock(&host_lock);
	for (at = bucket(n->qid); *at; at = &(*at)->chain) {
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
	host_forget(n);
	if (S_ISREG(i->mode) && i->pages)
		host_file_end(i);
	if (n->write_fid)
		client_clunk(host_client(i), n->write_fid);
	host_alias_free(n);
	client_clunk(host_client(i), n->fid);
	listing_free(n->listing);
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
	i->number = host_number(a->qid.path);
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
		client_clunk(((struct host_tree *)s->data)->client, fid);
		return NULL;
	}
	n->inode = i;
	n->qid = a->qid.path;
	n->fid = fid;
	n->backed = a->size;
	n->dirty_first = UINT64_MAX;
	mutex_init(&n->open_lock);
	i->data = n;
	attributes_take(i, a);
	if (S_ISREG(a->mode) && host_file_begin(i)) {
		inode_put(i);
		return NULL;
	}
	return i;
}

int host_inode(struct super *s, const struct client_found *found, uint64_t name, struct inode **out)
{
	const struct host_qid *qid = &found->attributes.qid;

	*out = known_get(s, qid);
	if (*out) {
		host_alias_add(host_node(*out), name, found->fid);
		return 0;
	}
	*out = inode_make(s, found->fid, &found->attributes);
	if (!*out)
		return -ENOMEM;
	host_node(*out)->name = name;
	*out = known_add(*out, qid);
	return 0;
}

/* A file with dirty pages in bucket *b or behind, with a reference; NULL: none. */
static struct inode *dirty_next(unsigned *b)
{
	struct inode *i = NULL;

	spin_lock(&host_lock);
	for (; *b < BUCKETS; ++*b) {
		for (struct host_node *n = buckets[*b]; n && !i; n = n->chain) {
			if (__atomic_load_n(&n->dirty_first, __ATOMIC_RELAXED) != UINT64_MAX &&
			    try_get(&n->inode->refs))
				i = n->inode;
		}
		if (i)
			break;
	}
	spin_unlock(&host_lock);
	return i;
}

/* An error is kept for who closes the file. */
void host_sync(void)
{
	struct inode *i;

	for (unsigned b = 0; (i = dirty_next(&b));) {
		struct host_node *n = host_node(i);
		int error = host_flush(n);

		if (error)
			__atomic_store_n(&n->error, error, __ATOMIC_RELAXED);
		inode_put(i);
	}
}

/* --- the file system -------------------------------------------------------------- */

static void host_usage(struct super *s, struct super_usage *out)
{
	struct host_usage u = { 0 };

	if (client_usage(host_client(s->root), host_node(s->root)->fid, &u))
		return;
	out->blocks = u.blocks * u.block / PAGE_SIZE;
	out->blocks_free = u.free * u.block / PAGE_SIZE;
	out->files = u.files;
	out->files_free = u.files_free;
}

static void tree_release(struct super *s)
{
	struct host_tree *t = s->data;
	struct host_tree **at = &trees;

	spin_lock(&trees_lock);
	while (*at && *at != t)
		at = &(*at)->next;
	if (*at)
		*at = t->next;
	spin_unlock(&trees_lock);
	host_local_end(t);
	client_end(t->client);
	kfree(t);
}

/* The tree with this tag if it is mounted already, with a reference. */
static struct super *tree_find(const char *tag)
{
	struct super *s = NULL;

	spin_lock(&trees_lock);
	for (struct host_tree *t = trees; t && !s; t = t->next) {
		if (strcmp(t->tag, tag) == 0 && try_get(&t->super->refs))
			s = t->super;
	}
	spin_unlock(&trees_lock);
	return s;
}

/* The root of s, whose fid moves in. */
static int root_make(struct super *s, struct client *client, uint32_t fid)
{
	struct host_attributes a;
	int error = client_attributes(client, fid, &a);

	if (!error && !S_ISDIR(a.mode))
		error = -ENOTDIR;
	if (error) {
		client_clunk(client, fid);
		return error;
	}
	s->root = inode_make(s, fid, &a);
	if (!s->root)
		return -ENOMEM;
	s->root = known_add(s->root, &a.qid);
	return 0;
}

static int tree_create(const char *tag, struct super **out)
{
	struct host_tree *t = kmalloc(sizeof(*t));
	struct super *s = t ? super_create("9p", V9FS_MAGIC) : NULL;
	uint32_t fid;
	int error = s ? client_start(tag, &t->client, &fid) : -ENOMEM;

	if (error) {
		super_put(s);
		kfree(t);
		return error;
	}
	string_copy(t->tag, sizeof(t->tag), tag);
	t->super = s;
	s->data = t;
	s->usage = host_usage;
	s->release = tree_release;
	error = root_make(s, t->client, fid);
	if (error) {
		super_put(s);
		return error;
	}
	spin_lock(&trees_lock);
	t->next = trees;
	trees = t;
	spin_unlock(&trees_lock);
	*out = s;
	return 0;
}

/* One at a time: a tag has one tree. */
static int host_mount(const char *source, const char *options, struct super **out)
{
	static struct mutex lock = {
		.waiters = { SPINLOCK_INIT(RANK_WAIT, "wait queue"),
			     LIST_INIT(lock.waiters.waiters) },
	};
	int error = 0;

	mutex_lock(&lock);
	*out = tree_find(source);
	if (!*out)
		error = tree_create(source, out);
	mutex_unlock(&lock);
	return error;
}

void host_init(void)
{
	static struct file_system type = { .name = "9p", .mount = host_mount };

	virtio_9p_init();
	host_file_init();
	file_system_add(&type);
}
