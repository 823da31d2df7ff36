/* rename: two places at once.
 *
 * Lock order: rename_lock (only for two directories), then the directory nearer
 * to the root, else the one at the lower address, then what is replaced. */
#include <linux/errno.h>
#include <linux/fs.h>

#include "kernel/fs/mount.h"
#include "kernel/fs/notify.h"
#include "kernel/fs/place.h"

static struct mutex rename_lock = {
	.waiters = { SPINLOCK_INIT(RANK_WAIT, "wait queue"),
		     LIST_INIT(rename_lock.waiters.waiters) },
};

/* Directories a and b may differ: lock both. */
static void lock_both(struct place *a, struct place *b)
{
	struct dentry *first = a->walk.at.dentry, *second = b->walk.at.dentry;
	bool swap;

	if (a->dir == b->dir) {
		mutex_lock(&a->dir->lock);
		return;
	}
	mutex_lock(&rename_lock);
	names_lock();
	swap = dentry_above(second, first) || (!dentry_above(first, second) && second < first);
	names_unlock();
	mutex_lock(swap ? &second->inode->lock : &first->inode->lock);
	mutex_lock(swap ? &first->inode->lock : &second->inode->lock);
}

static void unlock_both(struct place *a, struct place *b)
{
	mutex_unlock(&a->dir->lock);
	if (a->dir == b->dir)
		return;
	mutex_unlock(&b->dir->lock);
	mutex_unlock(&rename_lock);
}

/* One must not become its own ancestor. */
static int loop_check(const struct place *from, const struct place *to, bool exchange)
{
	int error = 0;

	names_lock();
	if (dentry_above(from->name, to->walk.at.dentry))
		error = -EINVAL;
	else if (dentry_above(to->name, from->walk.at.dentry))
		error = exchange ? -EINVAL : -ENOTEMPTY;
	names_unlock();
	return error;
}

/* Is what is there fit for it?  Holds: both locks. */
static int check(const struct place *from, const struct place *to, unsigned flags)
{
	const struct inode *i = from->name->inode, *victim = to->name->inode;
	bool exchange = flags & RENAME_EXCHANGE;

	if (!i || (exchange && !victim))
		return -ENOENT;
	if (victim && flags & RENAME_NOREPLACE)
		return -EEXIST;
	if (!S_ISDIR(i->mode) && (from->walk.slash || (!exchange && to->walk.slash)))
		return -ENOTDIR;
	if (exchange && !S_ISDIR(victim->mode) && to->walk.slash)
		return -ENOTDIR;
	return loop_check(from, to, exchange);
}

/* Is it permitted?  Holds: both locks. */
static int permit(const struct place *from, const struct place *to, bool exchange)
{
	const struct credentials *c = from->walk.lookup->credentials;
	const struct inode *i = from->name->inode, *victim = to->name->inode;
	int error = place_may_remove(from, S_ISDIR(i->mode));

	if (!error && victim)
		error = place_may_remove(to, S_ISDIR((exchange ? victim : i)->mode));
	if (!error && !victim)
		error = inode_permission(to->dir, c, MAY_WRITE | MAY_EXECUTE);
	if (!error && from->dir != to->dir && S_ISDIR(i->mode))
		error = inode_permission(i, c, MAY_WRITE);
	if (!error && exchange && from->dir != to->dir && S_ISDIR(victim->mode))
		error = inode_permission(victim, c, MAY_WRITE);
	if (!error && !from->dir->ops->rename)
		error = -EPERM;
	return error;
}

static void move_tell(const struct place *from, const struct place *to, struct inode *i)
{
	uint32_t cookie = notify_move_begin();

	notify_name(from->dir, from->walk.last, from->walk.last_length, i, IN_MOVED_FROM, cookie);
	notify_name(to->dir, to->walk.last, to->walk.last_length, i, IN_MOVED_TO, cookie);
}

/* What overlay file systems leave behind: a device 0, 0 that nobody may open. */
static int whiteout_make(const struct place *from, struct inode **out)
{
	const struct credentials *c = from->walk.lookup->credentials;
	const struct inode_birth birth = { .mode = S_IFCHR, .uid = c->fsuid, .gid = c->fsgid };

	if (!credentials_have(c, CAP_MKNOD))
		return -EPERM;
	if (!from->dir->ops->nameless)
		return -EINVAL;
	*out = from->dir->ops->nameless(from->dir, &birth);
	return *out ? 0 : -ENOMEM;
}

/* Holds: both locks. */
static int act(struct place *from, struct place *to, struct inode *left)
{
	struct inode *i = from->name->inode, *victim = to->name->inode;
	bool exchange = left && left == victim;
	bool replace = victim && S_ISDIR(victim->mode) && !exchange;
	int error = 0;

	if (replace) {
		mutex_lock(&victim->lock);
		if (!to->dir->ops->empty(victim))
			error = -ENOTEMPTY;
	}
	if (!error)
		error = from->dir->ops->rename(from->dir, from->walk.last, from->walk.last_length,
					       i, to->dir, to->walk.last, to->walk.last_length,
					       victim, left);
	if (replace)
		mutex_unlock(&victim->lock);
	if (error)
		return error;
	if (exchange)
		dentry_exchange(from->name, to->name);
	else
		dentry_move(from->name, to->name);
	if (notify_on()) {
		move_tell(from, to, i);
		if (exchange)
			move_tell(to, from, victim);
		else if (victim && !S_ISDIR(victim->mode))
			notify_inode(victim, IN_ATTRIB);
		notify_inode(i, IN_MOVE_SELF);
		if (exchange)
			notify_inode(victim, IN_MOVE_SELF);
	}
	return 0;
}

/* Both parents are found: lock, look, act. */
static int rename_places(struct place *from, struct place *to, unsigned flags)
{
	bool exchange = flags & RENAME_EXCHANGE;
	struct inode *whiteout = NULL;
	int error;

	lock_both(from, to);
	error = walk_last(&from->walk, &from->name);
	if (!error)
		error = walk_last(&to->walk, &to->name);
	if (!error)
		error = check(from, to, flags);
	if (!error)
		error = permit(from, to, exchange);
	if (!error && flags & RENAME_WHITEOUT)
		error = whiteout_make(from, &whiteout);
	if (!error && from->name->inode != to->name->inode)
		error = act(from, to, exchange ? to->name->inode : whiteout);
	unlock_both(from, to);
	inode_put(whiteout);
	return error;
}

int path_rename(const struct lookup *l, const char *name, const struct lookup *new_l,
		const char *new_name, unsigned flags)
{
	struct place from, to = { 0 };
	int error;

	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT) ||
	    (flags & RENAME_EXCHANGE && flags != RENAME_EXCHANGE))
		return -EINVAL;
	error = place_begin(&from, l, name);
	if (!error)
		error = place_begin(&to, new_l, new_name);
	if (!error && from.walk.at.mount != to.walk.at.mount)
		error = -EXDEV;
	if (!error && from.walk.kind != LAST_NAME)
		error = -EBUSY;
	if (!error && to.walk.kind != LAST_NAME)
		error = flags & RENAME_NOREPLACE ? -EEXIST : -EBUSY;
	if (!error)
		error = mount_writable(&from.walk.at);
	if (!error)
		error = rename_places(&from, &to, flags);
	place_end(&from);
	place_end(&to);
	return error;
}
