/* Pipes: a ring of pages between two places, read and written byte by byte.
 *
 * A pipe without bytes keeps its first page, so that ping-pong allocates nothing.
 * Bytes are copied under the pipe's mutex; waiting is done without it.
 *
 * Locks: [m] mutex   [i] the inode's lock */
#include "kernel/fs/pipe.h"

#include <asm/ioctls.h>
#include <linux/errno.h>
#include <linux/limits.h>

#include "kernel/fs/anonymous.h"
#include "kernel/lib/restart.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"
#include "kernel/mm/user.h"

#define PIPE_PAGES_DEFAULT 16u
#define PIPE_BYTES_MAX     (1u << 20) /* for all but user 0, as Linux */

struct pipe {
	struct mutex mutex;
	struct page **pages;        /* [m] ring of page_count, NULL where nothing is */
	unsigned page_count;        /* [m] a power of two */
	uint64_t read_at, write_at; /* [m] bytes since it was empty */
	unsigned readers, writers;  /* [m] open files */
	uint64_t reader_opens, writer_opens; /* [m] ever; a FIFO's openers watch them */
	unsigned users;             /* [i] files and waiting openers */
	struct wait_queue read_queue, write_queue;
};

static size_t pipe_used(const struct pipe *p)
{
	return p->write_at - p->read_at;
}

/* What was read of the first page is not written again before it is drained, so
 * that no page has bytes of two rounds. */
static size_t pipe_room(const struct pipe *p)
{
	return p->page_count * PAGE_SIZE - (p->write_at - ALIGN_DOWN(p->read_at, PAGE_SIZE));
}

static struct page **pipe_page(struct pipe *p, uint64_t at)
{
	return &p->pages[(at >> PAGE_SHIFT) & (p->page_count - 1)];
}

static struct pipe *pipe_alloc(void)
{
	struct pipe *p = kmalloc(sizeof(*p));

	if (!p)
		return NULL;
	p->page_count = PIPE_PAGES_DEFAULT;
	p->pages = kmalloc(p->page_count * sizeof(p->pages[0]));
	if (!p->pages) {
		kfree(p);
		return NULL;
	}
	mutex_init(&p->mutex);
	wait_queue_init(&p->read_queue);
	wait_queue_init(&p->write_queue);
	return p;
}

static void pipe_free(struct pipe *p)
{
	for (unsigned i = 0; i < p->page_count; i++) {
		if (p->pages[i])
			page_put(p->pages[i]);
	}
	kfree(p->pages);
	kfree(p);
}

/* The page at `at` has been read to its end, or the pipe is empty.  Holds: mutex. */
static void pipe_drained(struct pipe *p)
{
	struct page **page = pipe_page(p, p->read_at - 1);

	if (!(p->read_at & PAGE_MASK)) {
		page_put(*page);
		*page = NULL;
	}
	if (!pipe_used(p)) {
		page = pipe_page(p, p->read_at);
		if (*page && page != &p->pages[0]) {
			p->pages[0] = *page;
			*page = NULL;
		}
		p->read_at = p->write_at = 0;
	}
}

/* Copy what is there, at most b->length.  Holds: mutex. */
static int64_t pipe_take(struct pipe *p, const struct buffer *b)
{
	size_t done = 0;
	int error = 0;

	while (done < b->length && pipe_used(p)) {
		size_t in_page = p->read_at & PAGE_MASK;
		size_t n = MIN(MIN(b->length - done, PAGE_SIZE - in_page), pipe_used(p));

		error = buffer_put(b, done, (char *)page_data(*pipe_page(p, p->read_at)) + in_page, n);
		if (error)
			break;
		p->read_at += n;
		done += n;
		pipe_drained(p);
	}
	return done ? (int64_t)done : error;
}

/* Copy in from offset `at` of b, as much as there is room.  Holds: mutex. */
static int64_t pipe_give(struct pipe *p, const struct buffer *b, size_t at)
{
	size_t done = 0;
	int error = 0;

	while (at + done < b->length && pipe_room(p)) {
		struct page **page = pipe_page(p, p->write_at);
		size_t in_page = p->write_at & PAGE_MASK;
		size_t n = MIN(MIN(b->length - at - done, PAGE_SIZE - in_page), pipe_room(p));

		if (!*page)
			*page = page_alloc();
		error = *page ? buffer_get(b, at + done, (char *)page_data(*page) + in_page, n) :
				-ENOMEM;
		if (error)
			break;
		p->write_at += n;
		done += n;
	}
	return done ? (int64_t)done : error;
}

