/* Who asks, and what that permits on an inode. */
#ifndef KERNEL_FS_CREDENTIALS_H
#define KERNEL_FS_CREDENTIALS_H

#include <linux/capability.h>

#include "kernel/fs/inode.h"

/* Sets of capabilities have bit N for CAP_N. */
#define CAPABILITIES_ALL ((1ull << (CAP_LAST_CAP + 1)) - 1)

/* The rules by which the sets change are proc/capabilities.h's. */
struct credentials {
	uint32_t uid, euid, suid, fsuid, gid, egid, sgid, fsgid;
	uint32_t group_count;
	uint32_t secure_bits; /* SECBIT_* */
	uint64_t permitted, effective, inheritable, bounding, ambient;
	uint32_t groups[32];
};

/* User 0 with all that there is: the kernel's own, and the first process's. */
extern const struct credentials credentials_root;

enum may { MAY_EXECUTE = 1, MAY_WRITE = 2, MAY_READ = 4 }; /* as access(2) */

/* capability: CAP_*. */
static inline bool credentials_have(const struct credentials *c, int capability)
{
	return c->effective >> capability & 1;
}

/* May c use i this way?  0 or -EACCES.  Who overrides permissions executes only what
 * somebody may execute. */
int inode_permission(const struct inode *i, const struct credentials *c, unsigned may);
/* c owns i or has CAP_FOWNER. */
bool inode_owned(const struct inode *i, const struct credentials *c);
bool credentials_in_group(const struct credentials *c, uint32_t gid);
/* Sticky directories: may c remove or rename i in dir?  0, -EPERM or -EACCES. */
int inode_may_remove(const struct inode *dir, const struct inode *i, const struct credentials *c);

#endif
