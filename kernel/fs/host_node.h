/* What the host's trees and their inodes have beside them.  For host*.c only. */
#ifndef KERNEL_FS_HOST_NODE_H
#define KERNEL_FS_HOST_NODE_H

#include "kernel/fs/host_client.h"
#include "kernel/fs/inode.h"
#include "kernel/lib/list.h"

struct host_alias;
struct host_listing;
struct host_local;

/* A tree that is mounted: super->data.  Locks: [I] at birth   [t] trees lock (host.c) */
struct host_tree {
	struct client *client;  /* [I] */
	struct super *super;    /* [I] no reference: it owns the tree */
	struct host_tree *next; /* [t] */
	char tag[32];           /* [I] */
	struct host_node *kept; /* [a] directories that stay, host_local.c */
};

/* Locks: [I] at birth   [a] atomic   [h] host_lock (host.c)   [o] open_lock   [l] inode's */
struct host_node {
	struct inode *inode;          /* [I] */
	struct host_node *chain;      /* [h] next in the hash of qids */
	uint64_t qid;                 /* [I] the server's number for the file */
	uint32_t fid;                 /* [o] to change, [a]; files: opened by host_file.c to read */
	uint64_t name;                /* [o] that fid is known by: host_name_hash */
	struct host_alias *aliases;   /* [o] further names, host_alias.c */
	uint32_t write_fid;           /* [o] 0: none; open for writing while there are writers */
	bool write_reads;             /* [o] and for reading */
	bool opened;                  /* [o] to change, [a] to read */
	bool unlinked;                /* [a] no name is left: nothing is sent to the server */
	struct mutex open_lock;       /* also over writing to the server; behind the inode's */
	struct list filled;           /* [filled lock, host_file.c] files that have pages */
	uint64_t next_page;           /* [a] behind the last read-ahead: a hint */
	uint64_t backed;              /* [a] bytes that the server has; behind them are zeros */
	uint32_t dirty;               /* [a] dirty pages, about */
	uint64_t dirty_first;         /* [a] none is before */
	int error;                    /* [o] of writing, not told yet */
	char *target;                 /* [a] set once: text of a link */
	struct host_listing *listing; /* [l] entries of a directory, once read */
	uint32_t asked;               /* [l] lookups before that */
	struct host_local *locals;    /* [l] names of a directory that are here only */
	struct host_node *next_kept;  /* [I] once kept */
	bool kept;                    /* [l] */
};

static inline struct host_node *host_node(const struct inode *i)
{
	return i->data;
}

static inline struct client *host_client(const struct inode *i)
{
	return ((struct host_tree *)i->super->data)->client;
}

/* The file's number on the host.  QEMU tells the file systems of a tree apart by low bits
 * that it adds (multidevs=remap): a single 1 for the first one, that of the root, and
 * something that ends in 0 for others, whose numbers stay different from all those. */
static inline uint64_t host_number(uint64_t qid)
{
	return qid & 1 ? qid >> 1 : qid | 1ull << 62;
}

/* A name in a directory of the host's. */
static inline struct client_name host_name(const struct inode *dir, const char *name, size_t length)
{
	return (struct client_name){ host_node(dir)->fid, name, length };
}

/* host.c: inodes.  The inode of what was found, whose fid moves in; name: what it was
 * walked by (host_name_hash). */
int host_inode(struct super *s, const struct client_found *found, uint64_t name,
	       struct inode **out);
/* The number means another file from now on. */
void host_forget(struct host_node *n);
/* The end of every inode. */
void host_release(struct inode *i);

/* host_alias.c: fids for files with several names. */
uint64_t host_name_hash(const struct inode *dir, const char *name, size_t length);
/* One more name was seen; fid moves in. */
void host_alias_add(struct host_node *n, uint64_t name, uint32_t fid);
/* A name went, others are left; it became another one; all of them go. */
void host_alias_remove(struct host_node *n, uint64_t name);
void host_alias_rename(struct host_node *n, uint64_t name, uint64_t to);
void host_alias_free(struct host_node *n);

/* host_local.c: special files that live here only.  All hold the directory's lock. */
bool host_is_local(const struct inode *i);
int host_local_create(struct inode *dir, const char *name, size_t length,
		      const struct inode_birth *birth, struct inode **out);
/* A name more for i, with a reference of its own; one less. */
int host_local_put(struct inode *dir, const char *name, size_t length, struct inode *i);
void host_local_remove(struct inode *dir, const char *name, size_t length);
/* As inode_ops' lookup. */
int host_local_look(struct inode *dir, const char *name, size_t length, struct inode **out);
/* Add them to the entries that were read. */
void host_local_list(struct inode *dir);
/* The tree goes. */
void host_local_end(struct host_tree *t);

/* host_names.c */
extern const struct inode_ops host_dir_ops, host_link_ops, host_other_ops;

/* host_change.c: what the tables of operations have in common; as inode_ops has them. */
int host_change(struct inode *i, const struct inode_change *c);
int host_create(struct inode *dir, const char *name, size_t length, const struct inode_birth *birth,
		struct inode **out);
int host_link(struct inode *dir, const char *name, size_t length, struct inode *i);
int host_unlink(struct inode *dir, const char *name, size_t length, struct inode *i);
int host_rename(struct inode *from, const char *name, size_t length, struct inode *i,
		struct inode *to, const char *new_name, size_t new_length, struct inode *victim,
		struct inode *left);

/* host_file.c: contents of regular files. */
extern const struct inode_ops host_file_ops;
int host_file_begin(struct inode *i); /* gives it pages: 0 or -ENOMEM */
/* Once, before any. */
void host_file_init(void);
void host_file_end(struct inode *i);

/* host_write.c: writing them. */
extern const struct file_ops host_write_ops;
/* Make n ready for a file open for writing. */
int host_write_begin(struct host_node *n);
/* pages_source's. */
void host_dirtied(void *owner, uint64_t index);
/* inode_ops': store what is too much. */
int host_written(struct inode *i);
/* Send all dirty pages: 0, or the first error since it was last told. */
int host_flush(struct host_node *n);

/* host_listing.c: entries of directories.  All hold the inode's lock. */
int host_list(struct inode *dir, uint64_t *position, struct list_sink *sink);
/* Read them unless they are there. */
int host_listing_read(struct inode *dir);
/* Follow a change of names, if the entries were read. */
void host_listing_add(struct inode *dir, const char *name, size_t length, const struct inode *i);
void host_listing_remove(struct inode *dir, const char *name, size_t length);
void listing_free(struct host_listing *l); /* NULL is fine */

/* host_ahead.c: as inode_ops' lookup. */
int host_look(struct inode *dir, const char *name, size_t length, struct inode **out);

#endif