static int64_t pipe_read(struct file *f, const struct buffer *b, uint64_t *position)
{
	struct pipe *p = f->data;
	struct wait w;
	int64_t n = 0;
	bool again = true;

	if (!b->length)
		return 0;
	while (again) {
		again = false;
		mutex_lock(&p->mutex);
		if (pipe_used(p))
			n = pipe_take(p, b);
		else if (p->writers)
			n = -EAGAIN;
		mutex_unlock(&p->mutex);
		if (n != -EAGAIN || f->flags & O_NONBLOCK)
			break;
		wait_begin(&w, &p->read_queue, WAIT_PIPE_READ);
		if (!pipe_used(p) && p->writers && wait_sleep(&w))
			n = -ERESTARTSYS;
		wait_end(&w);
		again = n == -EAGAIN;
		if (again)
			n = 0;
	}
	if (n > 0) {
		wait_wake_all(&p->write_queue);
		f->inode->atime = inode_now();
	}
	return n;
}

/* Room that a write of `left` bytes waits for: small ones go in whole. */
static size_t room_wanted(size_t total, size_t left)
{
	return total <= PIPE_BUF ? left : 1;
}

/* One turn of a write: 0 and *done moved on, -EAGAIN: no room, -errno. */
static int pipe_write_some(struct pipe *p, const struct buffer *b, size_t *done)
{
	int64_t n;

	mutex_lock(&p->mutex);
	if (!p->readers)
		n = -EPIPE;
	else if (pipe_room(p) < room_wanted(b->length, b->length - *done))
		n = -EAGAIN;
	else
		n = pipe_give(p, b, *done);
	mutex_unlock(&p->mutex);
	if (n < 0)
		return (int)n;
	*done += (size_t)n;
	wait_wake_all(&p->read_queue);
	return 0;
}

static int64_t pipe_write(struct file *f, const struct buffer *b, uint64_t *position)
{
	struct pipe *p = f->data;
	struct wait w;
	size_t done = 0;
	int error = 0;

	while (done < b->length) {
		error = pipe_write_some(p, b, &done);
		if (!error)
			continue;
		if (error != -EAGAIN || f->flags & O_NONBLOCK)
			break;
		wait_begin(&w, &p->write_queue, WAIT_PIPE_WRITE);
		error = 0;
		if (p->readers && pipe_room(p) < room_wanted(b->length, b->length - done) &&
		    wait_sleep(&w))
			error = -ERESTARTSYS;
		wait_end(&w);
		if (error)
			break;
	}
	if (done)
		inode_touch(f->inode);
	return done ? (int64_t)done : error;
}

static unsigned pipe_poll(struct file *f, struct poll *poll)
{
	struct pipe *p = f->data;
	unsigned ready = 0;

	if (poll && file_readable(f))
		poll_add(poll, &p->read_queue);
	if (poll && file_writable(f))
		poll_add(poll, &p->write_queue);
	mutex_lock(&p->mutex);
	if (file_readable(f)) {
		if (pipe_used(p))
			ready |= POLLIN | POLLRDNORM;
		if (!p->writers && f->position != p->writer_opens)
			ready |= POLLHUP;
	}
	if (file_writable(f)) {
		if (pipe_room(p) >= PIPE_BUF)
			ready |= POLLOUT | POLLWRNORM;
		if (!p->readers)
			ready |= POLLERR;
	}
	mutex_unlock(&p->mutex);
	return ready;
}

static int64_t pipe_ioctl(struct file *f, unsigned request, uint64_t argument)
{
	struct pipe *p = f->data;
	int used;

	if (request != FIONREAD)
		return -ENOTTY;
	mutex_lock(&p->mutex);
	used = (int)pipe_used(p);
	mutex_unlock(&p->mutex);
	return user_copy_out(argument, &used, sizeof(used));
}

/* Drop a use of i's pipe; the last one frees it. */
static void pipe_unuse(struct inode *i)
{
	struct pipe *p = i->pipe;
	bool last;

	mutex_lock(&i->lock);
	last = --p->users == 0;
	if (last)
		i->pipe = NULL;
	mutex_unlock(&i->lock);
	if (last)
		pipe_free(p);
}

/* f's ends are no longer open. */
static void pipe_close_ends(struct pipe *p, const struct file *f)
{
	mutex_lock(&p->mutex);
	p->readers -= file_readable(f);
	p->writers -= file_writable(f);
	mutex_unlock(&p->mutex);
	wait_wake_all(&p->read_queue);
	wait_wake_all(&p->write_queue);
}

static void pipe_release(struct file *f)
{
	pipe_close_ends(f->data, f);
	pipe_unuse(f->inode);
}

static const struct file_ops pipe_file_ops = {
	.read = pipe_read,
	.write = pipe_write,
	.poll = pipe_poll,
	.ioctl = pipe_ioctl,
	.release = pipe_release,
};

/* Use i's pipe, making it if there is none. */
static struct pipe *pipe_use(struct inode *i)
{
	struct pipe *p;

	mutex_lock(&i->lock);
	if (!i->pipe)
		i->pipe = pipe_alloc();
	p = i->pipe;
	if (p)
		p->users++;
	mutex_unlock(&i->lock);
	return p;
}

