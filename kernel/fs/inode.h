/* Inodes: what a file is, whatever file system it lives in.
 *
 * A file system fills in an inode_ops; a NULL member answers as Linux does for a
 * file of that kind (noted below).  Functions are called with a reference to each
 * inode held; those that change names or attributes with the lock of the
 * directory or inode held.
 *
 * Locks: [l] lock (mutex)   [a] atomic   [I] at birth */
#ifndef KERNEL_FS_INODE_H
#define KERNEL_FS_INODE_H

#include <linux/stat.h>

#include "kernel/mm/pages.h"
#include "kernel/sched/wait.h"

struct file;
struct file_lock;
struct lease;
struct inode;
struct path;
struct pipe;
struct super;
struct watch;
struct xattr;

/* What a new inode starts with. */
struct inode_birth {
	uint32_t mode; /* type and permissions */
	uint32_t uid, gid;
	uint64_t device;    /* of device nodes */
	const char *target; /* of symbolic links */
};

/* New attributes of an inode. */
#define CHANGE_MODE  0x01
#define CHANGE_UID   0x02
#define CHANGE_GID   0x04
#define CHANGE_SIZE  0x08
#define CHANGE_ATIME 0x10
#define CHANGE_MTIME 0x20
struct inode_change {
	uint32_t what; /* CHANGE_* */
	uint32_t mode; /* permissions */
	uint32_t uid, gid;
	uint64_t size;
	uint64_t atime, mtime; /* ns */
};

/* Called for each entry of a directory; next is the position behind it.  False: no
 * room, stop before this one. */
struct list_sink {
	bool (*emit)(struct list_sink *sink, const char *name, size_t length, uint64_t number,
		     uint32_t mode, uint64_t next);
};

struct inode_ops {
	/* Names: only directories.  *out gets a reference; -ENOENT.  NULL: -ENOTDIR. */
	int (*lookup)(struct inode *dir, const char *name, size_t length, struct inode **out);
	/* Changing names; NULL: -EPERM. */
	int (*create)(struct inode *dir, const char *name, size_t length,
		      const struct inode_birth *birth, struct inode **out);
	/* A regular file of dir's file system without a name (O_TMPFILE): a reference, links
	 * 0; NULL without memory.  NULL: -EOPNOTSUPP. */
	struct inode *(*nameless)(struct inode *dir, const struct inode_birth *birth);
	int (*link)(struct inode *dir, const char *name, size_t length, struct inode *inode);
	/* The VFS has checked that a directory is empty where it must be (`empty`). */
	int (*unlink)(struct inode *dir, const char *name, size_t length, struct inode *inode);
	bool (*empty)(struct inode *dir);
	/* Move; `victim` (may be NULL) is what the new name stands for now; `left` (may be
	 * NULL) what the old name stands for then: the victim, when they are exchanged, or
	 * a nameless file of the same file system.  A victim that is not left is replaced. */
	int (*rename)(struct inode *from, const char *name, size_t length, struct inode *inode,
		      struct inode *to, const char *new_name, size_t new_length,
		      struct inode *victim, struct inode *left);
	/* Emit entries from *position on, and move it behind the last one emitted.
	 * Positions 0 and 1 are "." and "..", which the VFS emits itself. */
	int (*list)(struct inode *dir, uint64_t *position, struct list_sink *sink);
	/* Text of a symbolic link: its length, at most size. */
	int64_t (*readlink)(struct inode *i, char *to, size_t size);
	/* Links that are no text (/proc/PID/exe, fd/N): the thing itself with a reference. */
	int (*follow)(struct inode *i, struct path *out);
	/* Bring mode, size and the like up to date; called before they are shown. */
	void (*refresh)(struct inode *i);
	/* Change permissions or owner are stored by the VFS; false refuses (-EPERM).
	 * NULL: allowed. */
	bool (*may_change)(struct inode *i);
	/* Attributes are about to be stored by the VFS; an error prevents it.  NULL: the
	 * inode is all there is of the file. */
	int (*change)(struct inode *i, const struct inode_change *c);
	/* Pages of a regular file were written by write(2).  NULL: fine. */
	int (*written)(struct inode *i);
	/* A file is opened: ops, flags and inode are set; may replace ops.  NULL: fine. */
	int (*open)(struct inode *i, struct file *file);
	const struct file_ops *file_ops; /* [I] of regular files; NULL: over inode->pages */
	/* The last reference is gone: free what data holds. */
	void (*release)(struct inode *i);
};

