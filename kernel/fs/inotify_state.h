/* Inside of inotify.  For inotify.c, notify.c and directory_note.c only.
 *
 * One sleeping lock, inotify_lock, guards all of it ([k]); under it only queues' locks are
 * taken, and what sends a signal.  References to inodes are dropped without it. */
#ifndef KERNEL_FS_INOTIFY_STATE_H
#define KERNEL_FS_INOTIFY_STATE_H

#include <linux/inotify.h>

#include "kernel/fs/inotify.h"
#include "kernel/lib/list.h"

extern struct mutex inotify_lock;

struct inotify {
	struct list watches; /* [k] struct watch */
	struct list events;  /* [k] oldest first */
	unsigned count;      /* [k] to change, [a]: events */
	size_t bytes;        /* [k] that a read of all would give */
	int last;            /* [k] number given out */
	uint32_t uid;        /* [I] who made it */
	struct wait_queue readers;
	struct list all; /* [k] all instances */
};

struct watch {
	struct inode *inode;     /* [I] reference */
	struct inotify *inotify; /* [I] NULL: of a directory note */
	struct watch *next;      /* [k] of the inode */
	struct list link;        /* [k] of the instance */
	struct list dead;        /* [k] of who drops the reference */
	uint32_t mask;           /* [k] */
	int number;              /* [I] */
};

struct notice {
	struct list link;
	struct inotify_event event; /* len: of the name with NULs, a multiple of 16 */
	char name[];
};

/* Queue an event; equal to the youngest it is dropped, as with Linux.  Holds:
 * inotify_lock. */
void inotify_queue(struct inotify *n, int number, uint32_t mask, uint32_t cookie, const char *name,
		   size_t length);
/* w ends: IN_IGNORED, off the lists, onto *dead.  Holds: inotify_lock. */
void inotify_end(struct watch *w, struct list *dead);
/* Free what inotify_end collected.  Holds: nothing of ours. */
void inotify_dead_free(struct list *dead);

#endif