/* Count f's ends in.  A reader remembers how many writers there were before it:
 * until one comes, it is not hung up. */
static void pipe_open_ends(struct pipe *p, struct file *f)
{
	mutex_lock(&p->mutex);
	if (file_readable(f)) {
		p->readers++;
		p->reader_opens++;
		if (!p->writers)
			f->position = p->writer_opens;
		else
			f->position = UINT64_MAX;
	}
	if (file_writable(f)) {
		p->writers++;
		p->writer_opens++;
	}
	mutex_unlock(&p->mutex);
	f->ops = &pipe_file_ops;
	f->data = p;
}

int pipe_create(struct file *ends[2], uint32_t flags)
{
	struct inode *i = anonymous_inode(S_IFIFO | 0600);
	struct pipe *p = i ? pipe_use(i) : NULL;

	if (!p) {
		inode_put(i);
		return -ENFILE;
	}
	pipe_use(i); /* cannot fail: one use for each end */
	inode_get(i);
	ends[0] = file_create(i, NULL, &pipe_file_ops, O_RDONLY | flags, p);
	ends[1] = file_create(i, NULL, &pipe_file_ops, O_WRONLY | flags, p);
	if (!ends[0] || !ends[1]) {
		for (unsigned k = 0; k < 2; k++) {
			if (ends[k])
				pipe_open_ends(p, ends[k]);
			else
				pipe_unuse(i);
			file_put(ends[k]);
		}
		return -ENFILE;
	}
	pipe_open_ends(p, ends[1]);
	pipe_open_ends(p, ends[0]);
	return 0;
}

/* Wait until *opens is no longer `seen`. */
static int fifo_wait(struct wait_queue *q, const uint64_t *opens, uint64_t seen)
{
	struct wait w;
	int error = 0;

	wait_begin(&w, q, WAIT_FIFO_OPEN);
	while (!error && __atomic_load_n(opens, __ATOMIC_ACQUIRE) == seen)
		error = wait_sleep(&w) ? -ERESTARTSYS : 0;
	wait_end(&w);
	return error;
}

int pipe_open(struct file *f)
{
	struct inode *i = f->inode;
	struct pipe *p = pipe_use(i);
	bool nonblocking = f->flags & O_NONBLOCK;
	uint64_t readers_seen, writers_seen;
	int error = 0;

	if (!p)
		return -ENOMEM;
	readers_seen = p->reader_opens;
	writers_seen = p->writer_opens;
	if (!file_readable(f) && nonblocking && !p->readers) {
		pipe_unuse(i);
		return -ENXIO;
	}
	pipe_open_ends(p, f);
	wait_wake_all(&p->read_queue);
	wait_wake_all(&p->write_queue);
	if (!file_writable(f) && !p->writers && !nonblocking)
		error = fifo_wait(&p->read_queue, &p->writer_opens, writers_seen);
	else if (!file_readable(f) && !p->readers)
		error = fifo_wait(&p->write_queue, &p->reader_opens, readers_seen);
	if (error)
		pipe_release(f);
	return error;
}

int64_t pipe_size(struct file *f)
{
	struct pipe *p = f->data;

	return f->ops == &pipe_file_ops ? (int64_t)(p->page_count * PAGE_SIZE) : -EBADF;
}

/* Move the pages in use into a ring of count.  Holds: mutex. */
static int pipe_resize(struct pipe *p, unsigned pages_new)
{
	uint64_t first = p->read_at >> PAGE_SHIFT;
	uint64_t last = (p->write_at + PAGE_MASK) >> PAGE_SHIFT;
	struct page **ring;

	if (last - first > pages_new)
		return -EBUSY;
	ring = kmalloc(pages_new * sizeof(ring[0]));
	if (!ring)
		return -ENOMEM;
	for (uint64_t n = first; n < last; n++) {
		struct page **page = pipe_page(p, n << PAGE_SHIFT);

		ring[n & (pages_new - 1)] = *page;
		*page = NULL;
	}
	for (unsigned n = 0; n < p->page_count; n++) {
		if (p->pages[n])
			page_put(p->pages[n]);
	}
	kfree(p->pages);
	p->pages = ring;
	p->page_count = pages_new;
	return 0;
}

int64_t pipe_set_size(struct file *f, uint64_t size, bool privileged)
{
	struct pipe *p = f->data;
	unsigned pages_new = 1;
	int error;

	if (f->ops != &pipe_file_ops)
		return -EBADF;
	if (!size || size > INT32_MAX)
		return -EINVAL;
	if (size > PIPE_BYTES_MAX && !privileged)
		return -EPERM;
	while (pages_new * PAGE_SIZE < size)
		pages_new *= 2;
	mutex_lock(&p->mutex);
	error = pipe_resize(p, pages_new);
	mutex_unlock(&p->mutex);
	if (error)
		return error;
	wait_wake_all(&p->write_queue);
	return (int64_t)(pages_new * PAGE_SIZE);
}
