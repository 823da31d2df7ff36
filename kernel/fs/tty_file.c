/* Open terminals: reading, writing, waiting. */
#include <asm/signal.h>
#include <linux/errno.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/fs/device.h"
#include "kernel/fs/tty_state.h"
#include "kernel/lib/restart.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

#define TENTH_NS 100000000ull /* unit of VTIME */

static bool hung_up(const struct tty_file *tf)
{
	return __atomic_load_n(&tf->hung_up, __ATOMIC_ACQUIRE);
}

/* Cells that a read of n bytes waits for.  Holds: lock. */
static uint32_t cells_wanted(const struct tty *t, size_t n)
{
	if (tty_flag(t, ICANON))
		return 1;
	return (uint32_t)MIN(n, (size_t)t->termios.c_cc[VMIN]);
}

/* Take up to size bytes out.  *ended: a line or the input ended.  Holds: lock. */
static size_t cells_take(struct tty *t, uint8_t *to, size_t size, bool *ended)
{
	size_t n = 0;

	while (n < size && !*ended && tty_readable(t)) {
		uint16_t cell = t->cells[t->tail++ % TTY_CELLS];

		if (!(cell & CELL_EOF))
			to[n++] = (uint8_t)cell;
		if (tty_canonical(t) && cell & (CELL_END | CELL_EOF))
			*ended = true;
	}
	if ((int32_t)(t->line - t->tail) < 0)
		t->line = t->tail;
	return n;
}

/* Sleep until input may be enough.  0, -ERESTARTSYS, -ETIMEDOUT. */
static int wait_input(struct tty_file *tf, uint32_t cells, uint64_t deadline)
{
	struct tty *t = tf->tty;
	struct wait w;
	int error = 0;

	wait_begin(&w, &t->readers, WAIT_TTY);
	if (tty_readable(t) < cells && !hung_up(tf))
		error = wait_sleep_until(&w, deadline);
	wait_end(&w);
	return error == -EINTR ? -ERESTARTSYS : error;
}

/* Wait as canonical mode, VMIN and VTIME say, until there is something to take (1),
 * nothing will come (0), or -errno. */
static int input_ready(struct tty_file *tf, struct file *f, size_t n)
{
	uint64_t deadline = 0, wait_ns = 0;
	struct tty *t = tf->tty;
	uint32_t seen = 0, wanted;
	bool slept = false;
	int error;

	for (;;) {
		if (hung_up(tf)) /* who waited is told more clearly, as on Linux */
			return slept && t->gone ? -EIO : 0;
		error = tty_hooks.check_foreground(t, SIGTTIN);
		if (error)
			return error;
		wanted = cells_wanted(t, n);
		if (!tty_flag(t, ICANON))
			wait_ns = t->termios.c_cc[VTIME] * TENTH_NS;
		/* VMIN 0 waits for one byte at most VTIME; else VTIME runs between bytes. */
		if (wait_ns && !deadline && (!wanted || tty_readable(t)))
			deadline = clock_now() + wait_ns;
		if (tty_readable(t) && tty_readable(t) >= wanted)
			return 1;
		if (!wanted && !wait_ns)
			return tty_readable(t) != 0;
		if (f->flags & O_NONBLOCK)
			return tty_readable(t) ? 1 : -EAGAIN;
		slept = true;
		seen = tty_readable(t);
		error = wait_input(tf, wanted && !deadline ? MIN(seen + 1, wanted) : seen + 1,
				   deadline);
		if (error == -ETIMEDOUT)
			return tty_readable(t) != 0;
		if (error)
			return tty_readable(t) && !tty_flag(t, ICANON) ? 1 : error;
		if (wanted && tty_readable(t) != seen)
			deadline = 0;
	}
}

/* There is room for input again. */
static void drained(struct tty *t)
{
	wait_wake_all(&t->writers);
	if (t->side->drained)
		t->side->drained(t->data);
}

static int64_t tty_read(struct file *f, const struct buffer *b, uint64_t *position)
{
	struct tty_file *tf = f->data;
	struct tty *t = tf->tty;
	uint8_t bytes[256];
	bool ended = false;
	size_t done = 0;
	int ready;

	if (!b->length)
		return 0;
	ready = input_ready(tf, f, b->length);
	if (ready <= 0)
		return ready;
	while (done < b->length && !ended) {
		size_t n;

		mutex_lock(&t->lock);
		n = cells_take(t, bytes, MIN(b->length - done, sizeof(bytes)), &ended);
		mutex_unlock(&t->lock);
		if (!n)
			break;
		if (buffer_put(b, done, bytes, n))
			return done ? (int64_t)done : -EFAULT;
		done += n;
	}
	drained(t);
	return (int64_t)done;
}

