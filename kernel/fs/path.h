/* Paths: from a name to an inode, through mounts and symbolic links, and back to
 * a name (getcwd, /proc/PID/maps). */
#ifndef KERNEL_FS_PATH_H
#define KERNEL_FS_PATH_H

#include <linux/openat2.h>

#include "kernel/fs/credentials.h"

struct dentry;
struct mount;

/* A place in the tree of names.  Whoever keeps one holds references to both.
 * Files without a place (pipes) have a dentry of their own and mount NULL. */
struct path {
	struct mount *mount;
	struct dentry *dentry;
};
/* Never NULL for a path that path_lookup gave. */
struct inode *path_inode(const struct path *p);
void path_get(const struct path *p);
void path_put(struct path *p); /* {NULL, NULL} is fine; it becomes that */
static inline bool path_equal(const struct path *a, const struct path *b)
{
	return a->mount == b->mount && a->dentry == b->dentry;
}

/* A process's place in the file tree: shared by CLONE_FS. */
struct fs_context {
	struct ref refs;
	struct spinlock lock;
	struct path root, cwd; /* [lock] */
	uint32_t umask;        /* [a] */
};
/* At the root of all, umask 022. */
struct fs_context *fs_context_create(void);
struct fs_context *fs_context_copy(struct fs_context *c);
void fs_context_get(struct fs_context *c);
void fs_context_put(struct fs_context *c);
/* Copies with references. */
void fs_context_root(struct fs_context *c, struct path *out);
void fs_context_cwd(struct fs_context *c, struct path *out);
/* p becomes root or cwd; the caller keeps its own reference. */
void fs_context_set_root(struct fs_context *c, const struct path *p);
void fs_context_set_cwd(struct fs_context *c, const struct path *p);

/* How a lookup starts and what it may do. */
struct lookup {
	struct fs_context *context;
	const struct credentials *credentials;
	const struct path *base; /* of a relative name; NULL: cwd */
	bool follow;             /* the last component, if it is a symbolic link */
	bool empty;              /* "" names the base itself (AT_EMPTY_PATH) */
	uint32_t resolve;        /* RESOLVE_*, as openat2(2) */
};
/* 0 or -errno (ENOENT, ENOTDIR, ELOOP, EACCES, ENAMETOOLONG; by `resolve` EXDEV, EAGAIN);
 * *out with references. */
int path_lookup(const struct lookup *l, const char *name, struct path *out);
/* The name of p as seen from root (NULL: from the root of all): its length with
 * the NUL, or -ERANGE.  Deleted files end in " (deleted)"; what cannot be reached
 * from root starts with "(unreachable)". */
int64_t path_name(const struct path *p, const struct path *root, char *to, size_t size);
/* The name p's directory entry was removed: getcwd gives ENOENT. */
bool path_deleted(const struct path *p);

/* Changing names; each checks permissions and gives what Linux gives. */
int path_make(const struct lookup *l, const char *name, uint32_t mode, uint64_t device);
int path_symlink(const struct lookup *l, const char *name, const char *target);
int path_link(const struct path *old, const struct lookup *l, const char *name);
int path_unlink(const struct lookup *l, const char *name, bool directory);
int path_rename(const struct lookup *l, const char *name, const struct lookup *new_l,
		const char *new_name, unsigned flags);
/* Contents of a symbolic link: its length (cut to size). */
int64_t path_readlink(const struct path *p, char *to, size_t size);

#endif
