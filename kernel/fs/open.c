/* open(2): from a name and flags to an open file. */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/mount.h>

#include "kernel/fs/file.h"
#include "kernel/fs/mount.h"
#include "kernel/fs/notify.h"
#include "kernel/fs/place.h"
#include "kernel/fs/regular.h"
#include "kernel/lib/print.h"

#define FLAGS_WITH_PATH (O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC)

struct opening {
	const struct lookup *lookup;
	uint32_t flags, mode;
	struct path path; /* result, with references */
	bool created;
};

static unsigned access_wanted(uint32_t flags)
{
	static const unsigned may[4] = {
		[O_RDONLY] = MAY_READ,
		[O_WRONLY] = MAY_WRITE,
		[O_RDWR] = MAY_READ | MAY_WRITE,
		[O_ACCMODE] = MAY_READ | MAY_WRITE, /* only ioctl afterwards */
	};

	return may[flags & O_ACCMODE] | (flags & O_TRUNC ? MAY_WRITE : 0);
}

/* The last component exists as p->name: it is the result, or a link that leads on
 * (0 with *again).  Holds: the directory's lock, which is dropped for a link. */
static int open_existing(struct opening *o, struct place *p, bool *again)
{
	struct dentry *d = p->name;
	bool jumped;
	int error;

	if (o->flags & O_EXCL)
		return -EEXIST;
	if (!S_ISLNK(d->inode->mode)) {
		o->path = (struct path){ p->walk.at.mount, d };
		names_lock();
		mount_cross(&o->path);
		path_get(&o->path);
		names_unlock();
		return 0;
	}
	if (o->flags & O_NOFOLLOW)
		return -ELOOP;
	mutex_unlock(&p->dir->lock);
	p->locked = false;
	p->name = NULL;
	p->walk.rest = p->walk.last + p->walk.last_length;
	error = walk_follow(&p->walk, d, &jumped);
	dentry_put(d);
	if (!error && jumped) {
		o->path = p->walk.at;
		path_get(&o->path);
	}
	*again = !error && !jumped;
	return error;
}

/* No such name: make it.  Holds: the directory's lock. */
static int open_new(struct opening *o, struct place *p)
{
	struct inode_birth birth = { .mode = S_IFREG | (o->mode & 07777) };
	int error = mount_writable(&p->walk.at);

	if (!error)
		error = inode_permission(p->dir, o->lookup->credentials, MAY_WRITE | MAY_EXECUTE);
	if (!error)
		error = place_create(p, &birth);
	if (error)
		return error;
	o->path = (struct path){ p->walk.at.mount, p->name };
	path_get(&o->path);
	notify_name(p->dir, p->walk.last, p->walk.last_length, p->name->inode, IN_CREATE, 0);
	o->created = true;
	return 0;
}

/* One attempt at the last component. */
static int open_last(struct opening *o, struct place *p, bool *again)
{
	int error;

	if (p->walk.kind != LAST_NAME || p->walk.slash)
		return -EISDIR;
	error = place_lock(p);
	if (error)
		return error;
	return p->name->inode ? open_existing(o, p, again) : open_new(o, p);
}

static int open_or_create(struct opening *o, const char *name)
{
	struct place p;
	bool again = false;
	int error = place_begin(&p, o->lookup, name);

	if (!error)
		error = open_last(o, &p, &again);
	while (!error && again) {
		again = false;
		error = walk_to_parent(&p.walk);
		p.dir = path_inode(&p.walk.at);
		if (!error)
			error = open_last(o, &p, &again);
	}
	place_end(&p);
	return error;
}

/* A name that only /proc/PID/fd shows, as Linux writes it. */
static struct dentry *nameless_dentry(const struct path *dir, struct inode *i)
{
	char text[24];
	size_t length = print_text(text, sizeof(text), "#%lu", i->number);
	struct dentry *d = dentry_create(dir->dentry, text, length, i);

