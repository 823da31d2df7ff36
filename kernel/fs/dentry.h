/* The cache of names: which inode a name in a directory stands for, or that
 * there is no such name (negative).
 *
 * One spin lock, the names lock, guards all of it and the mounts: a walk over
 * cached names takes it once and counts no references on the way.  Nothing
 * sleeps under it.  A cached dentry that nobody references stays until room is
 * wanted; one that is neither cached nor referenced is freed.
 *
 * Locks: [n] names lock   [I] at birth   [a] atomic; to and from 0 only under [n] */
#ifndef KERNEL_FS_DENTRY_H
#define KERNEL_FS_DENTRY_H

#include "kernel/fs/path.h"
#include "kernel/lib/list.h"

#define DENTRY_SHORT 32

struct dentry {
	uint32_t refs;                 /* [a] users and children */
	uint32_t hash;                 /* [n] of parent and name */
	struct dentry *parent;         /* [n] with a reference; NULL at a root */
	struct inode *inode;           /* [n] with a reference; NULL: negative; set at most once */
	struct dentry *chain;          /* [n] next in the hash bucket */
	struct list link;              /* [n] all dentries, oldest first */
	struct list children, sibling; /* [n] of parent */
	char *name;                    /* [n] NUL-terminated */
	uint16_t length;               /* [n] */
	uint16_t mounts;               /* [n] mounts seen on top of it */
	bool cached;                   /* [n] in the hash table */
	bool deleted;                  /* [n] the name was removed */
	bool used;                     /* [n] since the last search for old ones */
	char short_name[DENTRY_SHORT];
};

/* Drop a reference that is not the last one; false: it is, take the names lock. */
static inline bool names_ref_drop(uint32_t *refs)
{
	uint32_t n = __atomic_load_n(refs, __ATOMIC_RELAXED);

	while (n > 1) {
		if (__atomic_compare_exchange_n(refs, &n, n - 1, true, __ATOMIC_ACQ_REL,
						__ATOMIC_RELAXED))
			return true;
	}
	return false;
}

void names_lock(void);
void names_unlock(void);

/* Holds: names lock.  No reference is taken. */
struct dentry *dentry_find(struct dentry *parent, const char *name, size_t length);
/* A dentry with one reference; the reference to inode (may be NULL) moves in.
 * Cached unless parent's file system is uncached; parent NULL: a root.  NULL
 * without memory (inode is then put). */
struct dentry *dentry_create(struct dentry *parent, const char *name, size_t length,
			     struct inode *inode);
void dentry_get(struct dentry *d);
void dentry_put(struct dentry *d); /* NULL is fine; may sleep */
/* The negative d now stands for inode, whose reference moves in. */
void dentry_fill(struct dentry *d, struct inode *inode);
/* The name was removed from its directory; what was known to be not in it is forgotten. */
void dentry_remove(struct dentry *d);
/* d took the place of target (which is removed if it is not the same). */
void dentry_move(struct dentry *d, struct dentry *target);
void dentry_exchange(struct dentry *a, struct dentry *b);
/* Free cached dentries without users, at most count; what is freed. */
unsigned dentry_shrink(unsigned count);
/* Free all names of s but its root: it is no longer mounted. */
void dentry_forget(struct super *s);
/* b is a or below it.  Holds: names lock. */
bool dentry_above(const struct dentry *a, const struct dentry *b);

#endif
