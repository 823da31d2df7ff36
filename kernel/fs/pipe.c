/* Pipes: a ring of pages between two places, read and written byte by byte.
 *
 * A pipe without bytes keeps its first page, so that ping-pong allocates nothing.
 * Bytes are copied under the pipe's mutex; waiting is done without it. */
#include "kernel/fs/pipe_state.h"

#include <asm/ioctls.h>
#include <linux/errno.h>
#include <linux/limits.h>

#include "kernel/lib/restart.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"
#include "kernel/mm/user.h"

#define PIPE_PAGES_DEFAULT 16u

/* What was read of the first page is not written again before it is drained, so
 * that no page has bytes of two rounds. */
size_t pipe_room(const struct pipe *p)
{
	return p->page_count * PAGE_SIZE - (p->write_at - ALIGN_DOWN(p->read_at, PAGE_SIZE));
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
	kfree(p->ends);
	kfree(p);
}

struct pipe *pipe_use(struct inode *i)
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

void pipe_unuse(struct inode *i)
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

static uint16_t *pipe_end(struct pipe *p, uint64_t at)
{
	return &p->ends[(at >> PAGE_SHIFT) & (p->page_count - 1)];
}

static bool is_packet(struct pipe *p, uint64_t at)
{
	return p->ends && *pipe_end(p, at) & PIPE_END_PACKET;
}

/* Bytes in the page of `at`. */
static size_t page_bytes(struct pipe *p, uint64_t at)
{
	size_t end = p->ends ? *pipe_end(p, at) & PIPE_END_BYTES : 0;

	return end ? end : PAGE_SIZE;
}

size_t pipe_piece_length(struct pipe *p, size_t at, size_t n)
{
	uint64_t from = p->read_at + at;

	return MIN(MIN(n, page_bytes(p, from) - (from & PAGE_MASK)), pipe_used(p) - at);
}

size_t pipe_piece_next(struct pipe *p, size_t at, size_t n)
{
	uint64_t from = p->read_at + at;

	if ((from & PAGE_MASK) + n < page_bytes(p, from))
		return at + n;
	return ALIGN_DOWN(from, PAGE_SIZE) + PAGE_SIZE - p->read_at;
}

void pipe_advance(struct pipe *p, size_t n)
{
	struct page **page = pipe_page(p, p->read_at);
	uint16_t *end = p->ends ? pipe_end(p, p->read_at) : NULL;

	p->read_at += pipe_piece_next(p, 0, n);
	if (!(p->read_at & PAGE_MASK)) {
		page_put(*page);
		*page = NULL;
		if (end)
			*end = 0;
	}
	if (!pipe_used(p)) {
		if (end)
			*end = 0;
		page = pipe_page(p, p->read_at);
		if (*page && page != &p->pages[0]) {
			p->pages[0] = *page;
			*page = NULL;
		}
		/* In this order for pipe_poll. */
		__atomic_store_n(&p->write_at, 0, __ATOMIC_RELEASE);
		__atomic_store_n(&p->read_at, 0, __ATOMIC_RELEASE);
	}
}

/* Copy what is there, at most b->length.  Holds: mutex. */
static int64_t pipe_take(struct pipe *p, const struct buffer *b)
{
	size_t done = 0;
	int error = 0;
	bool packet = false;

	while (done < b->length && pipe_used(p) && !packet) {
		size_t in_page = p->read_at & PAGE_MASK;
		size_t n = pipe_piece_length(p, 0, b->length - done);

		error = buffer_put(b, done, (char *)page_data(*pipe_page(p, p->read_at)) + in_page,
				   n);
		if (error)
			break;
		done += n;
		packet = is_packet(p, p->read_at);
		pipe_advance(p, packet ? page_bytes(p, p->read_at) - in_page : n);
	}
	return done ? (int64_t)done : error;
}

int64_t pipe_give(struct pipe *p, const struct buffer *b, size_t at)
{
	size_t done = 0;
	int error = 0;

	while (at + done < b->length && pipe_room(p)) {
		struct page **page = pipe_page(p, p->write_at);
		size_t in_page = p->write_at & PAGE_MASK;
		size_t n = MIN(MIN(b->length - at - done, PAGE_SIZE - in_page), pipe_room(p));

		if (!*page)
			*page = page_alloc();
		error = *page ? buffer_get(b, at + done, (char *)page_data(*page) + in_page, n)
			      : -ENOMEM;
		if (error)
			break;
		p->write_at += n;
		done += n;
	}
	return done ? (int64_t)done : error;
}

/* As on Linux, a packet that has room behind bytes that are none becomes part of them. */
static bool packet_joins(const struct pipe *p, size_t n)
{
	size_t in_page = p->write_at & PAGE_MASK;

	return in_page && in_page + n <= PAGE_SIZE;
}

