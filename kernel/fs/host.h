/* The host's file trees, by the servers of QEMU (9P2000.L over virtio).  The program
 * of the guest uses the host's own files, read-only but for the directories that the
 * host gave for writing.
 *
 * A tree is taken to change by us only while it is mounted: names (also those that
 * are not there), attributes and contents are asked for once and kept.  What is
 * written is kept as dirty pages and sent when a descriptor is closed, by fsync, and
 * when there is much of it; names and attributes change at the host at once. */
#ifndef KERNEL_FS_HOST_H
#define KERNEL_FS_HOST_H

#include "kernel/fs/inode.h"

#define HOST_ROOT_TAG "host" /* the tree that is the guest's root */

/* File system type "9p", whose source is the tag. */
void host_init(void);
/* Send what is dirty of all trees. */
void host_sync(void);
/* Boot: the tree with HOST_ROOT_TAG becomes the root of all, with memory where programs
 * want to write. */
void host_mount_root(void);

#endif
