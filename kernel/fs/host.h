/* The host's file tree, read-only, by way of its 9P server.  It is taken as
 * unchanging: names (also those that are not there), attributes, links, listings
 * and contents are asked for once and kept.  Hard links are one inode here, too. */
#ifndef KERNEL_FS_HOST_H
#define KERNEL_FS_HOST_H

#include "kernel/fs/inode.h"

/* The tree as a file system with one reference.  Once; -ENODEV: the host shows none. */
int host_create(struct super **out);
/* Boot: it becomes the root of all, with memory where programs want to write. */
void host_mount_root(void);

#endif
