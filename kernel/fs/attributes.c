/* Changing what an inode says of itself. */
#include "kernel/fs/attributes.h"

#include <linux/errno.h>
#include <linux/mount.h>

#include "kernel/fs/anonymous.h"
#include "kernel/fs/mount.h"
#include "kernel/fs/notify.h"

#define SECOND_NS  1000000000ull
#define STAT_BLOCK 512 /* st_blocks counts these */

static int change_check(const struct path *p)
{
	struct inode *i = path_inode(p);
	int error = mount_writable(p);

	if (!error && i->ops->may_change && !i->ops->may_change(i))
		error = -EPERM;
	return error;
}

int attributes_mode(const struct path *p, const struct credentials *c, uint32_t mode)
{
	struct inode_change change = { .what = CHANGE_MODE };
	struct inode *i = path_inode(p);
	int error = change_check(p);

	if (error)
		return error;
	if (S_ISLNK(i->mode))
		return -EOPNOTSUPP;
	if (!inode_owned(i, c))
		return -EPERM;
	mutex_lock(&i->lock);
	if (mode & S_ISGID && !credentials_have(c, CAP_FSETID) && !credentials_in_group(c, i->gid))
		mode &= ~(uint32_t)S_ISGID;
	change.mode = mode & 07777;
	error = inode_change(i, &change);
	if (!error) {
		i->mode = (i->mode & S_IFMT) | change.mode;
		i->ctime = inode_now();
	}
	mutex_unlock(&i->lock);
	if (!error)
		notify_path(p, IN_ATTRIB);
	return error;
}

/* Holds: i->lock. */
static int owner_store(struct inode *i, uint32_t uid, uint32_t gid)
{
	struct inode_change change = {
		.what = (uid != OWNER_KEEP ? CHANGE_UID : 0) | (gid != OWNER_KEEP ? CHANGE_GID : 0),
		.uid = uid,
		.gid = gid,
	};
	int error = change.what ? inode_change(i, &change) : 0;

	if (error)
		return error;
	if (change.what & CHANGE_UID)
		i->uid = uid;
	if (change.what & CHANGE_GID)
		i->gid = gid;
	if (!S_ISDIR(i->mode) && change.what) {
		i->mode &= ~(uint32_t)S_ISUID;
		if (i->mode & S_IXGRP)
			i->mode &= ~(uint32_t)S_ISGID;
	}
	i->ctime = inode_now();
	return 0;
}

int attributes_owner(const struct path *p, const struct credentials *c, uint32_t uid, uint32_t gid)
{
	struct inode *i = path_inode(p);
	int error = change_check(p);

	if (error)
		return error;
	if (!credentials_have(c, CAP_CHOWN)) {
		if (c->fsuid != i->uid || (uid != OWNER_KEEP && uid != i->uid))
			return -EPERM;
		if (gid != OWNER_KEEP && gid != i->gid && !credentials_in_group(c, gid))
			return -EPERM;
	}
	mutex_lock(&i->lock);
	error = owner_store(i, uid, gid);
	mutex_unlock(&i->lock);
	if (!error)
		notify_path(p, IN_ATTRIB);
	return error;
}

int attributes_times(const struct path *p, const struct credentials *c, uint64_t atime,
		     uint64_t mtime, bool now)
{
	struct inode_change change = { .atime = atime, .mtime = mtime };
	struct inode *i = path_inode(p);
	int error = mount_writable(p);

	if (!error && !inode_owned(i, c))
		error = now ? inode_permission(i, c, MAY_WRITE) : -EPERM;
	if (error)
		return error;
	if (atime != TIME_KEEP)
		change.what |= CHANGE_ATIME;
	if (mtime != TIME_KEEP)
		change.what |= CHANGE_MTIME;
	mutex_lock(&i->lock);
	error = inode_change(i, &change);
	if (!error) {
		i->atime = atime != TIME_KEEP ? atime : i->atime;
		i->mtime = mtime != TIME_KEEP ? mtime : i->mtime;
		i->ctime = inode_now();
	}
	mutex_unlock(&i->lock);
	if (!error)
		notify_path(p, atime != TIME_KEEP && mtime != TIME_KEEP ? IN_ATTRIB
			       : atime != TIME_KEEP                     ? IN_ACCESS
									: IN_MODIFY);
	return error;
}

int attributes_access(const struct path *p, const struct credentials *c, unsigned may)
{
	struct inode *i = path_inode(p);
	int error = 0;

	if (may & MAY_WRITE && (S_ISREG(i->mode) || S_ISDIR(i->mode) || S_ISLNK(i->mode)))
		error = mount_writable(p);
	if (!error && may & MAY_EXECUTE && S_ISREG(i->mode) && mount_flags(p) & MS_NOEXEC)
		error = -EACCES;
	return error ? error : inode_permission(i, c, may);
}

static uint64_t blocks_held(const struct inode *i)
{
	if (i->blocks_known)
		return i->blocks;
	return i->pages ? pages_resident(i->pages) * (PAGE_SIZE / STAT_BLOCK) : 0;
}

void attributes_stat(const struct path *p, struct stat *out)
{
	struct inode *i = path_inode(p);

	if (i->ops->refresh)
		i->ops->refresh(i);
	*out = (struct stat){
		.st_dev = i->super ? i->super->device : ANONYMOUS_DEVICE,
		.st_ino = i->number,
		.st_nlink = i->links,
		.st_mode = i->mode,
		.st_uid = i->uid,
		.st_gid = i->gid,
		.st_rdev = i->device,
		.st_size = (long)i->size,
		.st_blksize = (long)inode_block(i),
		.st_blocks = (long)blocks_held(i),
		.st_atime = i->atime / SECOND_NS,
		.st_atime_nsec = i->atime % SECOND_NS,
		.st_mtime = i->mtime / SECOND_NS,
		.st_mtime_nsec = i->mtime % SECOND_NS,
		.st_ctime = i->ctime / SECOND_NS,
		.st_ctime_nsec = i->ctime % SECOND_NS,
	};
}
