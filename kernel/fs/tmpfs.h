/* tmpfs: files that live in memory. */
#ifndef KERNEL_FS_TMPFS_H
#define KERNEL_FS_TMPFS_H

#include "kernel/fs/inode.h"

/* A new empty instance with one reference; type and magic as statfs and
 * /proc/mounts shall show it ("devtmpfs" is one too). */
int tmpfs_create(const char *type, const char *options, struct super **out);
/* A regular file of s that no directory names (memfd, O_TMPFILE). */
struct inode *tmpfs_file(struct super *s, uint32_t mode, uint32_t uid, uint32_t gid);

#endif
