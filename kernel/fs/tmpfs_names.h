/* Directories of tmpfs: names in the order they were made, found by hash.  For
 * tmpfs only.  Callers hold the lock of the directory. */
#ifndef KERNEL_FS_TMPFS_NAMES_H
#define KERNEL_FS_TMPFS_NAMES_H

#include "kernel/fs/tmpfs.h"

/* An instance: super->data. */
struct tmpfs {
	uint64_t last_number; /* [a] */
	uint64_t inodes;      /* [a] */
	uint64_t pages;       /* [a] of all files */
	uint64_t limit;       /* [I] of pages; 0: none */
};

int names_create(struct inode *dir);
/* Also puts all inodes that are still named; their directories are emptied as
 * well, without recursion. */
void names_free(struct inode *dir);
int names_lookup(struct inode *dir, const char *name, size_t length, struct inode **out);
/* The directory takes its own reference to i; -ENOSPC without memory. */
int names_add(struct inode *dir, const char *name, size_t length, struct inode *i);
void names_remove(struct inode *dir, const char *name, size_t length);
/* The existing name now stands for i. */
void names_set(struct inode *dir, const char *name, size_t length, struct inode *i);
bool names_empty(struct inode *dir);
int names_list(struct inode *dir, uint64_t *position, struct list_sink *sink);

#endif
