/* Inodes that no file system holds. */
#include "kernel/fs/anonymous.h"

struct inode *anonymous_inode(uint32_t mode)
{
	static const struct inode_ops none;
	static uint64_t last_number; /* [a] */
	struct inode *i = inode_create(NULL, &none, mode);

	if (i)
		i->number = __atomic_add_fetch(&last_number, 1, __ATOMIC_RELAXED);
	return i;
}
