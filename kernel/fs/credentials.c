/* Permission checks. */
#include "kernel/fs/credentials.h"

#include <linux/errno.h>

const struct credentials credentials_root = {
	.permitted = CAPABILITIES_ALL,
	.effective = CAPABILITIES_ALL,
	.bounding = CAPABILITIES_ALL,
};

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

/* CAP_DAC_READ_SEARCH: reads anything, and passes through any directory. */
static bool may_look(const struct inode *i, unsigned may)
{
	return S_ISDIR(i->mode) ? !(may & MAY_WRITE) : may == MAY_READ;
}

int inode_permission(const struct inode *i, const struct credentials *c, unsigned may)
{
	uint32_t bits = i->mode;

	if (credentials_have(c, CAP_DAC_OVERRIDE)) {
		if (!(may & MAY_EXECUTE) || S_ISDIR(bits) || bits & 0111)
			return 0;
		return -EACCES;
	}
	if (c->fsuid == i->uid)
		bits >>= 6;
	else if (credentials_in_group(c, i->gid))
		bits >>= 3;
	if ((bits & may) == may || (credentials_have(c, CAP_DAC_READ_SEARCH) && may_look(i, may)))
		return 0;
	return -EACCES;
}

bool inode_owned(const struct inode *i, const struct credentials *c)
{
	return c->fsuid == i->uid || credentials_have(c, CAP_FOWNER);
}

int inode_may_remove(const struct inode *dir, const struct inode *i, const struct credentials *c)
{
	int error = inode_permission(dir, c, MAY_WRITE | MAY_EXECUTE);

	if (error)
		return error;
	if (dir->mode & S_ISVTX && c->fsuid != i->uid && c->fsuid != dir->uid &&
	    !credentials_have(c, CAP_FOWNER))
		return -EPERM;
	return 0;
}
