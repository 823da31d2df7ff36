/* Extended attributes of files in memory: named values on an inode.
 *
 * Only tmpfs has them (also as devtmpfs); elsewhere every call gives -EOPNOTSUPP,
 * but for listing, which gives nothing.  The name spaces are "user." (regular
 * files and directories, by their permissions), "trusted." and "security." (to
 * change: CAP_SYS_ADMIN; trusted ones are not shown to others).  Each function takes
 * the inode's lock. */
#ifndef KERNEL_FS_XATTR_H
#define KERNEL_FS_XATTR_H

#include <linux/xattr.h>

#include "kernel/fs/credentials.h"

/* Copy the value into to[size]; size 0: only its length.  The length, -ENODATA,
 * -ERANGE, -EOPNOTSUPP, -EACCES. */
int64_t xattr_get(struct inode *i, const struct credentials *c, const char *name, void *to,
		  size_t size);
/* flags: XATTR_CREATE (-EEXIST), XATTR_REPLACE (-ENODATA).  Also -EPERM, -ENOMEM. */
int xattr_set(struct inode *i, const struct credentials *c, const char *name, const void *value,
	      size_t size, int flags);
int xattr_remove(struct inode *i, const struct credentials *c, const char *name);
/* All names with their NULs, as xattr_get. */
int64_t xattr_list(struct inode *i, const struct credentials *c, char *to, size_t size);
/* The inode goes. */
void xattr_free_all(struct inode *i);

#endif
