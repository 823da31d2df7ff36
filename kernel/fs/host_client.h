/* The host's file servers as functions: each call is one message and its reply, and
 * sleeps until it is there.  0 or -errno; -EIO when the reply makes no sense.
 *
 * A fid is our number for a file of the server's; each one that a call gives is
 * given back by client_clunk.  Any thread may call; a fid is for one at a time only
 * in client_open and client_create. */
#ifndef KERNEL_FS_HOST_CLIENT_H
#define KERNEL_FS_HOST_CLIENT_H

#include "kernel/fs/host_message.h"
#include "kernel/mm/page.h"

#define CLIENT_PAGES 64 /* in one read or write */

struct client;

/* The server that shows the tree with this tag: agree on the protocol, and a fid for
 * the root of its tree.  -ENODEV: there is none. */
int client_start(const char *tag, struct client **out, uint32_t *root);
void client_end(struct client *c);

/* A name in a directory. */
struct client_name {
	uint32_t directory; /* fid */
	const char *text;
	size_t length;
};

/* A new fid for the name, or (length 0) for the same file again. */
int client_walk(struct client *c, const struct client_name *name, uint32_t *out,
		struct host_qid *qid);
/* Does not wait. */
void client_clunk(struct client *c, uint32_t fid);
int client_attributes(struct client *c, uint32_t fid, struct host_attributes *out);
/* Walk to n <= CLIENT_LOOK names and ask for the attributes of what is there, all at
 * once.  Without an error the fid is the caller's. */
#define CLIENT_LOOK 64
struct client_found {
	struct client_name name;
	int error;
	uint32_t fid;
	struct host_qid qid;
	struct host_attributes attributes;
};
void client_look(struct client *c, struct client_found *found, unsigned n);
/* For reading or listing, or as flags (O_ACCMODE) say. */
int client_open(struct client *c, uint32_t fid, uint32_t flags);
/* Fill `count` pages from offset on, as far as the file goes: *got bytes. */
int client_read(struct client *c, uint32_t fid, uint64_t offset, struct page *const *pages,
		unsigned count, size_t *got);
/* The text of a symbolic link: its length, at most size; then NUL-free. */
int64_t client_readlink(struct client *c, uint32_t fid, char *to, size_t size);
/* Each entry behind *position is given to emit (false: stop, with -ENOMEM), which
 * moves on; *more: not at the end yet. */
int client_list(struct client *c, uint32_t fid, uint64_t *position, bool *more,
		bool (*emit)(void *cookie, const struct host_entry *e), void *cookie);

struct host_usage {
	uint32_t block;
	uint64_t blocks, free, files, files_free;
};
int client_usage(struct client *c, uint32_t fid, struct host_usage *out);

/* --- changes (host_client_change.c) ------------------------------------------------- */

/* Make a regular file and open it for reading and writing: *out is its fid, which
 * cannot be walked from. */
int client_create(struct client *c, const struct client_name *name, uint32_t mode, uint32_t gid,
		  uint32_t *out);
int client_mkdir(struct client *c, const struct client_name *name, uint32_t mode, uint32_t gid);
int client_symlink(struct client *c, const struct client_name *name, const char *target,
		   uint32_t gid);
/* device: as Linux numbers it. */
int client_mknod(struct client *c, const struct client_name *name, uint32_t mode, uint64_t device,
		 uint32_t gid);
int client_link(struct client *c, const struct client_name *name, uint32_t fid);
int client_unlink(struct client *c, const struct client_name *name, bool directory);
int client_rename(struct client *c, const struct client_name *from, const struct client_name *to);
/* Write `bytes` of the pages at offset: *done of them. */
int client_write(struct client *c, uint32_t fid, uint64_t offset, struct page *const *pages,
		 size_t bytes, size_t *done);
int client_sync(struct client *c, uint32_t fid);

struct host_change {
	uint32_t what; /* HOST_SET_* */
	uint32_t mode, uid, gid;
	uint64_t size, atime, mtime; /* ns */
};
int client_change(struct client *c, uint32_t fid, const struct host_change *change);

#endif
