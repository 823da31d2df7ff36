/* inotify(7): files that tell of changes to other files.
 *
 * A watch is an inode and a mask; it holds the inode, not its names. */
#ifndef KERNEL_FS_INOTIFY_H
#define KERNEL_FS_INOTIFY_H

#include "kernel/fs/file.h"

/* Limits, as /proc/sys/fs/inotify shows them. */
#define INOTIFY_EVENTS_MAX    16384u
#define INOTIFY_INSTANCES_MAX 128u
#define INOTIFY_WATCHES_MAX   65536u

/* flags: O_NONBLOCK.  -EMFILE: too many of one user. */
int inotify_create(uint32_t flags, uint32_t uid, struct file **out);
bool inotify_is(const struct file *f);
/* As inotify_add_watch(2): the watch's number; -EEXIST, -ENOSPC, -ENOMEM.  The mask was
 * checked by the caller. */
int inotify_watch(struct file *f, struct inode *i, uint32_t mask);
int inotify_unwatch(struct file *f, int number); /* -EINVAL: there is none */

#endif
