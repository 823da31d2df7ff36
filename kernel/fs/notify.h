/* Telling watchers of what happens to files: inotify(7).
 *
 * The file system calls these after the thing was done.  While nobody watches
 * anything each is one load and a branch.  Masks are IN_* of linux/inotify.h; IN_ISDIR
 * is added where it belongs.  May sleep; a directory's lock may be held. */
#ifndef KERNEL_FS_NOTIFY_H
#define KERNEL_FS_NOTIFY_H

#include <linux/inotify.h>

#include "kernel/fs/file.h"

/* Watches there are; [a]. */
extern uint32_t notify_watches;

void notify_path_watched(const struct path *p, uint32_t mask);
void notify_name_watched(struct inode *dir, const char *name, size_t length, struct inode *i,
			 uint32_t mask, uint32_t cookie);
void notify_inode_watched(struct inode *i, uint32_t mask);
void notify_gone_watched(struct inode *i);
void notify_unmount_watched(struct super *s);
uint32_t notify_cookie(void);

static inline bool notify_on(void)
{
	return unlikely(__atomic_load_n(&notify_watches, __ATOMIC_RELAXED));
}

/* Something happened to the thing at p: for its watchers, and with its name for those
 * of its directory. */
static inline void notify_path(const struct path *p, uint32_t mask)
{
	if (notify_on())
		notify_path_watched(p, mask);
}

/* The name in dir stands for i, or did: IN_CREATE, IN_DELETE, IN_MOVED_*. */
static inline void notify_name(struct inode *dir, const char *name, size_t length, struct inode *i,
			       uint32_t mask, uint32_t cookie)
{
	if (notify_on())
		notify_name_watched(dir, name, length, i, mask, cookie);
}

/* For i's own watchers only. */
static inline void notify_inode(struct inode *i, uint32_t mask)
{
	if (notify_on())
		notify_inode_watched(i, mask);
}

/* A name of i is used by nobody any more; if it was the last its watches end. */
static inline void notify_gone(struct inode *i)
{
	if (notify_on() && i && !i->links && i->watches)
		notify_gone_watched(i);
}

/* s goes: the watches in it end. */
static inline void notify_unmount(struct super *s)
{
	if (notify_on())
		notify_unmount_watched(s);
}

/* A number that ties the two halves of a move together. */
static inline uint32_t notify_move_begin(void)
{
	return notify_on() ? notify_cookie() : 0;
}

#endif
