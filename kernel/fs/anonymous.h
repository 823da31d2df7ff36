/* Inodes that no file system holds: pipes, event counters. */
#ifndef KERNEL_FS_ANONYMOUS_H
#define KERNEL_FS_ANONYMOUS_H

#include "kernel/fs/inode.h"

/* st_dev of such inodes: a device of their own. */
#define ANONYMOUS_DEVICE 0xff

/* One reference; a number of its own; owned by user 0 until the caller says else. */
struct inode *anonymous_inode(uint32_t mode);

#endif
