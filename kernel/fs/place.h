/* A name about to be made, removed or opened: its directory, locked, and its
 * dentry.  For fs/ only. */
#ifndef KERNEL_FS_PLACE_H
#define KERNEL_FS_PLACE_H

#include "kernel/fs/walk.h"

struct place {
	struct walk walk;    /* at the parent */
	struct inode *dir;   /* walk.at's inode */
	struct dentry *name; /* reference, perhaps negative; NULL until locked */
	bool locked;
};

/* Walk to the parent of name. */
int place_begin(struct place *p, const struct lookup *l, const char *name);
/* Lock the directory and look at the last component (walk.kind is LAST_NAME). */
int place_lock(struct place *p);
/* Always, also after errors. */
void place_end(struct place *p);
/* Make what birth says under the negative p->name; fills in its owner. */
int place_create(struct place *p, struct inode_birth *birth);
/* Owner, group and permissions of what l's asker makes in dir. */
void birth_fill(struct inode_birth *b, const struct inode *dir, const struct lookup *l);
/* May the (positive) name go or be moved?  0, -EPERM, -EACCES, -ENOTDIR, -EISDIR,
 * -EBUSY.  Holds: the directory's lock. */
int place_may_remove(const struct place *p, bool directory);

#endif
