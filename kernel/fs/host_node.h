/* What an inode of the host's tree has beside it.  For host*.c only. */
#ifndef KERNEL_FS_HOST_NODE_H
#define KERNEL_FS_HOST_NODE_H

#include "kernel/fs/host_client.h"
#include "kernel/fs/inode.h"
#include "kernel/lib/list.h"

struct host_listing;

/* Locks: [I] at birth   [a] atomic   [h] host_lock (host.c)   [o] open_lock   [l] inode's */
struct host_node {
	struct inode *inode;     /* [I] */
	struct host_node *chain; /* [h] next in the hash of qids */
	uint32_t fid;            /* [I] files: opened by host_open */
	bool opened;             /* [o] to change, [a] to read */
	struct mutex open_lock;
	struct list filled;           /* [filled lock, host_file.c] files that have pages */
	uint64_t next_page;           /* [a] behind the last read-ahead: a hint */
	char *target;                 /* [a] set once: text of a link */
	struct host_listing *listing; /* [l] set once: entries of a directory */
};

static inline struct host_node *host_node(const struct inode *i)
{
	return i->data;
}

/* host_file.c: contents of regular files. */
extern const struct inode_ops host_file_ops;
int host_file_begin(struct inode *i); /* gives it pages: 0 or -ENOMEM */
void host_file_end(struct inode *i);

/* host_listing.c: entries of directories.  Both hold the inode's lock. */
int host_list(struct inode *dir, uint64_t *position, struct list_sink *sink);
void host_listing_free(struct host_listing *l); /* NULL is fine */

/* host.c: the end of every inode. */
void host_release(struct inode *i);

#endif
