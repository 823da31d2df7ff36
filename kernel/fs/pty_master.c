/* The master's end of a pseudo-terminal. */
#include <asm/ioctls.h>
#include <asm/signal.h>
#include <linux/errno.h>

#include "kernel/fs/pty_state.h"
#include "kernel/lib/restart.h"
#include "kernel/lib/string.h"
#include "kernel/mm/user.h"

/* Nobody has the slave open any more. */
static bool slave_left(struct pty *p)
{
	return p->opened && !pty_slave_open(p);
}

static int master_wait(struct pty *p, struct wait_queue *q, bool (*ready)(struct pty *p))
{
	struct wait w;
	int error = 0;

	wait_begin(&w, q, WAIT_TTY);
	if (!ready(p))
		error = wait_sleep(&w) ? -ERESTARTSYS : 0;
	wait_end(&w);
	return error;
}

/* --- reading ---------------------------------------------------------------------- */

static bool read_ready(struct pty *p)
{
	return pty_used(&p->to_master) || (p->packet && p->status) || slave_left(p);
}

/* Up to size bytes from b's `at` on: how many, or -EFAULT. */
static int64_t bytes_out(struct pty *p, const struct buffer *b, size_t at, size_t size)
{
	uint8_t bytes[256];
	size_t done = 0, n;

	do {
		mutex_lock(&p->ring);
		n = pty_ring_get(&p->to_master, bytes, MIN(size - done, sizeof(bytes)));
		mutex_unlock(&p->ring);
		if (n && buffer_put(b, at + done, bytes, n))
			return done ? (int64_t)done : -EFAULT;
		done += n;
	} while (n && done < size);
	return (int64_t)done;
}

/* What is there now; 0: nothing. */
static int64_t take(struct pty *p, const struct buffer *b)
{
	uint8_t head = 0;
	int64_t n;

	if (!p->packet)
		return bytes_out(p, b, 0, b->length);
	head = (uint8_t)__atomic_exchange_n(&p->status, 0, __ATOMIC_ACQ_REL);
	if (!head && !pty_used(&p->to_master))
		return 0;
	if (buffer_put(b, 0, &head, 1))
		return -EFAULT;
	n = head || b->length == 1 ? 0 : bytes_out(p, b, 1, b->length - 1);
	return n < 0 ? n : n + 1;
}

static int64_t master_read(struct file *f, const struct buffer *b, uint64_t *position)
{
	struct pty *p = f->data;
	int64_t n = 0;

	if (!b->length)
		return 0;
	while (!n) {
		bool left = slave_left(p); /* before the look: what it wrote comes first */

		n = take(p, b);
		if (n)
			break;
		if (left)
			return -EIO;
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		n = master_wait(p, &p->readers, read_ready);
	}
	tty_keys_settle(p->slave);
	wait_wake_all(&p->slave->writers);
	return n;
}

/* --- writing ---------------------------------------------------------------------- */

static bool write_ready(struct pty *p)
{
	return pty_used(&p->to_slave) < PTY_BYTES;
}

static int64_t master_write(struct file *f, const struct buffer *b, uint64_t *position)
{
	struct pty *p = f->data;
	uint8_t bytes[256];
	size_t done = 0;
	int64_t error = 0;

	while (!error && done < b->length) {
		size_t n = MIN(b->length - done, sizeof(bytes));

		error = buffer_get(b, done, bytes, n);
		if (error)
			break;
		mutex_lock(&p->ring);
		n = pty_ring_put(&p->to_slave, bytes, n);
		mutex_unlock(&p->ring);
		done += n;
		pty_feed(p);
		if (!n && f->flags & O_NONBLOCK)
			error = -EAGAIN;
		else if (!n)
			error = master_wait(p, &p->writers, write_ready);
	}
	return done ? (int64_t)done : error;
}

static unsigned master_poll(struct file *f, struct poll *poll)
{
	struct pty *p = f->data;
	unsigned ready = 0;

	if (poll) {
		poll_add(poll, &p->readers);
		poll_add(poll, &p->writers);
	}
	if (pty_used(&p->to_master))
		ready |= POLLIN | POLLRDNORM;
	if (p->packet && p->status)
		ready |= POLLIN | POLLRDNORM | POLLPRI;
	if (slave_left(p))
		ready |= POLLHUP;
	if (pty_used(&p->to_slave) < PTY_BYTES)
		ready |= POLLOUT | POLLWRNORM;
	return ready;
}

/* --- requests --------------------------------------------------------------------- */

static int64_t flag_set(bool *flag, uint64_t argument)
{
	int on;

	if (user_copy_in(&on, argument, sizeof(on)))
		return -EFAULT;
	*flag = on != 0;
	return 0;
}

static int64_t packet_set(struct pty *p, uint64_t argument)
{
	bool was = p->packet;
	int64_t error = flag_set(&p->packet, argument);

	if (!error && p->packet && !was)
		p->status = 0;
	return error;
}

static int64_t number_out(uint64_t argument, uint32_t number)
{
	return user_copy_out(argument, &number, sizeof(number));
}

static int64_t signal_send(struct pty *p, uint64_t sig)
{
	uint32_t group = tty_foreground(p->slave);

	if (sig != SIGINT && sig != SIGQUIT && sig != SIGTSTP)
		return -EINVAL;
	if (group)
		tty_hooks.signal_group(group, (int)sig);
	return 0;
}

/* The queues, seen from this end. */
static int64_t flush(struct pty *p, uint64_t what)
{
	if (what > TCIOFLUSH)
		return -EINVAL;
	mutex_lock(&p->ring);
	if (what != TCOFLUSH)
		p->to_master.tail = p->to_master.head;
	if (what != TCIFLUSH)
		p->to_slave.tail = p->to_slave.head;
	mutex_unlock(&p->ring);
	wait_wake_all(&p->writers);
	wait_wake_all(&p->slave->writers);
	return 0;
}

static int64_t master_ioctl(struct file *f, unsigned request, uint64_t argument)
{
	struct pty *p = f->data;

	switch (request) {
	case TIOCGPTN:
		return number_out(argument, p->index);
	case TIOCSPTLCK:
		return flag_set(&p->locked, argument);
	case TIOCGPTLCK:
		return number_out(argument, p->locked);
	case TIOCPKT:
		return packet_set(p, argument);
	case TIOCGPKT:
		return number_out(argument, p->packet);
	case TIOCSIG:
		return signal_send(p, argument);
	case FIONREAD:
		return number_out(argument, pty_used(&p->to_master));
	case TCFLSH:
		return flush(p, argument);
	case TIOCSTI:
	case TCXONC:
	case TIOCVHANGUP:
		return -EIO;
	}
	return tty_request(p->slave, request, argument, true);
}

static void master_release(struct file *f)
{
	pty_close(f->data);
}

const struct file_ops pty_master_ops = {
	.read = master_read,
	.write = master_write,
	.poll = master_poll,
	.ioctl = master_ioctl,
	.release = master_release,
};

int pty_master_open(struct file *f)
{
	struct pty *p;
	int error = pty_create(&p);

	f->data = p;
	return error;
}
