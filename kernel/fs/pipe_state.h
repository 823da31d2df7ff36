/* Inside of a pipe.  For pipe*.c only.
 *
 * Locks: [m] mutex   [i] the inode's lock */
#ifndef KERNEL_FS_PIPE_STATE_H
#define KERNEL_FS_PIPE_STATE_H

#include "kernel/fs/pipe.h"

struct pipe {
	struct mutex mutex;
	struct page **pages;                 /* [m] ring of page_count, NULL where nothing is */
	uint16_t *ends;                      /* [m] of each page, see below; NULL: no packets */
	unsigned page_count;                 /* [m] a power of two */
	bool nameless;                       /* made by pipe_create: opening it never waits */
	uint64_t read_at, write_at;          /* [m] bytes since it was empty */
	unsigned readers, writers;           /* [m] open files */
	uint64_t reader_opens, writer_opens; /* [m] ever; a FIFO's openers watch them */
	unsigned users;                      /* [i] files and waiting openers */
	struct wait_queue read_queue, write_queue;
};

/* O_DIRECT (pipe2): each write makes a packet, in a page of its own.  What ends before
 * its page does, a packet or bytes in front of one, is marked; reads and writes go on
 * at the next page then, so that positions count the gap.  0: not so. */
#define PIPE_END_BYTES  0x1fff
#define PIPE_END_PACKET 0x8000 /* a read stops here, and loses what it has no room for */

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
/* How many of n bytes at read_at + at lie in one piece there.  Holds: mutex. */
size_t pipe_piece_length(struct pipe *p, size_t at, size_t n);
/* at + n, or the next page if the bytes end there.  Holds: mutex. */
size_t pipe_piece_next(struct pipe *p, size_t at, size_t n);
/* n bytes of the first piece were read.  Holds: mutex. */
void pipe_advance(struct pipe *p, size_t n);
/* Use i's pipe, making it if there is none; NULL without memory.  The last
 * pipe_unuse frees it. */
struct pipe *pipe_use(struct inode *i);
void pipe_unuse(struct inode *i);

#endif
