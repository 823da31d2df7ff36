/* Inside of a terminal.  For tty*.c only.
 *
 * Input lies in one ring of cells: [tail, line) can be read in canonical mode,
 * [line, head) is the line that is being typed.
 *
 * Locks: [l] lock   [o] output, taken inside lock never; [I] at birth */
#ifndef KERNEL_FS_TTY_STATE_H
#define KERNEL_FS_TTY_STATE_H

#include <asm/termbits.h>
#include <asm/termios.h>

#include "kernel/fs/tty.h"

#define TTY_CELLS      4096u
#define TTY_ECHO_BYTES 512u

#define CELL_END 0x100 /* a line ends with this byte */
#define CELL_EOF 0x200 /* no byte: the end-of-file key */

struct tty {
	const char *name;                                         /* [I] */
	uint64_t device;                                          /* [I] */
	int64_t (*write)(void *data, const void *from, size_t n); /* [I] */
	void *data;                                               /* [I] */
	struct mutex lock;
	struct termios termios;       /* [l] */
	struct winsize window;        /* [l] */
	uint32_t session, foreground; /* [l] to change, [a] to read */
	uint16_t cells[TTY_CELLS];    /* [l] */
	uint32_t tail, line, head;    /* [l] numbers since boot; modulo TTY_CELLS */
	uint32_t line_column;         /* [l] where the typed line starts on the screen */
	bool literal;                 /* [l] the next byte is no key (LNEXT) */
	bool hung_up;                 /* [l] */
	bool stopped;                 /* [l] output held by the STOP key or TCOOFF */
	char echo[TTY_ECHO_BYTES];    /* [l] output that input made */
	unsigned echo_bytes;          /* [l] */
	struct mutex output;          /* one writer at a time */
	uint32_t column;              /* [o] of the cursor; read with [l] too */
	struct wait_queue readers, writers;
};

static inline bool tty_flag(const struct tty *t, unsigned flag)
{
	return t->termios.c_lflag & flag;
}

/* Cells a read may take now.  Holds: lock. */
static inline uint32_t tty_readable(const struct tty *t)
{
	return (tty_flag(t, ICANON) ? t->line : t->head) - t->tail;
}

/* tty_keys.c: take one typed byte.  Holds: lock. */
void tty_key(struct tty *t, uint8_t c);
/* Drop all input.  Holds: lock. */
void tty_flush_input(struct tty *t);
/* tty_output.c: write n bytes with output processing; all of them. */
int64_t tty_put(struct tty *t, const char *from, size_t n);
/* Send what keys made for the screen.  Holds: nothing. */
void tty_echo_flush(struct tty *t);
/* tty_ioctl.c */
int64_t tty_ioctl(struct file *f, unsigned request, uint64_t argument);

#endif
