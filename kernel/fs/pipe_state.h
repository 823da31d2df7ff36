/* Inside of a pipe.  For pipe*.c only.
 *
 * Locks: [m] mutex   [i] the inode's lock */
#ifndef KERNEL_FS_PIPE_STATE_H
#define KERNEL_FS_PIPE_STATE_H

#include "kernel/fs/pipe.h"

struct pipe {
	struct mutex mutex;
	struct page **pages;                 /* [m] ring of page_count, NULL where nothing is */
	unsigned page_count;                 /* [m] a power of two */
	bool nameless;                       /* made by pipe_create: opening it never waits */
	uint64_t read_at, write_at;          /* [m] bytes since it was empty */
	unsigned readers, writers;           /* [m] open files */
	uint64_t reader_opens, writer_opens; /* [m] ever; a FIFO's openers watch them */
	unsigned users;                      /* [i] files and waiting openers */
	struct wait_queue read_queue, write_queue;
};

static inline size_t pipe_used(const struct pipe *p)
{
	return p->write_at - p->read_at;
}

/* Where the byte at `at` lies. */
static inline struct page **pipe_page(struct pipe *p, uint64_t at)
{
	return &p->pages[(at >> PAGE_SHIFT) & (p->page_count - 1)];
}

/* pipe.c */
extern const struct file_ops pipe_file_ops;
/* Bytes that can be written; what was written is not moved, so that they may be less
 * than the pages hold. */
size_t pipe_room(const struct pipe *p);
/* Copy in from offset `at` of b, as much as there is room: how much.  Holds: mutex. */
int64_t pipe_give(struct pipe *p, const struct buffer *b, size_t at);
/* read_at has moved on.  Holds: mutex. */
void pipe_drained(struct pipe *p);
/* Use i's pipe, making it if there is none; NULL without memory.  The last
 * pipe_unuse frees it. */
struct pipe *pipe_use(struct inode *i);
void pipe_unuse(struct inode *i);

#endif
