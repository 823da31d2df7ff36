/* What goes to the screen: output processing and echo. */
#include "kernel/fs/tty_state.h"
#include "kernel/lib/string.h"

#define OUT_BYTES 512u
#define TAB_WIDTH 8u

struct out {
	char bytes[OUT_BYTES];
	unsigned used;
};

static void out_add(struct tty *t, struct out *o, char c)
{
	if (o->used == OUT_BYTES) {
		t->write(t->data, o->bytes, o->used);
		o->used = 0;
	}
	o->bytes[o->used++] = c;
}

/* One byte with OPOST.  Holds: output. */
static void out_processed(struct tty *t, struct out *o, char c)
{
	unsigned oflag = t->termios.c_oflag;

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

int64_t tty_put(struct tty *t, const char *from, size_t n)
{
	struct out o = { .used = 0 };
	int64_t written = 0;

	mutex_lock(&t->output);
	for (size_t i = 0; i < n; i++) {
		if (t->termios.c_oflag & OPOST)
			out_processed(t, &o, from[i]);
		else
			out_add(t, &o, from[i]);
	}
	if (o.used)
		written = t->write(t->data, o.bytes, o.used);
	mutex_unlock(&t->output);
	return written < 0 ? written : (int64_t)n;
}

void tty_echo_flush(struct tty *t)
{
	char bytes[TTY_ECHO_BYTES];
	unsigned n;

	mutex_lock(&t->lock);
	n = t->echo_bytes;
	memcpy(bytes, t->echo, n);
	t->echo_bytes = 0;
	mutex_unlock(&t->lock);
	if (n)
		tty_put(t, bytes, n);
}
