/* Bytes are copied once, from or to the pages of the pipe, under its mutex: what is
 * taken out of a pipe has arrived where it goes.  Two pipes are locked in the order
 * of their addresses, and not while waiting. */
#include "kernel/fs/splice.h"

#include <linux/errno.h>

#include "kernel/fs/pipe_state.h"
#include "kernel/lib/restart.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

#define PIECE_BYTES (16 * PAGE_SIZE)

bool splice_is_pipe(const struct file *f)
{
	return f->ops == &pipe_file_ops;
}

/* Is there something to read (or no writer), or room to write (or no reader)? */
static bool pipe_ready(const struct pipe *p, bool write)
{
	return write ? pipe_room(p) >= PAGE_SIZE || !p->readers : pipe_used(p) || !p->writers;
}

/* Until the pipe is ready: 0, -EAGAIN, -ERESTARTSYS. */
static int pipe_wait(struct file *f, bool write, bool wait)
{
	struct pipe *p = f->data;
	struct wait w;
	int error = 0;

	if (pipe_ready(p, write))
		return 0;
	if (!wait || f->flags & O_NONBLOCK)
		return -EAGAIN;
	wait_begin(&w, write ? &p->write_queue : &p->read_queue,
		   write ? WAIT_PIPE_WRITE : WAIT_PIPE_READ);
	while (!error && !pipe_ready(p, write)) {
		if (wait_sleep(&w))
			error = -ERESTARTSYS;
	}
	wait_end(&w);
	return error;
}

int64_t splice_to_pipe(struct file *pipe, struct file *in, uint64_t *position, size_t n, bool wait)
{
	struct pipe *p = pipe->data;
	struct buffer b = { .kernel = true };
	int64_t got = pipe_wait(pipe, true, wait);
	void *piece = got ? NULL : kmalloc(PIECE_BYTES);

	if (got)
		return got;
	if (!piece)
		return -ENOMEM;
	mutex_lock(&p->mutex);
	b.addr = (uint64_t)piece;
	b.length = MIN(n, MIN(pipe_room(p), PIECE_BYTES));
	if (!p->readers)
		got = -EPIPE;
	else
		got = b.length ? file_read(in, &b, position) : -EAGAIN;
	if (got > 0) {
		b.length = (size_t)got;
		got = pipe_give(p, &b, 0);
	}
	mutex_unlock(&p->mutex);
	kfree(piece);
	if (got > 0)
		wait_wake_all(&p->read_queue);
	return got;
}

/* What lies in one page at the pipe's start.  Holds: mutex. */
static struct buffer pipe_piece(struct pipe *p, size_t at, size_t n)
{
	size_t in_page = (p->read_at + at) & PAGE_MASK;

	return (struct buffer){
		.addr = (uint64_t)page_data(*pipe_page(p, p->read_at + at)) + in_page,
		.length = pipe_piece_length(p, at, n),
		.kernel = true,
	};
}

int64_t splice_from_pipe(struct file *pipe, struct file *out, uint64_t *position, size_t n,
			 bool wait)
{
	struct pipe *p = pipe->data;
	int64_t put = pipe_wait(pipe, false, wait);
	size_t done = 0;

	if (put)
		return put;
	mutex_lock(&p->mutex);
	while (done < n && pipe_used(p)) {
		struct buffer b = pipe_piece(p, 0, n - done);

		put = file_write(out, &b, position);
		if (put <= 0)
			break;
		done += (size_t)put;
		pipe_advance(p, (size_t)put);
	}
	mutex_unlock(&p->mutex);
	if (done)
		wait_wake_all(&p->write_queue);
	return done ? (int64_t)done : put;
}

static void lock_both(struct pipe *a, struct pipe *b)
{
	mutex_lock(a < b ? &a->mutex : &b->mutex);
	mutex_lock(a < b ? &b->mutex : &a->mutex);
}

/* Copy what is there into the room that is there.  Holds: both mutexes. */
static int64_t pipes_copy(struct pipe *from, struct pipe *to, size_t n, bool keep)
{
	size_t done = 0, at = 0;
	int64_t put = 0;

	while (done < n && pipe_used(from) > at && pipe_room(to)) {
		struct buffer b = pipe_piece(from, at, n - done);

		put = pipe_give(to, &b, 0);
		if (put <= 0)
			break;
		done += (size_t)put;
		if (keep)
			at = pipe_piece_next(from, at, (size_t)put);
		else
			pipe_advance(from, (size_t)put);
	}
	return done ? (int64_t)done : put;
}

int64_t splice_pipes(struct file *in, struct file *out, size_t n, bool wait, bool keep)
{
	struct pipe *from = in->data, *to = out->data;
	int64_t got = 0;
	bool ended = false;

	while (!got && !ended) {
		got = pipe_wait(in, false, wait);
		if (!got)
			got = pipe_wait(out, true, wait);
		if (got)
			return got;
		lock_both(from, to);
		ended = !pipe_used(from) && !from->writers;
		got = !to->readers ? -EPIPE : pipes_copy(from, to, n, keep);
		mutex_unlock(&from->mutex);
		mutex_unlock(&to->mutex);
	}
	if (got > 0)
		wait_wake_all(&to->read_queue);
	if (got > 0 && !keep)
		wait_wake_all(&from->write_queue);
	return got;
}
