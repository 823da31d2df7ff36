/* Who asks, and what that permits on an inode. */
#ifndef KERNEL_FS_CREDENTIALS_H
#define KERNEL_FS_CREDENTIALS_H

#include "kernel/fs/inode.h"

struct credentials {
	uint32_t uid, euid, suid, fsuid, gid, egid, sgid, fsgid;
	uint32_t group_count;
	uint32_t groups[32];
};

enum may { MAY_EXECUTE = 1, MAY_WRITE = 2, MAY_READ = 4 }; /* as access(2) */

/* May c use i this way?  0 or -EACCES.  User 0 passes, but executes only what
 * somebody may execute. */
int inode_permission(const struct inode *i, const struct credentials *c, unsigned may);
/* c owns i or is user 0. */
bool inode_owned(const struct inode *i, const struct credentials *c);
bool credentials_in_group(const struct credentials *c, uint32_t gid);
/* Sticky directories: may c remove or rename i in dir?  0, -EPERM or -EACCES. */
int inode_may_remove(const struct inode *dir, const struct inode *i, const struct credentials *c);

#endif
