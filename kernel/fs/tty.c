/* Terminals: life, reading and writing. */
#include "kernel/fs/tty.h"

#include <asm/signal.h>
#include <linux/errno.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/fs/device.h"
#include "kernel/fs/tty_state.h"
#include "kernel/lib/restart.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

#define TENTH_NS 100000000ull /* unit of VTIME */

struct tty_hooks tty_hooks;

/* As Linux's tty_std_termios. */
static const struct termios termios_default = {
	.c_iflag = ICRNL | IXON | IUTF8,
	.c_oflag = OPOST | ONLCR,
	.c_cflag = B38400 | CS8 | CREAD | HUPCL,
	.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
	.c_cc = {
		[VINTR] = 003, [VQUIT] = 034, [VERASE] = 0177, [VKILL] = 025, [VEOF] = 004,
		[VMIN] = 1, [VSTART] = 021, [VSTOP] = 023, [VSUSP] = 032, [VREPRINT] = 022,
		[VDISCARD] = 017, [VWERASE] = 027, [VLNEXT] = 026,
	},
};

struct tty *tty_create(const char *name, uint64_t device,
		       int64_t (*write)(void *data, const void *from, size_t n), void *data)
{
	struct tty *t = kmalloc(sizeof(*t));

	if (!t)
		return NULL;
	t->name = name;
	t->device = device;
	t->write = write;
	t->data = data;
	t->termios = termios_default;
	mutex_init(&t->lock);
	mutex_init(&t->output);
	wait_queue_init(&t->readers);
	wait_queue_init(&t->writers);
	return t;
}

void tty_input(struct tty *t, const void *from, size_t n)
{
	const uint8_t *bytes = from;
	size_t done = 0;

	while (done < n) {
		mutex_lock(&t->lock);
		/* Stop early enough for the echo of any one key. */
		while (done < n && t->echo_bytes < TTY_ECHO_BYTES / 2)
			tty_key(t, bytes[done++]);
		mutex_unlock(&t->lock);
		tty_echo_flush(t);
	}
	wait_wake_all(&t->readers);
	wait_wake_all(&t->writers);
}

void tty_hangup(struct tty *t)
{
	mutex_lock(&t->lock);
	t->hung_up = true;
	t->stopped = false;
	mutex_unlock(&t->lock);
	if (t->foreground) {
		tty_hooks.signal_group(t->foreground, SIGHUP);
		tty_hooks.signal_group(t->foreground, SIGCONT);
	}
	wait_wake_all(&t->readers);
	wait_wake_all(&t->writers);
}

void tty_resize(struct tty *t, uint16_t rows, uint16_t columns)
{
	bool changed;

	mutex_lock(&t->lock);
	changed = t->window.ws_row != rows || t->window.ws_col != columns;
	t->window.ws_row = rows;
	t->window.ws_col = columns;
	mutex_unlock(&t->lock);
	if (changed && t->foreground)
		tty_hooks.signal_group(t->foreground, SIGWINCH);
}

uint64_t tty_device(const struct tty *t)
{
	return t->device;
}

uint32_t tty_foreground(const struct tty *t)
{
	return __atomic_load_n(&t->foreground, __ATOMIC_RELAXED);
}

void tty_release_session(struct tty *t)
{
	mutex_lock(&t->lock);
	t->session = 0;
	t->foreground = 0;
	mutex_unlock(&t->lock);
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
		if (tty_flag(t, ICANON) && cell & (CELL_END | CELL_EOF))
			*ended = true;
	}
	if ((int32_t)(t->line - t->tail) < 0)
		t->line = t->tail;
	return n;
}

/* Sleep until input may be enough.  0, -ERESTARTSYS, -ETIMEDOUT. */
static int wait_input(struct tty *t, uint32_t cells, uint64_t deadline)
{
	struct wait w;
	int error = 0;

	wait_begin(&w, &t->readers, WAIT_TTY);
	if (tty_readable(t) < cells && !t->hung_up)
		error = wait_sleep_until(&w, deadline);
	wait_end(&w);
	return error == -EINTR ? -ERESTARTSYS : error;
}

/* Wait as canonical mode, VMIN and VTIME say, until there is something to take (1),
 * nothing will come (0), or -errno. */