	if (d)
		dentry_remove(d);
	return d;
}

/* O_TMPFILE: a file in the directory's file system that has no name (yet: linkat). */
static int open_nameless(struct opening *o, const char *name)
{
	struct inode_birth birth = { .mode = S_IFREG | (o->mode & 07777) };
	const struct lookup *l = o->lookup;
	struct inode *dir, *i;
	struct path at;
	int error;

	if ((o->flags & O_TMPFILE) != O_TMPFILE || !(access_wanted(o->flags) & MAY_WRITE))
		return -EINVAL;
	error = path_lookup(l, name, &at);
	if (error)
		return error;
	dir = path_inode(&at);
	if (!S_ISDIR(dir->mode))
		error = -ENOTDIR;
	if (!error)
		error = inode_permission(dir, l->credentials, MAY_WRITE | MAY_EXECUTE);
	if (!error)
		error = mount_writable(&at);
	if (!error)
		error = dir->ops->nameless ? 0 : -EOPNOTSUPP;
	if (!error) {
		birth_fill(&birth, dir, l);
		i = dir->ops->nameless(dir, &birth);
		if (i)
			i->linkable = !(o->flags & O_EXCL);
		o->path.dentry = i ? nameless_dentry(&at, i) : NULL;
		error = o->path.dentry ? 0 : -ENOSPC;
	}
	if (!error) {
		o->path.mount = at.mount;
		mount_get(at.mount);
		o->created = true;
		o->flags &= ~(uint32_t)(O_TMPFILE | O_EXCL | O_CREAT | O_TRUNC);
	}
	path_put(&at);
	return error;
}

/* May the thing at o->path be opened like this? */
static int open_check(const struct opening *o)
{
	const struct inode *i = path_inode(&o->path);
	unsigned may = access_wanted(o->flags);
	int error;

	if (o->flags & O_CREAT && S_ISDIR(i->mode))
		return -EISDIR;
	if (o->flags & O_DIRECTORY && !S_ISDIR(i->mode))
		return -ENOTDIR;
	if (o->flags & O_PATH)
		return 0;
	if (S_ISLNK(i->mode))
		return -ELOOP;
	if (S_ISDIR(i->mode) && may & MAY_WRITE)
		return -EISDIR;
	if ((S_ISCHR(i->mode) || S_ISBLK(i->mode)) && mount_flags(&o->path) & MS_NODEV)
		return -EACCES;
	if (o->flags & O_NOATIME && !inode_owned(i, o->lookup->credentials))
		return -EPERM;
	error = o->created ? 0 : inode_permission(i, o->lookup->credentials, may);
	if (!error && may & MAY_WRITE && (S_ISREG(i->mode) || S_ISDIR(i->mode)))
		error = mount_writable(&o->path);
	return error;
}

int file_open_name(const struct lookup *l, const char *name, uint32_t flags, uint32_t mode,
		   struct file **out)
{
	struct lookup with = *l;
	struct opening o = { .lookup = &with, .flags = flags, .mode = mode };
	int error;

	if (flags & O_PATH)
		o.flags &= FLAGS_WITH_PATH;
	else
		o.flags |= O_LARGEFILE;
	with.follow = !(o.flags & O_NOFOLLOW);
	if (o.flags & __O_TMPFILE)
		error = open_nameless(&o, name);
	else if (o.flags & O_CREAT)
		error = open_or_create(&o, name);
	else
		error = path_lookup(&with, name, &o.path);
	if (error)
		return error;
	error = open_check(&o);
	if (!error)
		error = file_open(&o.path, o.flags, out);
	if (!error && o.flags & O_TRUNC && !o.created && S_ISREG((*out)->inode->mode)) {
		error = inode_truncate((*out)->inode, 0);
		if (error)
			file_put(*out);
		else
			notify_path(&o.path, IN_MODIFY);
	}
	path_put(&o.path);
	return error;
}
