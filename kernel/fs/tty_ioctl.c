/* Requests to terminals: ioctl_tty(2). */
#include <asm/ioctls.h>
#include <asm/signal.h>
#include <linux/errno.h>
#include <linux/tty.h>

#include "kernel/fs/tty_state.h"
#include "kernel/mm/user.h"

static int64_t window_get(struct tty *t, uint64_t argument)
{
	struct winsize copy;

	mutex_lock(&t->lock);
	copy = t->window;
	mutex_unlock(&t->lock);
	return user_copy_out(argument, &copy, sizeof(copy));
}

static int64_t window_set(struct tty *t, uint64_t argument)
{
	struct winsize new;

	if (user_copy_in(&new, argument, sizeof(new)))
		return -EFAULT;
	tty_resize(t, new.ws_row, new.ws_col);
	mutex_lock(&t->lock);
	t->window = new;
	mutex_unlock(&t->lock);
	return 0;
}

static int64_t number_out(uint64_t argument, uint32_t number)
{
	return user_copy_out(argument, &number, sizeof(number));
}

static int64_t flow_set(struct tty *t, uint64_t what)
{
	uint8_t key;

	switch (what) {
	case TCOOFF:
	case TCOON:
		mutex_lock(&t->lock);
		tty_stop(t, what == TCOOFF);
		mutex_unlock(&t->lock);
		wait_wake_all(&t->writers);
		return 0;
	case TCIOFF:
	case TCION:
		key = t->termios.c_cc[what == TCIOFF ? VSTOP : VSTART];
		if (key)
			t->side->write(t->data, &key, 1);
		return 0;
	}
	return -EINVAL;
}

static int64_t flush(struct tty *t, uint64_t what)
{
	if (what > TCIOFLUSH)
		return -EINVAL;
	if (what != TCOFLUSH) {
		mutex_lock(&t->lock);
		tty_flush_input(t);
		mutex_unlock(&t->lock);
		if (t->side->drained)
			t->side->drained(t->data);
	}
	if (what != TCIFLUSH)
		tty_flush_output(t);
	wait_wake_all(&t->writers);
	return 0;
}

static int64_t readable_get(struct tty *t, uint64_t argument)
{
	uint32_t n;

	mutex_lock(&t->lock);
	n = tty_readable(t);
	for (uint32_t at = t->tail, end = at + n; at != end; at++)
		n -= (t->cells[at % TTY_CELLS] & CELL_EOF) != 0;
	mutex_unlock(&t->lock);
	return number_out(argument, n);
}

/* As if it were typed: only for user 0, as Linux without dev.tty.legacy_tiocsti. */
static int64_t type_byte(struct tty *t, uint64_t argument)
{
	char c;

	if (!tty_hooks.privileged())
		return -EIO;
	if (user_copy_in(&c, argument, 1))
		return -EFAULT;
	tty_input(t, &c, 1);
	return 0;
}

static int64_t exclusive_set(struct tty *t, bool on)
{
	mutex_lock(&t->lock);
	t->exclusive = on;
	mutex_unlock(&t->lock);
	return 0;
}

/* Lines that are no wires: always there. */
static int64_t carrier_set(struct tty *t, uint64_t argument)
{
	int on;

	if (user_copy_in(&on, argument, sizeof(on)))
		return -EFAULT;
	mutex_lock(&t->lock);
	t->termios.c_cflag = (t->termios.c_cflag & ~(unsigned)CLOCAL) | (on ? CLOCAL : 0);
	mutex_unlock(&t->lock);
	return 0;
}

static int64_t discipline_set(uint64_t argument)
{
	int which;

	if (user_copy_in(&which, argument, sizeof(which)))
		return -EFAULT;
	return which == N_TTY ? 0 : -EINVAL;
}

/* Requests that a background process may not make; settings see to it themselves. */
static bool changes(unsigned request)
{
	switch (request) {
	case TCSBRK:
	case TCSBRKP:
	case TIOCSBRK:
	case TIOCCBRK:
	case TIOCSETD:
	case TCXONC:
	case TCFLSH:
		return true;
	}
	return false;
}

static int64_t line_request(struct tty *t, unsigned request, uint64_t argument)
{
	switch (request) {
	case TIOCGWINSZ:
		return window_get(t, argument);
	case TIOCSWINSZ:
		return window_set(t, argument);
	case TCFLSH:
		return flush(t, argument);
	case TCXONC:
		return flow_set(t, argument);
	case TCSBRK:
	case TCSBRKP:
	case TIOCSBRK:
	case TIOCCBRK:
		return 0; /* what was written has left already; a line without wires has no break */
	case FIONREAD:
		return readable_get(t, argument);
	case TIOCSTI:
		return type_byte(t, argument);
	case TIOCEXCL:
	case TIOCNXCL:
		return exclusive_set(t, request == TIOCEXCL);
	case TIOCGEXCL:
		return number_out(argument, t->exclusive);
	case TIOCGSOFTCAR:
		return number_out(argument, (t->termios.c_cflag & CLOCAL) != 0);
	case TIOCSSOFTCAR:
		return carrier_set(t, argument);
	case TIOCGDEV:
		return number_out(argument, (uint32_t)t->device);
	case TIOCOUTQ:
		return number_out(argument, 0);
	case TIOCGETD:
		return number_out(argument, N_TTY);
	case TIOCSETD:
		return discipline_set(argument);
	}
	return -ENOTTY;
}

int64_t tty_request(struct tty *t, unsigned request, uint64_t argument, bool master)
{
	int64_t result = changes(request) ? tty_hooks.check_foreground(t, SIGTTOU) : 0;
	bool known;

	if (result)
		return result;
	result = tty_settings(t, request, argument, &known);
	if (!known)
		result = tty_session(t, request, argument, master, &known);
	return known ? result : line_request(t, request, argument);
}
