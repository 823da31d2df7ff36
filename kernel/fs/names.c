/* Making and removing names: mkdir, mknod, symlink, link, unlink, rmdir.  Each
 * walks to the parent, locks it, looks at the last component and then acts. */
#include <linux/errno.h>

#include "kernel/fs/mount.h"
#include "kernel/fs/notify.h"
#include "kernel/fs/place.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

int place_begin(struct place *p, const struct lookup *l, const char *name)
{
	int error;

	*p = (struct place){ 0 };
	error = walk_begin(&p->walk, l, name);
	if (!error)
		error = walk_to_parent(&p->walk);
	if (!error)
		p->dir = path_inode(&p->walk.at);
	return error;
}

int place_lock(struct place *p)
{
	int error;

	mutex_lock(&p->dir->lock);
	p->locked = true;
	error = walk_last(&p->walk, &p->name);
	return error;
}

void place_end(struct place *p)
{
	if (p->locked)
		mutex_unlock(&p->dir->lock);
	dentry_put(p->name);
	walk_end(&p->walk);
}

void birth_fill(struct inode_birth *b, const struct inode *dir, const struct lookup *l)
{
	b->uid = l->credentials->fsuid;
	b->gid = l->credentials->fsgid;
	if (!S_ISLNK(b->mode))
		b->mode &= ~(__atomic_load_n(&l->context->umask, __ATOMIC_RELAXED) & 0777);
	if (dir->mode & S_ISGID) {
		b->gid = dir->gid;
		if (S_ISDIR(b->mode))
			b->mode |= S_ISGID;
	}
}

/* A new name is wanted here: is it free, may it be made?  directory: what is made. */
static int place_free(struct place *p, bool directory)
{
	int error;

	if (p->walk.kind != LAST_NAME)
		return -EEXIST;
	error = place_lock(p);
	if (error)
		return error;
	if (p->name->inode)
		return -EEXIST;
	if (p->walk.slash && !directory)
		return -ENOENT;
	error = mount_writable(&p->walk.at);
	if (error)
		return error;
	return inode_permission(p->dir, p->walk.lookup->credentials, MAY_WRITE | MAY_EXECUTE);
}

int place_create(struct place *p, struct inode_birth *birth)
{
	struct inode *i;
	int error;

	if (!p->dir->ops->create)
		return -EPERM;
	birth_fill(birth, p->dir, p->walk.lookup);
	error = p->dir->ops->create(p->dir, p->walk.last, p->walk.last_length, birth, &i);
	if (!error)
		dentry_fill(p->name, i);
	return error;
}

static int make(const struct lookup *l, const char *name, struct inode_birth *birth)
{
	struct place p;
	int error = place_begin(&p, l, name);

	if (!error)
		error = place_free(&p, S_ISDIR(birth->mode));
	if (!error)
		error = place_create(&p, birth);
	if (!error)
		notify_name(p.dir, p.walk.last, p.walk.last_length, p.name->inode, IN_CREATE, 0);
	place_end(&p);
	return error;
}

int path_make(const struct lookup *l, const char *name, uint32_t mode, uint64_t device)
{
	struct inode_birth birth = { .mode = mode, .device = device };

	switch (mode & S_IFMT) {
	case S_IFCHR:
	case S_IFBLK:
		if (!credentials_have(l->credentials, CAP_MKNOD))
			return -EPERM;
		break;
	case S_IFDIR:
		birth.mode &= S_IFMT | 01777;
		break;
	case S_IFREG:
	case S_IFIFO:
	case S_IFSOCK:
		break;
	default:
		return -EINVAL;
	}
	return make(l, name, &birth);
}

int path_symlink(const struct lookup *l, const char *name, const char *target)
{
	struct inode_birth birth = { .mode = S_IFLNK | 0777, .target = target };

	if (!*target)
		return -ENOENT;
	return make(l, name, &birth);
}

