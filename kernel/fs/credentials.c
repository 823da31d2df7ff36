/* Permission checks, as Linux without capabilities apart from user 0's. */
#include "kernel/fs/credentials.h"

#include <linux/errno.h>

bool credentials_in_group(const struct credentials *c, uint32_t gid)
{
	if (c->fsgid == gid)
		return true;
	for (uint32_t i = 0; i < c->group_count; i++) {
		if (c->groups[i] == gid)
			return true;
	}
	return false;
}

int inode_permission(const struct inode *i, const struct credentials *c, unsigned may)
{
	uint32_t bits = i->mode;

	if (c->fsuid == 0) {
		if (!(may & MAY_EXECUTE) || S_ISDIR(bits) || bits & 0111)
			return 0;
		return -EACCES;
	}
	if (c->fsuid == i->uid)
		bits >>= 6;
	else if (credentials_in_group(c, i->gid))
		bits >>= 3;
	return (bits & may) == may ? 0 : -EACCES;
}

bool inode_owned(const struct inode *i, const struct credentials *c)
{
	return c->fsuid == 0 || c->fsuid == i->uid;
}

int inode_may_remove(const struct inode *dir, const struct inode *i, const struct credentials *c)
{
	int error = inode_permission(dir, c, MAY_WRITE | MAY_EXECUTE);

	if (error)
		return error;
	if (dir->mode & S_ISVTX && c->fsuid != 0 && c->fsuid != i->uid && c->fsuid != dir->uid)
		return -EPERM;
	return 0;
}
