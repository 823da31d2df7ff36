/* The host's file server as functions: each call is one message and its reply, and
 * sleeps until it is there.  0 or -errno; -EIO when the reply makes no sense.
 *
 * A fid is our number for a file of the server's; each one that a call gives is
 * given back by client_clunk.  Any thread may call; a fid is for one at a time only
 * in client_open. */
#ifndef KERNEL_FS_HOST_CLIENT_H
#define KERNEL_FS_HOST_CLIENT_H

#include "kernel/fs/host_message.h"
#include "kernel/mm/page.h"

#define CLIENT_PAGES 32 /* in one read */

/* Find the server, agree on the protocol, once; a fid for the root of its tree.
 * -ENODEV: there is none. */
int client_start(uint32_t *root);
/* A new fid for name in the directory, or (length 0) for the same file again. */
int client_walk(uint32_t directory, const char *name, size_t length, uint32_t *out,
		struct host_qid *qid);
void client_clunk(uint32_t fid);
int client_attributes(uint32_t fid, struct host_attributes *out);
/* For reading or listing. */
int client_open(uint32_t fid);
/* Fill `count` pages from offset on, as far as the file goes: *got bytes. */
int client_read(uint32_t fid, uint64_t offset, struct page *const *pages, unsigned count,
		size_t *got);
/* The text of a symbolic link: its length, at most size; then NUL-free. */
int64_t client_readlink(uint32_t fid, char *to, size_t size);
/* Each entry behind *position is given to emit (false: stop, with -ENOMEM), which
 * moves on; *more: not at the end yet. */
int client_list(uint32_t fid, uint64_t *position, bool *more,
		bool (*emit)(void *cookie, const struct host_entry *e), void *cookie);

struct host_usage {
	uint32_t block;
	uint64_t blocks, free, files, files_free;
};
int client_usage(uint32_t fid, struct host_usage *out);

#endif
