/* The line discipline: what typed bytes do, termios(3). */
#include <asm/ioctls.h>
#include <asm/signal.h>

#include "kernel/fs/tty_state.h"
#include "kernel/lib/string.h"

#define TAB_WIDTH 8

static bool key_is(const struct tty *t, unsigned which, uint8_t c)
{
	return t->termios.c_cc[which] == c && c != 0; /* 0: _POSIX_VDISABLE */
}

static void echo_bytes(struct tty *t, const char *from, size_t n)
{
	n = MIN(n, TTY_ECHO_BYTES - t->echo_bytes);
	memcpy(t->echo + t->echo_bytes, from, n);
	t->echo_bytes += (unsigned)n;
}

/* A control character is shown as ^X. */
static bool shown_as_pair(const struct tty *t, uint8_t c)
{
	return tty_flag(t, ECHOCTL) && (c < 0x20 || c == 0x7f) && c != '\t' && c != '\n';
}

static void echo(struct tty *t, uint8_t c)
{
	char pair[2] = { '^', (char)(c ^ 0x40) };
	char one = (char)c;

	if (!tty_flag(t, ECHO) && !(c == '\n' && tty_flag(t, ECHONL)))
		return;
	if (shown_as_pair(t, c))
		echo_bytes(t, pair, 2);
	else
		echo_bytes(t, &one, 1);
}

static bool utf8_continues(const struct tty *t, uint8_t c)
{
	return t->termios.c_iflag & IUTF8 && (c & 0xc0) == 0x80;
}

/* Column behind c when it is shown at column. */
static uint32_t column_after(const struct tty *t, uint32_t column, uint8_t c)
{
	if (c == '\t')
		return (column | (TAB_WIDTH - 1)) + 1;
	if (shown_as_pair(t, c))
		return column + 2;
	return c < 0x20 || utf8_continues(t, c) ? column : column + 1;
}

static uint8_t cell_byte(const struct tty *t, uint32_t at)
{
	return (uint8_t)t->cells[at % TTY_CELLS];
}

/* On paper (ECHOPRT) what is erased is printed again between \ and /. */
static void erasing_begin(struct tty *t, uint8_t c)
{
	if (!t->erasing)
		echo_bytes(t, "\\", 1);
	t->erasing = true;
	echo(t, c);
}

static void erasing_end(struct tty *t)
{
	if (t->erasing)
		echo_bytes(t, "/", 1);
	t->erasing = false;
}

/* Take the last byte (character, with IUTF8) of the typed line off the screen. */
static void erase_one(struct tty *t)
{
	uint32_t column = t->line_column, end;
	uint8_t c;

	do
		c = cell_byte(t, --t->head);
	while (utf8_continues(t, c) && t->head != t->line);
	if (!tty_flag(t, ECHO))
		return;
	if (tty_flag(t, ECHOPRT)) {
		erasing_begin(t, c);
		return;
	}
	if (!tty_flag(t, ECHOE)) {
		echo(t, t->termios.c_cc[VERASE]);
		return;
	}
	for (uint32_t at = t->line; at != t->head; at++)
		column = column_after(t, column, cell_byte(t, at));
	end = column_after(t, column, c);
	for (; end > column; end--)
		echo_bytes(t, c == '\t' ? "\b" : "\b \b", c == '\t' ? 1 : 3);
}