int path_link(const struct path *old, const struct lookup *l, const char *name)
{
	struct inode *i = path_inode(old);
	struct place p;
	int error = place_begin(&p, l, name);

	if (!error)
		error = place_free(&p, false);
	if (!error && old->mount != p.walk.at.mount)
		error = -EXDEV;
	if (!error && (S_ISDIR(i->mode) || !p.dir->ops->link))
		error = -EPERM;
	if (!error && i->links == 0 && !i->linkable)
		error = -ENOENT;
	if (!error)
		error = p.dir->ops->link(p.dir, p.walk.last, p.walk.last_length, i);
	if (!error) {
		inode_get(i);
		dentry_fill(p.name, i);
		notify_inode(i, IN_ATTRIB); /* one more link */
		notify_name(p.dir, p.walk.last, p.walk.last_length, i, IN_CREATE, 0);
	}
	place_end(&p);
	return error;
}

int place_may_remove(const struct place *p, bool directory)
{
	const struct inode *i = p->name->inode;
	int error = inode_may_remove(p->dir, i, p->walk.lookup->credentials);

	if (error)
		return error;
	if (directory != S_ISDIR(i->mode))
		return directory ? -ENOTDIR : -EISDIR;
	return p->name->mounts ? -EBUSY : 0;
}

static int last_removable(const struct walk *w, bool directory)
{
	if (w->kind == LAST_NAME)
		return 0;
	if (!directory)
		return -EISDIR;
	return w->kind == LAST_DOT ? -EINVAL : w->kind == LAST_UP ? -ENOTEMPTY : -EBUSY;
}

/* What is there is a thing that may go.  Holds: the lock of p->dir. */
static int unlink_check(struct place *p, bool directory)
{
	struct inode *i = p->name->inode;
	int error;

	if (!i)
		return -ENOENT;
	if (p->walk.slash && !directory)
		return S_ISDIR(i->mode) ? -EISDIR : -ENOTDIR;
	error = mount_writable(&p->walk.at);
	if (!error)
		error = place_may_remove(p, directory);
	if (!error && !p->dir->ops->unlink)
		error = -EPERM;
	return error;
}

int path_unlink(const struct lookup *l, const char *name, bool directory)
{
	struct place p;
	struct inode *i;
	int error = place_begin(&p, l, name);

	if (!error)
		error = last_removable(&p.walk, directory);
	if (!error)
		error = place_lock(&p);
	if (!error)
		error = unlink_check(&p, directory);
	if (!error) {
		i = p.name->inode;
		mutex_lock(&i->lock);
		if (directory && !p.dir->ops->empty(i))
			error = -ENOTEMPTY;
		else
			error = p.dir->ops->unlink(p.dir, p.walk.last, p.walk.last_length, i);
		mutex_unlock(&i->lock);
		if (!error)
			dentry_remove(p.name);
		if (!error && !directory)
			notify_inode(i, IN_ATTRIB); /* one link less */
		if (!error)
			notify_name(p.dir, p.walk.last, p.walk.last_length, i, IN_DELETE, 0);
	}
	place_end(&p);
	return error;
}

int64_t path_readlink(const struct path *p, char *to, size_t size)
{
	struct inode *i = path_inode(p);
	struct path thing;
	char *whole;
	int64_t n;

	if (!S_ISLNK(i->mode))
		return -EINVAL;
	i->atime = inode_now();
	if (i->ops->readlink)
		return i->ops->readlink(i, to, size);
	n = i->ops->follow(i, &thing);
	if (n)
		return n;
	whole = kmalloc(PATH_BYTES_MAX);
	n = whole ? path_name(&thing, NULL, whole, PATH_BYTES_MAX) : -ENOMEM;
	path_put(&thing);
	if (n > 0) {
		n = MIN(n - 1, (int64_t)size);
		memcpy(to, whole, (size_t)n);
	}
	kfree(whole);
	return n;
}
