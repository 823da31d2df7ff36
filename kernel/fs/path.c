/* Places and their names; a process's root and working directory. */
#include "kernel/fs/path.h"

#include <linux/errno.h>

#include "kernel/fs/dentry.h"
#include "kernel/fs/mount.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

#define DELETED     " (deleted)"
#define UNREACHABLE "(unreachable)"

struct inode *path_inode(const struct path *p)
{
	return p->dentry->inode;
}

void path_get(const struct path *p)
{
	mount_get(p->mount);
	dentry_get(p->dentry);
}

void path_put(struct path *p)
{
	/* The mount keeps the file system that the dentry belongs to. */
	dentry_put(p->dentry);
	mount_put(p->mount);
	*p = (struct path){ 0 };
}

bool path_deleted(const struct path *p)
{
	return p->dentry->deleted;
}

/* Text is built from the end of the buffer backwards. */
struct backwards {
	char *start, *at;
	bool full;
};

static void backwards_add(struct backwards *b, const char *from, size_t n)
{
	if ((size_t)(b->at - b->start) < n) {
		b->full = true;
		return;
	}
	b->at -= n;
	memcpy(b->at, from, n);
}

/* Holds: names lock.  True if root was reached. */
static bool climb(struct backwards *b, struct path at, const struct path *root)
{
	while (!root || !path_equal(&at, root)) {
		if (at.dentry == at.mount->root) {
			if (!at.mount->parent)
				return !root;
			at.dentry = at.mount->at;
			at.mount = at.mount->parent;
			continue;
		}
		if (!at.dentry->parent)
			return false;
		backwards_add(b, at.dentry->name, at.dentry->length);
		backwards_add(b, "/", 1);
		at.dentry = at.dentry->parent;
	}
	return true;
}

/* Files without a place: their own text, or what they are and their number. */
static void name_placeless(struct backwards *b, const struct dentry *d)
{
	const char *kind = inode_is(d->inode, S_IFIFO) ? "pipe" : "socket";
	char text[40];

	if (d->length) {
		backwards_add(b, d->name, d->length);
	} else {
		int n = print_text(text, sizeof(text), "%s:[%lu]", kind, d->inode->number);

		backwards_add(b, text, (size_t)n);
	}
}

int64_t path_name(const struct path *p, const struct path *root, char *to, size_t size)
{
	struct backwards b = { .start = to, .at = to + size };
	size_t length;
	bool reached;

	backwards_add(&b, "", 1);
	names_lock();
	if (p->dentry->deleted)
		backwards_add(&b, DELETED, strlen(DELETED));
	if (!p->mount) {
		name_placeless(&b, p->dentry);
	} else {
		char *before = b.at;

		reached = climb(&b, *p, root);
		if (b.at == before)
			backwards_add(&b, "/", 1);
		if (!reached)
			backwards_add(&b, UNREACHABLE, strlen(UNREACHABLE));
	}
	names_unlock();
	if (b.full)
		return -ERANGE;
	length = (size_t)(to + size - b.at);
	memmove(to, b.at, length);
	return (int64_t)length;
}

struct fs_context *fs_context_create(void)
{
	struct fs_context *c = kmalloc(sizeof(*c));

	if (!c)
		return NULL;
	ref_init(&c->refs, 1);
	spin_init(&c->lock, RANK_FD, "fs context");
	mount_root(&c->root);
	c->cwd = c->root;
	path_get(&c->cwd);
	c->umask = 022;
	return c;
}

struct fs_context *fs_context_copy(struct fs_context *c)
{
	struct fs_context *new = kmalloc(sizeof(*new));

	if (!new)
		return NULL;
	ref_init(&new->refs, 1);
	spin_init(&new->lock, RANK_FD, "fs context");
	fs_context_root(c, &new->root);
	fs_context_cwd(c, &new->cwd);
	new->umask = c->umask;
	return new;
}

void fs_context_get(struct fs_context *c)
{
	ref_get(&c->refs);
}

void fs_context_put(struct fs_context *c)
{
	if (!c || !ref_put(&c->refs))
		return;
	path_put(&c->root);
	path_put(&c->cwd);
	kfree(c);
}

static void context_copy(struct fs_context *c, const struct path *which, struct path *out)
{
	spin_lock(&c->lock);
	*out = *which;
	path_get(out);
	spin_unlock(&c->lock);
}

void fs_context_root(struct fs_context *c, struct path *out)
{
	context_copy(c, &c->root, out);
}

void fs_context_cwd(struct fs_context *c, struct path *out)
{
	context_copy(c, &c->cwd, out);
}

static void context_set(struct fs_context *c, struct path *which, const struct path *p)
{
	struct path old;

	path_get(p);
	spin_lock(&c->lock);
	old = *which;
	*which = *p;
	spin_unlock(&c->lock);
	path_put(&old);
}

void fs_context_set_root(struct fs_context *c, const struct path *p)
{
	context_set(c, &c->root, p);
}

void fs_context_set_cwd(struct fs_context *c, const struct path *p)
{
	context_set(c, &c->cwd, p);
}