/* A page that is not begun yet. */
static bool packet_room(const struct pipe *p, size_t n)
{
	return packet_joins(p, n) ||
	       p->page_count * PAGE_SIZE >
		       ALIGN_UP(p->write_at, PAGE_SIZE) - ALIGN_DOWN(p->read_at, PAGE_SIZE);
}

/* Copy in at most a page from offset `at` of b as one packet.  Holds: mutex. */
static int64_t packet_give(struct pipe *p, const struct buffer *b, size_t at)
{
	size_t n = MIN(b->length - at, PAGE_SIZE);
	struct page **page;
	int error;

	if (packet_joins(p, n))
		return pipe_give(p, b, at);
	if (!p->ends)
		p->ends = kmalloc(p->page_count * sizeof(p->ends[0]));
	page = pipe_page(p, ALIGN_UP(p->write_at, PAGE_SIZE));
	if (!*page)
		*page = page_alloc();
	if (!p->ends || !*page)
		return -ENOMEM;
	error = buffer_get(b, at, page_data(*page), n);
	if (error)
		return error;
	if (p->write_at & PAGE_MASK) {
		*pipe_end(p, p->write_at) = p->write_at & PAGE_MASK;
		p->write_at = ALIGN_UP(p->write_at, PAGE_SIZE);
	}
	*pipe_end(p, p->write_at) = (uint16_t)n | PIPE_END_PACKET;
	p->write_at += PAGE_SIZE;
	return (int64_t)n;
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

/* Is there the room that a write of `left` more bytes waits for?  Small ones go in
 * whole. */
static bool room_for(const struct pipe *p, bool packets, size_t total, size_t left)
{
	return packets ? packet_room(p, left) : pipe_room(p) >= (total <= PIPE_BUF ? left : 1);
}

/* One turn of a write: 0 and *done moved on, -EAGAIN: no room, -errno. */
static int pipe_write_some(struct pipe *p, bool packets, const struct buffer *b, size_t *done)
{
	int64_t n;

	mutex_lock(&p->mutex);
	if (!p->readers)
		n = -EPIPE;
	else if (!room_for(p, packets, b->length, b->length - *done))
		n = -EAGAIN;
	else
		n = packets ? packet_give(p, b, *done) : pipe_give(p, b, *done);
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
	const bool packets = f->flags & O_DIRECT;
	struct wait w;
	size_t done = 0;
	int error = 0;

	while (done < b->length) {
		error = pipe_write_some(p, packets, b, &done);
		if (!error)
			continue;
		if (error != -EAGAIN || f->flags & O_NONBLOCK)
			break;
		wait_begin(&w, &p->write_queue, WAIT_PIPE_WRITE);
		error = 0;
		if (p->readers && !room_for(p, packets, b->length, b->length - done) &&
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

/* Without the mutex: what changes meanwhile wakes the queues that were added before.
 * An emptied pipe starts again at 0, write_at first, so that who reads read_at first
 * sees too little at worst, never bytes that are not there.  Writers before bytes,
 * or the last ones of a writer that is gone could be missed. */
static unsigned pipe_poll(struct file *f, struct poll *poll)
{
	struct pipe *p = f->data;
	const unsigned mode = f->flags & O_ACCMODE;
	unsigned ready = 0;

	if (poll && mode != O_WRONLY)
		poll_add(poll, &p->read_queue);
	if (poll && mode != O_RDONLY)
		poll_add(poll, &p->write_queue);
	if (mode != O_WRONLY) {
		unsigned writers = __atomic_load_n(&p->writers, __ATOMIC_ACQUIRE);
		uint64_t from = __atomic_load_n(&p->read_at, __ATOMIC_ACQUIRE);

		if (__atomic_load_n(&p->write_at, __ATOMIC_ACQUIRE) > from)
			ready |= POLLIN | POLLRDNORM;
		if (!writers && f->position != p->writer_opens)
			ready |= POLLHUP;
	}
	if (mode != O_RDONLY) {
		if (pipe_room(p) >= PIPE_BUF)
			ready |= POLLOUT | POLLWRNORM;
		if (!__atomic_load_n(&p->readers, __ATOMIC_ACQUIRE))
			ready |= POLLERR;
	}
	return ready;
}

static int64_t pipe_ioctl(struct file *f, unsigned request, uint64_t argument)
{
	struct pipe *p = f->data;
	int used = 0;

	if (request != FIONREAD)
		return -ENOTTY;
	mutex_lock(&p->mutex);
	for (size_t at = 0, n; at < pipe_used(p); at = pipe_piece_next(p, at, n)) {
		n = pipe_piece_length(p, at, pipe_used(p));
		used += (int)n;
	}
	mutex_unlock(&p->mutex);
	return user_copy_out(argument, &used, sizeof(used));
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

const struct file_ops pipe_file_ops = {
	.read = pipe_read,
	.write = pipe_write,
	.poll = pipe_poll,
	.ioctl = pipe_ioctl,
	.release = pipe_release,
};
