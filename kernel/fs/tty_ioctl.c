/* Terminal settings: ioctl_tty(2). */
#include <asm/ioctls.h>
#include <asm/signal.h>
#include <linux/errno.h>

#include "kernel/fs/tty_state.h"
#include "kernel/lib/restart.h"
#include "kernel/lib/string.h"
#include "kernel/mm/user.h"

/* Input that was typed for one mode is read in the other.  Holds: lock. */
static void mode_changed(struct tty *t, bool canonical)
{
	if (canonical && t->head != t->tail) {
		t->cells[(t->head - 1) % TTY_CELLS] |= CELL_END;
		t->line = t->head;
	} else {
		t->line = t->tail;
	}
}

static int64_t settings_set(struct tty *t, uint64_t argument, bool flush)
{
	struct termios new;
	bool was, is;

	if (user_copy_in(&new, argument, sizeof(new)))
		return -EFAULT;
	mutex_lock(&t->lock);
	was = tty_flag(t, ICANON);
	is = new.c_lflag &ICANON;
	t->termios = new;
	if (flush)
		tty_flush_input(t);
	if (was != is)
		mode_changed(t, is);
	if (!(new.c_iflag &IXON))
		t->stopped = false;
	mutex_unlock(&t->lock);
	wait_wake_all(&t->readers);
	wait_wake_all(&t->writers);
	return 0;
}

static int64_t settings_get(struct tty *t, uint64_t argument)
{
	struct termios copy;

	mutex_lock(&t->lock);
	copy = t->termios;
	mutex_unlock(&t->lock);
	return user_copy_out(argument, &copy, sizeof(copy));
}

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

static int64_t foreground_set(struct tty *t, uint64_t argument)
{
	int error = tty_hooks.controlling() == t ? 0 : -ENOTTY;
	int32_t group;

	if (!error)
		error = tty_hooks.check_foreground(t, SIGTTOU);
	if (error)
		return error == -EIO ? -ENOTTY : error;
	if (user_copy_in(&group, argument, sizeof(group)))
		return -EFAULT;
	if (group < 0)
		return -EINVAL;
	if (!tty_hooks.group_in_session((uint32_t)group))
		return -EPERM;
	__atomic_store_n(&t->foreground, (uint32_t)group, __ATOMIC_RELAXED);
	return 0;
}

static int64_t controlling_set(struct tty *t)
{
	int64_t error = 0;

	if (tty_hooks.controlling() == t && t->session == tty_hooks.session())
		return 0;
	if (!tty_hooks.session_leader() || tty_hooks.controlling())
		return -EPERM;
	mutex_lock(&t->lock);
	if (t->session) {
		error = -EPERM;
	} else {
		t->session = tty_hooks.session();
		t->foreground = tty_hooks.group();
		tty_hooks.set_controlling(t);
	}
	mutex_unlock(&t->lock);
	return error;
}

static int64_t controlling_leave(struct tty *t)
{
	uint32_t group = t->foreground;

	if (tty_hooks.controlling() != t)
		return -ENOTTY;
	if (tty_hooks.session_leader()) {
		tty_release_session(t);
		if (group) {
			tty_hooks.signal_group(group, SIGHUP);
			tty_hooks.signal_group(group, SIGCONT);
		}
	}
	tty_hooks.set_controlling(NULL);
	return 0;
}

static int64_t flow_set(struct tty *t, uint64_t what)
{
	if (what > TCION)
		return -EINVAL;
	if (what == TCOOFF || what == TCOON) {
		mutex_lock(&t->lock);
		t->stopped = what == TCOOFF;
		mutex_unlock(&t->lock);
		wait_wake_all(&t->writers);
	}
	return 0; /* TCIOFF, TCION would tell the other side: it is a pipe */
}

static int64_t flush(struct tty *t, uint64_t what)
{
	if (what > TCIOFLUSH)
		return -EINVAL;
	if (what != TCOFLUSH) {
		mutex_lock(&t->lock);
		tty_flush_input(t);
		mutex_unlock(&t->lock);
	}
	return 0;
}

static int64_t readable_get(struct tty *t, uint64_t argument)
{
	uint32_t n;

	mutex_lock(&t->lock);
	n = tty_readable(t);
	mutex_unlock(&t->lock);
	return number_out(argument, n);
}

/* Requests that a background process may not make. */
static bool changes(unsigned request)
{
	switch (request) {
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
	case TCSBRK:
	case TCSBRKP:
	case TCXONC:
	case TCFLSH:
	case TIOCSWINSZ:
		return true;
	}
	return false;
}

int64_t tty_ioctl(struct file *f, unsigned request, uint64_t argument)
{
	struct tty *t = f->data;
	int error = changes(request) ? tty_hooks.check_foreground(t, SIGTTOU) : 0;

	if (error)
		return error;
	switch (request) {
	case TCGETS:
		return settings_get(t, argument);
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return settings_set(t, argument, request == TCSETSF);
	case TIOCGWINSZ:
		return window_get(t, argument);
	case TIOCSWINSZ:
		return window_set(t, argument);
	case TIOCGPGRP:
		return tty_hooks.controlling() == t ? number_out(argument, t->foreground) : -ENOTTY;
	case TIOCSPGRP:
		return foreground_set(t, argument);
	case TIOCGSID:
		return tty_hooks.controlling() == t ? number_out(argument, t->session) : -ENOTTY;
	case TIOCSCTTY:
		return controlling_set(t);
	case TIOCNOTTY:
		return controlling_leave(t);
	case TCFLSH:
		return flush(t, argument);
	case TCXONC:
		return flow_set(t, argument);
	case TCSBRK:
	case TCSBRKP:
		return 0; /* what was written has left already */
	case FIONREAD:
		return readable_get(t, argument);
	case TIOCOUTQ:
	case TIOCGETD: /* N_TTY */
		return number_out(argument, 0);
	}
	return -ENOTTY;
}