static int input_ready(struct tty *t, struct file *f, size_t n)
{
	uint64_t deadline = 0, wait_ns = 0;
	uint32_t seen = 0, wanted;
	int error;

	for (;;) {
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
		if (t->hung_up || (!wanted && !wait_ns))
			return tty_readable(t) != 0;
		if (f->flags & O_NONBLOCK)
			return tty_readable(t) ? 1 : -EAGAIN;
		seen = tty_readable(t);
		error = wait_input(t, wanted && !deadline ? MIN(seen + 1, wanted) : seen + 1,
				   deadline);
		if (error == -ETIMEDOUT)
			return tty_readable(t) != 0;
		if (error)
			return tty_readable(t) && !tty_flag(t, ICANON) ? 1 : error;
		if (wanted && tty_readable(t) != seen)
			deadline = 0;
	}
}

static int64_t tty_read(struct file *f, const struct buffer *b, uint64_t *position)
{
	struct tty *t = f->data;
	uint8_t bytes[256];
	bool ended = false;
	size_t done = 0;
	int ready;

	if (!b->length)
		return 0;
	ready = input_ready(t, f, b->length);
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
	return (int64_t)done;
}

/* Output is held: wait. */
static int wait_output(struct tty *t, struct file *f)
{
	struct wait w;
	int error = 0;

	if (f->flags & O_NONBLOCK)
		return -EAGAIN;
	wait_begin(&w, &t->writers, WAIT_TTY);
	while (!error && t->stopped)
		error = wait_sleep(&w) ? -ERESTARTSYS : 0;
	wait_end(&w);
	return error;
}

static int64_t tty_write(struct file *f, const struct buffer *b, uint64_t *position)
{
	struct tty *t = f->data;
	char bytes[512];
	size_t done = 0;
	int64_t error = tty_flag(t, TOSTOP) ? tty_hooks.check_foreground(t, SIGTTOU) : 0;

	while (!error && done < b->length) {
		size_t n = MIN(b->length - done, sizeof(bytes));

		if (t->hung_up)
			error = -EIO;
		else if (t->stopped)
			error = wait_output(t, f);
		if (!error)
			error = buffer_get(b, done, bytes, n);
		if (!error) {
			error = tty_put(t, bytes, n);
			if (error > 0) {
				done += (size_t)error;
				error = 0;
			}
		}
	}
	return done ? (int64_t)done : error;
}

static unsigned tty_poll(struct file *f, struct poll *poll)
{
	struct tty *t = f->data;
	unsigned ready = 0;
	uint32_t wanted;

	if (poll) {
		poll_add(poll, &t->readers);
		poll_add(poll, &t->writers);
	}
	mutex_lock(&t->lock);
	wanted = 1;
	if (!tty_flag(t, ICANON) && !t->termios.c_cc[VTIME] && t->termios.c_cc[VMIN])
		wanted = t->termios.c_cc[VMIN];
	if (tty_readable(t) >= wanted)
		ready |= POLLIN | POLLRDNORM;
	if (t->hung_up)
		ready |= POLLHUP | POLLIN | POLLRDNORM;
	if (!t->stopped)
		ready |= POLLOUT | POLLWRNORM;
	mutex_unlock(&t->lock);
	return ready;
}

static const struct file_ops tty_file_ops = {
	.read = tty_read,
	.write = tty_write,
	.ioctl = tty_ioctl,
	.poll = tty_poll,
};

int tty_open(struct tty *t, struct file *f)
{
	f->ops = &tty_file_ops;
	f->data = t;
	if (!(f->flags & O_NOCTTY) && file_readable(f) && tty_hooks.session_leader() &&
	    !tty_hooks.controlling()) {
		mutex_lock(&t->lock);
		if (!t->session) {
			t->session = tty_hooks.session();
			t->foreground = tty_hooks.group();
			tty_hooks.set_controlling(t);
		}
		mutex_unlock(&t->lock);
	}
	return 0;
}

/* /dev/tty is whatever terminal controls the caller. */
static int controlling_open(struct file *f)
{
	struct tty *t = tty_hooks.controlling();

	if (!t)
		return -ENXIO;
	f->ops = &tty_file_ops;
	f->data = t;
	return 0;
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
