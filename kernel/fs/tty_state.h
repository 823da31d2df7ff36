/* Inside of a terminal.  For tty*.c and pty*.c only.
 *
 * Input lies in one ring of cells: [tail, line) can be read in canonical mode,
 * [line, head) is the line that is being typed.
 *
 * Locks: [l] lock   [o] output, taken inside lock never; [I] at birth   [a] atomic */
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
	struct ref refs;
	uint64_t device;             /* [I] */
	const struct tty_side *side; /* [I] */
	void *data;                  /* [I] of side */
	struct mutex lock;
	struct termios2 termios;      /* [l] to change, single members [a] to read */
	struct winsize window;        /* [l] */
	uint32_t session, foreground; /* [l] to change, [a] to read */
	struct list files;            /* [l] struct tty_file, open now */
	uint16_t cells[TTY_CELLS];    /* [l] */
	uint32_t tail, line, head;    /* [l] numbers since boot; modulo TTY_CELLS */
	uint32_t line_column;         /* [l] where the typed line starts on the screen */
	bool literal;                 /* [l] the next byte is no key (LNEXT) */
	bool erasing;                 /* [l] ECHOPRT has shown a backslash */
	bool gone;                    /* [l] hung up for good */
	bool stopped;                 /* [l] output held by the STOP key or TCOOFF */
	bool exclusive;               /* [l] TIOCEXCL */
	bool flush_output;            /* [l] a key said so: before signals and echo */
	uint32_t signals;             /* [l] of keys: for the foreground, bit 1 << sig */
	char echo[TTY_ECHO_BYTES];    /* [l] output that input made */
	unsigned echo_bytes;          /* [l] */
	struct mutex output;          /* one writer at a time */
	uint32_t column;              /* [o] of the cursor; read with [l] too */
	struct wait_queue readers, writers;
};

/* An open terminal: the data of a file. */
struct tty_file {
	struct list link; /* [tty->lock] */
	struct tty *tty;  /* [I] reference */
	bool hung_up;     /* [a] set with tty->lock */
};

static inline bool tty_flag(const struct tty *t, unsigned flag)
{
	return t->termios.c_lflag & flag;
}

/* Lines are edited here: EXTPROC leaves that to the other end. */
static inline bool tty_canonical(const struct tty *t)
{
	return (t->termios.c_lflag & (ICANON | EXTPROC)) == ICANON;
}

/* Cells a read may take now.  Holds: lock. */
static inline uint32_t tty_readable(const struct tty *t)
{
	return (tty_canonical(t) ? t->line : t->head) - t->tail;
}

static inline void tty_event(struct tty *t, unsigned what)
{
	if (t->side->event)
		t->side->event(t->data, what);
}

/* tty.c: t becomes the caller's session's.  Holds: lock. */
void tty_claim(struct tty *t);
/* Hold output back, or let it go on.  Holds: lock. */
void tty_stop(struct tty *t, bool stop);

/* tty_keys.c: take one typed byte.  Holds: lock. */
void tty_key(struct tty *t, uint8_t c);
/* Drop all input.  Holds: lock. */
void tty_flush_input(struct tty *t);

/* tty_output.c: write bytes with output processing: how many there was room for. */
int64_t tty_show(struct tty *t, const char *from, size_t n);
/* Do what keys asked for: drop output, then send signals, then show the echo as far as
 * there is room.  Holds: nothing. */
void tty_keys_settle(struct tty *t);
/* Drop output that nobody has read.  Holds: not output. */
void tty_flush_output(struct tty *t);

/* tty_file.c */
extern const struct file_ops tty_file_ops;

/* tty_ioctl.c: requests on t; master: made at the other end of a pseudo-terminal.
 * -ENOTTY for what terminals do not know. */
int64_t tty_request(struct tty *t, unsigned request, uint64_t argument, bool master);
/* tty_settings.c: those about termios; *known: it is one. */
int64_t tty_settings(struct tty *t, unsigned request, uint64_t argument, bool *known);
/* tty_session.c: those about sessions. */
int64_t tty_session(struct tty *t, unsigned request, uint64_t argument, bool master, bool *known);

#endif
