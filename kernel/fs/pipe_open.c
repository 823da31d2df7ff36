/* Opening pipes and FIFOs, and their size. */
#include <linux/errno.h>

#include "kernel/fs/anonymous.h"
#include "kernel/fs/pipe_state.h"
#include "kernel/lib/restart.h"
#include "kernel/mm/object.h"

#define PIPE_BYTES_MAX (1u << 20) /* for all but user 0, as Linux */

/* Count f's ends in.  A FIFO's reader remembers how many writers there were before
 * it: until one comes, it is not hung up.  Holds: mutex. */
static void pipe_open_ends(struct pipe *p, struct file *f)
{
	if (file_readable(f)) {
		p->readers++;
		p->reader_opens++;
		if (!p->writers && !p->nameless)
			f->position = p->writer_opens;
		else
			f->position = UINT64_MAX;
	}
	if (file_writable(f)) {
		p->writers++;
		p->writer_opens++;
	}
	f->ops = &pipe_file_ops;
	f->data = p;
}

static void pipe_open_end(struct pipe *p, struct file *f)
{
	mutex_lock(&p->mutex);
	pipe_open_ends(p, f);
	mutex_unlock(&p->mutex);
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
	p->nameless = true;
	ends[0] = file_create(i, NULL, &pipe_file_ops, O_RDONLY | flags, p);
	ends[1] = file_create(i, NULL, &pipe_file_ops, O_WRONLY | flags, p);
	if (!ends[0] || !ends[1]) {
		for (unsigned k = 0; k < 2; k++) {
			if (ends[k])
				pipe_open_end(p, ends[k]);
			else
				pipe_unuse(i);
			file_put(ends[k]);
		}
		return -ENFILE;
	}
	pipe_open_end(p, ends[1]);
	pipe_open_end(p, ends[0]);
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
	bool nonblocking = f->flags & O_NONBLOCK, for_writer, for_reader;
	uint64_t readers_seen, writers_seen;
	int error = 0;

	if (!p)
		return -ENOMEM;
	mutex_lock(&p->mutex);
	if (!file_readable(f) && nonblocking && !p->readers && !p->nameless) {
		mutex_unlock(&p->mutex);
		pipe_unuse(i);
		return -ENXIO;
	}
	pipe_open_ends(p, f);
	/* Decided in one piece with the counts: the other end may be gone again before
	 * this thread looks, and that counts as having met it. */
	for_writer = !file_writable(f) && !p->writers && !p->nameless && !nonblocking;
	for_reader = !file_readable(f) && !p->readers && !p->nameless;
	readers_seen = p->reader_opens;
	writers_seen = p->writer_opens;
	mutex_unlock(&p->mutex);
	wait_wake_all(&p->read_queue);
	wait_wake_all(&p->write_queue);
	if (for_writer)
		error = fifo_wait(&p->read_queue, &p->writer_opens, writers_seen);
	else if (for_reader)
		error = fifo_wait(&p->write_queue, &p->reader_opens, readers_seen);
	if (error)
		pipe_file_ops.release(f);
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
	uint16_t *ends = NULL;

	if (last - first > pages_new)
		return -EBUSY;
	ring = kmalloc(pages_new * sizeof(ring[0]));
	if (p->ends)
		ends = kmalloc(pages_new * sizeof(ends[0]));
	if (!ring || (p->ends && !ends)) {
		kfree(ring);
		return -ENOMEM;
	}
	for (uint64_t n = first; n < last; n++) {
		struct page **page = pipe_page(p, n << PAGE_SHIFT);

		ring[n & (pages_new - 1)] = *page;
		if (ends)
			ends[n & (pages_new - 1)] = p->ends[n & (p->page_count - 1)];
		*page = NULL;
	}
	for (unsigned n = 0; n < p->page_count; n++) {
		if (p->pages[n])
			page_put(p->pages[n]);
	}
	kfree(p->pages);
	kfree(p->ends);
	p->pages = ring;
	p->ends = ends;
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
