/* What goes to the screen: output processing and echo. */
#include <asm/ioctls.h>

#include "kernel/fs/tty_state.h"
#include "kernel/lib/string.h"

#define OUT_BYTES 512u
#define TAB_WIDTH 8u
#define WIDEST    TAB_WIDTH /* bytes that one may become */

struct out {
	char bytes[OUT_BYTES];
	unsigned used;
};

static void out_add(struct tty *t, struct out *o, char c)
{
	if (o->used == OUT_BYTES) {
		t->side->write(t->data, o->bytes, o->used);
		o->used = 0;
	}
	o->bytes[o->used++] = c;
}

/* One byte with OPOST.  Holds: output. */
static void out_processed(struct tty *t, struct out *o, char c)
{
	unsigned oflag = t->termios.c_oflag;

	if (oflag & OLCUC && c >= 'a' && c <= 'z')
		c &= ~0x20;
	switch (c) {
	case '\n':
		if (oflag & ONLCR)
			out_add(t, o, '\r');
		if (oflag & (ONLCR | ONLRET))
			t->column = 0;
		break;
	case '\r':
		if (oflag & ONOCR && !t->column)
			return;
		if (oflag & OCRNL)
			c = '\n';
		t->column = 0;
		break;
	case '\t':
		if ((oflag & TABDLY) == XTABS) {
			do
				out_add(t, o, ' ');
			while (++t->column % TAB_WIDTH);
			return;
		}
		t->column = (t->column | (TAB_WIDTH - 1)) + 1;
		break;
	case '\b':
		t->column -= t->column != 0;
		break;
	default:
		if ((uint8_t)c >= 0x20 && ((uint8_t)c & 0xc0) != 0x80)
			t->column++;
	}
	out_add(t, o, c);
}

int64_t tty_show(struct tty *t, const char *from, size_t n)
{
	struct out o = { .used = 0 };
	int64_t written = 0;
	size_t room, done = 0;

	mutex_lock(&t->output);
	room = t->side->room ? t->side->room(t->data) : SIZE_MAX;
	for (size_t sent = 0; done < n; done++) {
		bool processed = t->termios.c_oflag & OPOST;

		if (room - sent < (processed ? WIDEST : 1))
			break;
		if (!processed) {
			out_add(t, &o, from[done]);
			sent++;
			continue;
		}
		out_processed(t, &o, from[done]);
		sent += WIDEST;
	}
	if (o.used)
		written = t->side->write(t->data, o.bytes, o.used);
	mutex_unlock(&t->output);
	return written < 0 ? written : (int64_t)done;
}

void tty_flush_output(struct tty *t)
{
	if (t->side->flush) { /* else a writer may hold output for long */
		mutex_lock(&t->output);
		t->side->flush(t->data);
		mutex_unlock(&t->output);
	}
	tty_event(t, TIOCPKT_FLUSHWRITE);
}

static void signals_send(struct tty *t, uint32_t signals)
{
	uint32_t group = tty_foreground(t);

	for (; group && signals; signals &= signals - 1)
		tty_hooks.signal_group(group, __builtin_ctz(signals));
}

void tty_keys_settle(struct tty *t)
{
	char bytes[TTY_ECHO_BYTES];
	unsigned n;
	uint32_t signals;
	bool flush;
	int64_t done;

	mutex_lock(&t->lock);
	n = t->echo_bytes;
	memcpy(bytes, t->echo, n);
	t->echo_bytes = 0;
	flush = t->flush_output;
	t->flush_output = false;
	signals = t->signals;
	t->signals = 0;
	mutex_unlock(&t->lock);
	if (flush)
		tty_flush_output(t);
	signals_send(t, signals);
	if (!n)
		return;
	done = tty_show(t, bytes, n);
	if (done < 0 || done == n)
		return;
	/* No room: it goes before what came meanwhile, as far as that fits. */
	mutex_lock(&t->lock);
	n -= (unsigned)done;
	t->echo_bytes = MIN(t->echo_bytes, TTY_ECHO_BYTES - n);
	memmove(t->echo + n, t->echo, t->echo_bytes);
	memcpy(t->echo, bytes + done, n);
	t->echo_bytes += n;
	mutex_unlock(&t->lock);
}