/* Output is held, or has no room: wait. */
static int wait_output(struct tty_file *tf, struct file *f)
{
	struct tty *t = tf->tty;
	struct wait w;
	int error = 0;

	if (f->flags & O_NONBLOCK)
		return -EAGAIN;
	wait_begin(&w, &t->writers, WAIT_TTY);
	if (!hung_up(tf) && (t->stopped || (t->side->room && !t->side->room(t->data))))
		error = wait_sleep(&w) ? -ERESTARTSYS : 0;
	wait_end(&w);
	return error;
}

static int64_t tty_write(struct file *f, const struct buffer *b, uint64_t *position)
{
	struct tty_file *tf = f->data;
	struct tty *t = tf->tty;
	char bytes[512];
	size_t done = 0;
	int64_t error = 0;

	if (!hung_up(tf) && tty_flag(t, TOSTOP))
		error = tty_hooks.check_foreground(t, SIGTTOU);
	while (!error && done < b->length) {
		size_t n = MIN(b->length - done, sizeof(bytes));

		if (hung_up(tf))
			error = -EIO;
		else if (t->stopped)
			error = wait_output(tf, f);
		if (error || t->stopped)
			continue;
		error = buffer_get(b, done, bytes, n);
		if (error)
			break;
		error = tty_show(t, bytes, n);
		if (error > 0) {
			done += (size_t)error;
			error = 0;
		} else if (!error) {
			error = wait_output(tf, f);
		}
	}
	return done ? (int64_t)done : error;
}

static unsigned tty_poll(struct file *f, struct poll *poll)
{
	struct tty_file *tf = f->data;
	struct tty *t = tf->tty;
	unsigned ready = 0;
	uint32_t wanted;

	if (poll) {
		poll_add(poll, &t->readers);
		poll_add(poll, &t->writers);
	}
	if (hung_up(tf))
		return POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDNORM | POLLWRNORM;
	mutex_lock(&t->lock);
	wanted = 1;
	if (!tty_flag(t, ICANON) && !t->termios.c_cc[VTIME] && t->termios.c_cc[VMIN])
		wanted = t->termios.c_cc[VMIN];
	if (tty_readable(t) >= wanted)
		ready |= POLLIN | POLLRDNORM;
	if (!t->stopped && (!t->side->room || t->side->room(t->data)))
		ready |= POLLOUT | POLLWRNORM;
	mutex_unlock(&t->lock);
	return ready;
}

static int64_t tty_ioctl(struct file *f, unsigned request, uint64_t argument)
{
	struct tty_file *tf = f->data;

	if (hung_up(tf))
		return request == TIOCSPGRP ? -ENOTTY : -EIO;
	return tty_request(tf->tty, request, argument, false);
}

static void tty_release(struct file *f)
{
	struct tty_file *tf = f->data;
	struct tty *t = tf->tty;
	bool last;

	mutex_lock(&t->lock);
	list_remove(&tf->link);
	last = list_empty(&t->files);
	mutex_unlock(&t->lock);
	if (last && t->side->closed)
		t->side->closed(t->data);
	kfree(tf);
	tty_put(t);
}

const struct file_ops tty_file_ops = {
	.read = tty_read,
	.write = tty_write,
	.ioctl = tty_ioctl,
	.poll = tty_poll,
	.release = tty_release,
};

/* Make f a file of t. */
static int bind(struct tty *t, struct file *f)
{
	struct tty_file *tf = kmalloc(sizeof(*tf));
	int error = 0;

	if (!tf)
		return -ENOMEM;
	tf->tty = t;
	mutex_lock(&t->lock);
	if (t->gone)
		error = -EIO;
	else if (t->exclusive && !tty_hooks.privileged())
		error = -EBUSY;
	else
		list_append(&t->files, &tf->link);
	mutex_unlock(&t->lock);
	if (error) {
		kfree(tf);
		return error;
	}
	tty_get(t);
	f->ops = &tty_file_ops;
	f->data = tf;
	return 0;
}

int tty_open(struct tty *t, struct file *f)
{
	int error = bind(t, f);

	if (!error && !(f->flags & O_NOCTTY) && file_readable(f) && tty_hooks.session_leader() &&
	    !tty_hooks.controls(NULL)) {
		mutex_lock(&t->lock);
		if (!t->session)
			tty_claim(t);
		mutex_unlock(&t->lock);
	}
	return error;
}

/* /dev/tty is whatever terminal controls the caller. */
static int controlling_open(struct file *f)
{
	struct tty *t = tty_hooks.controlling();
	int error;

	if (!t)
		return -ENXIO;
	error = bind(t, f);
	tty_put(t);
	return error;
}

void tty_init(void)
{
	static struct device device = {
		.name = "tty",
		.number = 5 << 8 | 0,
		.mode = 0666,
		.ops = &tty_file_ops,
		.open = controlling_open,
	};

	device_add(&device);
}