struct inode {
	struct ref refs;
	const struct inode_ops *ops;         /* [I] */
	struct super *super;                 /* [I] NULL: pipes and the like */
	uint64_t number;                     /* [I] */
	uint32_t mode;                       /* [l] type is [I] */
	uint32_t uid, gid;                   /* [l] */
	uint32_t links;                      /* [l] */
	uint32_t seals;                      /* [l] F_SEAL_* of tmpfs files */
	bool linkable;                       /* [I] may get a first name (O_TMPFILE) */
	uint64_t device;                     /* [I] rdev of device nodes */
	uint64_t size;                       /* [l] to change, [a] to read */
	uint64_t atime, mtime, ctime, btime; /* [a] ns, realtime */
	uint64_t blocks;                     /* [I] of 512 bytes, if blocks_known: the file */
	bool blocks_known;                   /* [I] system says; else its pages are counted */
	struct pages *pages;                 /* [I] contents of a regular file */
	struct pipe *pipe;                   /* FIFOs: while open [fifo lock, pipe.c] */
	struct file_lock *locks;             /* [lock table, lock.c] */
	struct lease *leases;                /* [lease_lock]; [a] whether there are any */
	struct xattr *xattrs;                /* [l] xattr.c */
	struct watch *watches;               /* [inotify_lock]; [a] whether there are any */
	int32_t users;                       /* [a] see inode_use_begin */
	int32_t readers;                     /* [a] open files that only read it */
	struct mutex lock;
	void *data; /* the file system's own */
};

struct super_usage {
	uint64_t blocks, blocks_free, files, files_free; /* blocks of PAGE_SIZE */
};

/* A file system instance. */
struct super {
	struct ref refs;
	const char *type;     /* "tmpfs", "proc", "devtmpfs" */
	uint64_t device;      /* st_dev */
	struct inode *root;   /* reference */
	struct dentry *names; /* root of its names; dentry.c */
	uint32_t magic;       /* statfs f_type */
	bool uncached;        /* names are asked for each time (they come and go) */
	uint8_t huge_shift;   /* [I] log2 of the size of its huge pages; 0: it has none */
	void (*usage)(struct super *s, struct super_usage *out); /* NULL: zeros */
	void (*release)(struct super *s); /* root is gone; NULL: nothing to do */
	void *data;
};

/* One reference, links 1, times now; NULL without memory. */
struct inode *inode_create(struct super *s, const struct inode_ops *ops, uint32_t mode);
static inline void inode_get(struct inode *i)
{
	ref_get(&i->refs);
}
void inode_put(struct inode *i); /* NULL is fine; may sleep */
/* Writing and running a file exclude each other (ETXTBSY).  step is 1 for a file open
 * for writing, -1 for a process that runs it; false: it is used the other way. */
bool inode_use_begin(struct inode *i, int step);
void inode_use_end(struct inode *i, int step);
/* Tell the file system of a change before storing it.  Holds: i->lock. */
static inline int inode_change(struct inode *i, const struct inode_change *c)
{
	return i->ops->change ? i->ops->change(i, c) : 0;
}
/* Nanoseconds since the epoch. */
uint64_t inode_now(void);
/* Contents or names changed now. */
void inode_touch(struct inode *i);

/* Bytes of what i is made of. */
static inline uint64_t inode_block(const struct inode *i)
{
	return i->super && i->super->huge_shift ? 1ull << i->super->huge_shift : PAGE_SIZE;
}

static inline bool inode_is(const struct inode *i, uint32_t type)
{
	return (i->mode & S_IFMT) == type;
}

/* A super with one reference and a device number of its own; its root is for the
 * caller to set. */
struct super *super_create(const char *type, uint32_t magic);
void super_put(struct super *s);

#endif
