/* Terminals: life, input, hanging up. */
#include "kernel/fs/tty.h"

#include <asm/ioctls.h>
#include <asm/signal.h>
#include <linux/errno.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/fs/tty_state.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

#define TYPE_PATIENCE_NS 2000000000ull /* keys wait so long for a program to read */

struct tty_hooks tty_hooks;

/* As Linux's tty_std_termios. */
static const struct termios2 termios_default = {
	.c_iflag = ICRNL | IXON | IUTF8,
	.c_oflag = OPOST | ONLCR,
	.c_cflag = B38400 | CS8 | CREAD | HUPCL,
	.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
	.c_cc = {
		[VINTR] = 003, [VQUIT] = 034, [VERASE] = 0177, [VKILL] = 025, [VEOF] = 004,
		[VMIN] = 1, [VSTART] = 021, [VSTOP] = 023, [VSUSP] = 032, [VREPRINT] = 022,
		[VDISCARD] = 017, [VWERASE] = 027, [VLNEXT] = 026,
	},
	.c_ispeed = 38400,
	.c_ospeed = 38400,
};

struct tty *tty_create(uint64_t device, const struct tty_side *side, void *data)
{
	struct tty *t = kmalloc(sizeof(*t));

	if (!t)
		return NULL;
	ref_init(&t->refs, 1);
	t->device = device;
	t->side = side;
	t->data = data;
	t->termios = termios_default;
	list_init(&t->files);
	mutex_init(&t->lock);
	mutex_init(&t->output);
	wait_queue_init(&t->readers);
	wait_queue_init(&t->writers);
	return t;
}

void tty_get(struct tty *t)
{
	ref_get(&t->refs);
}

void tty_put(struct tty *t)
{
	if (!t || !ref_put(&t->refs))
		return;
	if (t->side->freed)
		t->side->freed(t->data);
	kfree(t);
}

/* Cells that input may fill now.  A line too long for the ring is taken, and what
 * does not fit dropped: nobody could read it before its end.  Holds: lock. */
static uint32_t input_room(const struct tty *t)
{
	uint32_t used = t->head - t->tail;

	if (used < TTY_CELLS - 1)
		return TTY_CELLS - 1 - used;
	return tty_canonical(t) && t->line == t->tail;
}

size_t tty_input(struct tty *t, const void *from, size_t n)
{
	const uint8_t *bytes = from;
	size_t done = 0;
	bool room = true;

	while (done < n && room) {
		unsigned most = TTY_ECHO_BYTES / 2;

		mutex_lock(&t->lock);
		/* Stop early enough for the echo of any one key; echo that nobody takes
		 * is dropped. */
		if (t->echo_bytes >= most)
			most = TTY_ECHO_BYTES + 1;
		while (done < n && t->echo_bytes < most && (room = input_room(t)))
			tty_key(t, bytes[done++]);
		mutex_unlock(&t->lock);
		tty_keys_settle(t);
	}
	wait_wake_all(&t->readers);
	wait_wake_all(&t->writers);
	return done;
}

void tty_type(struct tty *t, const void *from, size_t n)
{
	const uint8_t *bytes = from;
	size_t done = 0;

	while (done < n) {
		size_t took = tty_input(t, bytes + done, n - done);
		struct wait w;
		int error = 0;

		done += took;
		if (done == n)
			break;
		wait_begin(&w, &t->writers, WAIT_TTY);
		if (!input_room(t))
			error = wait_sleep_until(&w, clock_now() + TYPE_PATIENCE_NS);
		wait_end(&w);
		if (error) {
			mutex_lock(&t->lock);
			tty_key(t, bytes[done++]); /* a key that raises a signal still does */
			mutex_unlock(&t->lock);
			tty_keys_settle(t);
		}
	}
}

/* Wake all who wait for anything. */
static void wake(struct tty *t)
{
	wait_wake_all(&t->readers);
	wait_wake_all(&t->writers);
}

void tty_hangup(struct tty *t, bool for_good)
{
	struct tty_file *file;
	uint32_t session, foreground;

	mutex_lock(&t->lock);
	t->gone |= for_good;
	tty_stop(t, false);
	list_for_each_entry(file, &t->files, link)
		__atomic_store_n(&file->hung_up, true, __ATOMIC_RELEASE);
	session = t->session;
	foreground = t->foreground;
	mutex_unlock(&t->lock);
	if (session) {
		tty_hooks.session_leave(t, session, foreground, true);
		tty_release_session(t);
	}
	wake(t);
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

void tty_claim(struct tty *t)
{
	tty_get(t); /* the session's */
	t->session = tty_hooks.session();
	t->foreground = tty_hooks.group();
	tty_hooks.set_controlling(t);
}

void tty_release_session(struct tty *t)
{
	bool had;

	mutex_lock(&t->lock);
	had = t->session != 0;
	t->session = 0;
	t->foreground = 0;
	mutex_unlock(&t->lock);
	if (had)
		tty_put(t);
}

void tty_stop(struct tty *t, bool stop)
{
	if (t->stopped == stop)
		return;
	t->stopped = stop;
	tty_event(t, stop ? TIOCPKT_STOP : TIOCPKT_START);
}
