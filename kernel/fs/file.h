/* Open files. */
#ifndef KERNEL_FS_FILE_H
#define KERNEL_FS_FILE_H

#include <linux/fcntl.h>
#include <linux/uio.h>

#include "kernel/fs/descriptors.h"
#include "kernel/fs/path.h"
#include "kernel/fs/poll.h"
#include "kernel/mm/space.h"

/* Memory a read or write moves: of the program, or of the kernel; one piece, or
 * several (parts, whose lengths add up to length). */
struct buffer {
	uint64_t addr;
	size_t length;
	bool kernel;
	bool append;               /* to be written at the end (RWF_APPEND) */
	const struct iovec *parts; /* NULL: one piece at addr */
	size_t part_count;
};
/* Move n bytes at offset `at` of the buffer; 0 or -EFAULT. */
int buffer_put(const struct buffer *b, size_t at, const void *from, size_t n);
int buffer_get(const struct buffer *b, size_t at, void *to, size_t n);
int buffer_zero(const struct buffer *b, size_t at, size_t n);

/* O_* flags that fcntl F_SETFL may change. */
#define FILE_FLAGS_SETTABLE (O_APPEND | O_NONBLOCK | O_NDELAY | O_DIRECT | O_NOATIME | FASYNC)

struct async;
struct epoll_item;

struct file_ops {
	/* *position moves on; a short count is fine; -errno.  May sleep. */
	int64_t (*read)(struct file *f, const struct buffer *b, uint64_t *position);
	int64_t (*write)(struct file *f, const struct buffer *b, uint64_t *position);
	/* argument is a user address or a number.  NULL: -ENOTTY. */
	int64_t (*ioctl)(struct file *f, unsigned request, uint64_t argument);
	/* POLL* bits ready now; adds the file's queues to poll when it is not NULL.
	 * NULL: always readable and writable. */
	unsigned (*poll)(struct file *f, struct poll *poll);
	/* The new position.  NULL: -ESPIPE, and reads and writes know no position. */
	int64_t (*seek)(struct file *f, int64_t offset, int whence);
	/* Fill in what space_map wants; NULL: -ENODEV. */
	int (*map)(struct file *f, struct map_file *out);
	/* Contents to storage, for fsync.  NULL: -EINVAL. */
	int (*sync)(struct file *f);
	/* A descriptor is closed: what close(2) gives.  NULL: 0. */
	int (*flush)(struct file *f);
	void (*release)(struct file *f); /* last reference */
};

/* Locks: [p] position_lock   [a] atomic   [I] at open */
struct file {
	struct ref refs;
	const struct file_ops *ops; /* [I] */
	struct path path;           /* [I] where it was opened */
	struct inode *inode;        /* [I] path's */
	uint32_t flags;             /* [a] O_*; access mode and O_PATH are [I] */
	struct async *async;        /* [async.c] F_SETOWN, O_ASYNC; NULL: never asked for */
	uint64_t position;          /* [p] */
	struct mutex position_lock;
	bool writes, reads;          /* [I] counted as a writer, as one who only reads */
	void *data;                  /* of ops */
	struct epoll_item *watchers; /* [epoll.c] that look at this file */
};

void file_get(struct file *f);
void file_put(struct file *f); /* NULL is fine; may sleep */
/* Open the thing at p: permissions were checked by the caller. */
int file_open(const struct path *p, uint32_t flags, struct file **out);
/* open(2): find or make the file, check permissions, truncate, open. */
int file_open_name(const struct lookup *l, const char *name, uint32_t flags, uint32_t mode,
		   struct file **out);
/* A file without a name: takes over the reference to i; text is what
 * /proc/PID/fd shows ("anon_inode:[eventfd]"; NULL: "pipe:[N]" by i's type).
 * ops->release runs when it is closed.  NULL without memory: i is put. */
struct file *file_create(struct inode *i, const char *text, const struct file_ops *ops,
			 uint32_t flags, void *data);

static inline bool file_readable(const struct file *f)
{
	return (f->flags & O_ACCMODE) != O_WRONLY && !(f->flags & O_PATH);
}

static inline bool file_writable(const struct file *f)
{
	return (f->flags & O_ACCMODE) != O_RDONLY && !(f->flags & O_PATH);
}

/* As read(2) and write(2) at f's own position (position NULL), or at *position:
 * -EBADF for the wrong mode, -EISDIR, -EINVAL.  A write into a pipe without
 * readers gives -EPIPE; the signal is the caller's. */
int64_t file_read(struct file *f, const struct buffer *b, uint64_t *position);
int64_t file_write(struct file *f, const struct buffer *b, uint64_t *position);
int64_t file_seek(struct file *f, int64_t offset, int whence);
/* Read from a file into kernel memory at an offset (exec). */
int64_t file_read_kernel(struct file *f, void *to, size_t n, uint64_t offset);
/* What to give space_map for f; -errno as mmap gives it (EACCES, ENODEV). */
int file_map(struct file *f, int prot, int flags, struct map_file *out);
unsigned file_poll_asked(struct file *f, struct poll *poll);
static inline unsigned file_poll(struct file *f, struct poll *poll)
{
	if (f->ops->poll || f->flags & O_PATH)
		return file_poll_asked(f, poll);
	return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
}
/* Directory entries from f's position on, into sink. */
int file_list(struct file *f, struct list_sink *sink);

/* Seek within [0, size]: what most seek functions need. */
int64_t seek_within(struct file *f, int64_t offset, int whence, uint64_t size);

/* Regular files over inode->pages. */
extern const struct file_ops regular_file_ops;

#endif
