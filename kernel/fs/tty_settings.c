/* Terminal settings: the termios requests of ioctl_tty(2). */
#include <asm/ioctls.h>
#include <asm/signal.h>
#include <linux/errno.h>

#include "kernel/fs/tty_state.h"
#include "kernel/lib/string.h"
#include "kernel/mm/user.h"

/* Bauds by CBAUD's code: termbits.h of Linux; those with CBAUDEX follow. */
static const unsigned speeds[] = { 0,   50,   75,   110,  134,  150,  200,   300,
				   600, 1200, 1800, 2400, 4800, 9600, 19200, 38400 };
static const unsigned speeds_more[] = { 0,       57600,   115200,  230400,  460800,  500000,
					576000,  921600,  1000000, 1152000, 1500000, 2000000,
					2500000, 3000000, 3500000, 4000000 };

/* BOTHER: `given` says. */
static unsigned speed_of(unsigned code, unsigned given)
{
	if (code == BOTHER)
		return given;
	return (code & CBAUDEX ? speeds_more : speeds)[code & 15];
}

/* Input that was typed for one mode is read in the other, without the ends of lines.
 * Holds: lock. */
static void mode_changed(struct tty *t)
{
	for (uint32_t at = t->tail; at != t->head; at++) {
		uint16_t *cell = &t->cells[at % TTY_CELLS];

		*cell = *cell & CELL_EOF ? 0 : *cell & 0xff;
	}
	t->literal = t->erasing = false;
	t->line = t->tail;
	if (tty_canonical(t) && t->head != t->tail) {
		t->cells[(t->head - 1) % TTY_CELLS] |= CELL_END;
		t->line = t->head;
	}
}

/* Does the STOP key hold output, as far as a packet-mode reader can take it over? */
static bool keys_stop(const struct termios2 *s)
{
	return s->c_iflag & IXON && s->c_cc[VSTOP] == 023 && s->c_cc[VSTART] == 021;
}

static void changes_tell(struct tty *t, const struct termios2 *old, const struct termios2 *new)
{
	if (keys_stop(old) != keys_stop(new))
		tty_event(t, keys_stop(new) ? TIOCPKT_DOSTOP : TIOCPKT_NOSTOP);
	if ((old->c_lflag | new->c_lflag) & EXTPROC)
		tty_event(t, TIOCPKT_IOCTL);
}

static void settings_apply(struct tty *t, struct termios2 *new, bool flush)
{
	struct termios2 old;
	bool go_on;

	new->c_ospeed = speed_of(new->c_cflag &CBAUD, new->c_ospeed);
	new->c_ispeed = speed_of(new->c_cflag >> IBSHIFT &CBAUD, new->c_ispeed);
	if (!(new->c_cflag >> IBSHIFT &CBAUD))
		new->c_ispeed = new->c_ospeed;
	mutex_lock(&t->lock);
	old = t->termios;
	t->termios = *new;
	if (flush)
		tty_flush_input(t);
	if ((old.c_lflag ^ new->c_lflag) & (ICANON | EXTPROC))
		mode_changed(t);
	go_on = old.c_iflag & IXON && !(new->c_iflag &IXON);
	if (go_on)
		tty_stop(t, false);
	mutex_unlock(&t->lock);
	changes_tell(t, &old, new);
	wait_wake_all(&t->readers);
	wait_wake_all(&t->writers);
	if (t->side->drained)
		t->side->drained(t->data);
}

static struct termios2 settings_now(struct tty *t)
{
	struct termios2 copy;

	mutex_lock(&t->lock);
	copy = t->termios;
	mutex_unlock(&t->lock);
	return copy;
}

/* size: of struct termios or of struct termios2, which begin alike. */
static int64_t settings_set(struct tty *t, uint64_t argument, size_t size, bool flush)
{
	struct termios2 new = settings_now(t);
	int error = tty_hooks.check_foreground(t, SIGTTOU);

	if (error)
		return error;
	if (user_copy_in(&new, argument, size))
		return -EFAULT;
	settings_apply(t, &new, flush);
	return 0;
}

static int64_t settings_get(struct tty *t, uint64_t argument, size_t size)
{
	struct termios2 copy = settings_now(t);

	return user_copy_out(argument, &copy, size);
}

/* struct termio of System V: halves of the flags and fewer keys. */
static int64_t old_settings_set(struct tty *t, uint64_t argument, bool flush)
{
	struct termios2 new = settings_now(t);
	struct termio from;
	int error = tty_hooks.check_foreground(t, SIGTTOU);

	if (error)
		return error;
	if (user_copy_in(&from, argument, sizeof(from)))
		return -EFAULT;
	new.c_iflag = (new.c_iflag & 0xffff0000) | from.c_iflag;
	new.c_oflag = (new.c_oflag & 0xffff0000) | from.c_oflag;
	new.c_cflag = (new.c_cflag & 0xffff0000) | from.c_cflag;
	new.c_lflag = (new.c_lflag & 0xffff0000) | from.c_lflag;
	new.c_line = from.c_line;
	memcpy(new.c_cc, from.c_cc, NCC);
	settings_apply(t, &new, flush);
	return 0;
}

static int64_t old_settings_get(struct tty *t, uint64_t argument)
{
	struct termios2 now = settings_now(t);
	struct termio to = {
		.c_iflag = (uint16_t)now.c_iflag,
		.c_oflag = (uint16_t)now.c_oflag,
		.c_cflag = (uint16_t)now.c_cflag,
		.c_lflag = (uint16_t)now.c_lflag,
		.c_line = now.c_line,
	};

	memcpy(to.c_cc, now.c_cc, NCC);
	return user_copy_out(argument, &to, sizeof(to));
}

int64_t tty_settings(struct tty *t, unsigned request, uint64_t argument, bool *known)
{
	*known = true;
	switch (request) {
	case TCGETS:
		return settings_get(t, argument, sizeof(struct termios));
	case TCGETS2:
		return settings_get(t, argument, sizeof(struct termios2));
	case TCSETS:
	case TCSETSW: /* what was written has left already */
	case TCSETSF:
		return settings_set(t, argument, sizeof(struct termios), request == TCSETSF);
	case TCSETS2:
	case TCSETSW2:
	case TCSETSF2:
		return settings_set(t, argument, sizeof(struct termios2), request == TCSETSF2);
	case TCGETA:
		return old_settings_get(t, argument);
	case TCSETA:
	case TCSETAW:
	case TCSETAF:
		return old_settings_set(t, argument, request == TCSETAF);
	}
	*known = false;
	return -ENOTTY;
}