static bool in_word(uint8_t c)
{
	return c >= 0x80 || c == '_' || (c >= '0' && c <= '9') ||
	       ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static void erase_word(struct tty *t)
{
	while (t->head != t->line && !in_word(cell_byte(t, t->head - 1)))
		erase_one(t);
	while (t->head != t->line && in_word(cell_byte(t, t->head - 1)))
		erase_one(t);
}

static void erase_line(struct tty *t)
{
	if (tty_flag(t, ECHO) && tty_flag(t, ECHOKE) && tty_flag(t, ECHOE)) {
		while (t->head != t->line)
			erase_one(t);
		return;
	}
	t->head = t->line;
	erasing_end(t);
	echo(t, t->termios.c_cc[VKILL]);
	if (tty_flag(t, ECHOK))
		echo(t, '\n');
}

static void show_line_again(struct tty *t)
{
	erasing_end(t);
	echo(t, t->termios.c_cc[VREPRINT]);
	echo(t, '\n');
	for (uint32_t at = t->line; at != t->head; at++)
		echo(t, cell_byte(t, at));
}

/* Put a byte into the ring; the last free cell is for the end of a line. */
static bool cell_put(struct tty *t, uint16_t cell)
{
	uint32_t used = t->head - t->tail;

	if (used >= TTY_CELLS - (cell & (CELL_END | CELL_EOF) ? 0 : 1)) {
		if (t->termios.c_iflag & IMAXBEL)
			echo_bytes(t, "\a", 1);
		return false;
	}
	if (t->head == t->line)
		t->line_column = t->column;
	t->cells[t->head++ % TTY_CELLS] = cell;
	return true;
}

static void line_end(struct tty *t, uint16_t cell)
{
	if (cell_put(t, cell))
		t->line = t->head;
}

void tty_flush_input(struct tty *t)
{
	t->tail = t->line = t->head;
	t->literal = t->erasing = false;
	tty_event(t, TIOCPKT_FLUSHREAD);
}

/* The signal goes out with the echo: what its handler writes is not to be dropped. */
static void key_signal(struct tty *t, uint8_t c, int sig)
{
	if (!tty_flag(t, NOFLSH)) {
		tty_flush_input(t);
		t->echo_bytes = 0;
		t->flush_output = true;
	}
	if (t->termios.c_iflag & IXON)
		tty_stop(t, false);
	echo(t, c);
	t->signals |= 1u << sig;
}

/* Keys that raise signals or hold output: true if c was one. */
static bool key_control(struct tty *t, uint8_t c)
{
	if (t->termios.c_iflag & IXON) {
		if (key_is(t, VSTART, c) || key_is(t, VSTOP, c)) {
			tty_stop(t, key_is(t, VSTOP, c));
			return true;
		}
		if (t->termios.c_iflag & IXANY)
			tty_stop(t, false);
	}
	if (!tty_flag(t, ISIG))
		return false;
	if (key_is(t, VINTR, c))
		key_signal(t, c, SIGINT);
	else if (key_is(t, VQUIT, c))
		key_signal(t, c, SIGQUIT);
	else if (key_is(t, VSUSP, c))
		key_signal(t, c, SIGTSTP);
	else
		return false;
	return true;
}

/* Keys that edit the line: true if c was one. */
static bool key_edit(struct tty *t, uint8_t c)
{
	bool extended = tty_flag(t, IEXTEN);

	if (key_is(t, VERASE, c)) {
		if (t->head != t->line)
			erase_one(t);
	} else if (extended && key_is(t, VWERASE, c)) {
		erase_word(t);
	} else if (key_is(t, VKILL, c)) {
		erase_line(t);
	} else if (extended && key_is(t, VLNEXT, c)) {
		t->literal = true;
		if (tty_flag(t, ECHO) && tty_flag(t, ECHOCTL))
			echo_bytes(t, "^\b", 2);
	} else if (extended && key_is(t, VREPRINT, c)) {
		show_line_again(t);
	} else {
		return false;
	}
	return true;
}

/* Keys that end a line: true if c was one. */
static bool key_end(struct tty *t, uint8_t c)
{
	if (key_is(t, VEOF, c)) {
		erasing_end(t);
		line_end(t, CELL_EOF);
		return true;
	}
	if (c != '\n' && !key_is(t, VEOL, c) && !(tty_flag(t, IEXTEN) && key_is(t, VEOL2, c)))
		return false;
	erasing_end(t);
	echo(t, c);
	line_end(t, c | CELL_END);
	return true;
}

/* c as the input flags make it, or -1: it is dropped. */
static int key_map(const struct tty *t, uint8_t c)
{
	unsigned iflag = t->termios.c_iflag;

	if (c == '\r' && iflag & IGNCR)
		return -1;
	if (c == '\r' && iflag & ICRNL)
		return '\n';
	if (c == '\n' && iflag & INLCR)
		return '\r';
	return c;
}

/* A byte that no key of a line is. */
static void key_plain(struct tty *t, uint8_t c)
{
	if (c == 0xff && t->termios.c_iflag & PARMRK)
		cell_put(t, c); /* so that it is not taken for a mark */
	if (!cell_put(t, c))
		return;
	erasing_end(t);
	echo(t, c);
}

void tty_key(struct tty *t, uint8_t c)
{
	unsigned iflag = t->termios.c_iflag;
	bool literal = t->literal;
	int mapped;

	t->literal = false;
	if (tty_flag(t, EXTPROC)) { /* the other end edits and signals */
		cell_put(t, c);
		return;
	}
	if (iflag & ISTRIP)
		c &= 0x7f;
	if (iflag & IUCLC && tty_flag(t, IEXTEN) && c >= 'A' && c <= 'Z')
		c |= 0x20;
	if (!literal) {
		if (key_control(t, c))
			return;
		mapped = key_map(t, c);
		if (mapped < 0)
			return;
		c = (uint8_t)mapped;
		if (tty_flag(t, ICANON) && (key_edit(t, c) || key_end(t, c)))
			return;
	}
	key_plain(t, c);
}
