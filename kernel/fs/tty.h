/* Terminals: line discipline (canonical and raw mode, echo, erase, signals from
 * keys, window size, job control) over some bytes in and out. */
#ifndef KERNEL_FS_TTY_H
#define KERNEL_FS_TTY_H

#include "kernel/fs/file.h"

struct tty;

/* What proc/ supplies: sessions and signals are above this layer. */
struct tty_hooks {
	/* Send sig to foreground process group pgrp. */
	void (*signal_group)(uint32_t pgrp, int sig);
	/* May the caller read (SIGTTIN), or write with TOSTOP or change settings
	 * (SIGTTOU)?  0, or -EIO / -ERESTARTSYS after the signal was sent. */
	int (*check_foreground)(struct tty *t, int sig);
	/* Session and group of the caller. */
	uint32_t (*session)(void);
	uint32_t (*group)(void);
	bool (*session_leader)(void);
	/* Is pgrp a group of the caller's session? */
	bool (*group_in_session)(uint32_t pgrp);
	/* The controlling terminal of the caller's session (for /dev/tty), or NULL;
	 * setting it (NULL: given up). */
	struct tty *(*controlling)(void);
	void (*set_controlling)(struct tty *t);
};
/* Set by proc/ before init starts. */
extern struct tty_hooks tty_hooks;

/* A terminal for good.  Output leaves by write (all n bytes; may sleep). */
struct tty *tty_create(const char *name, uint64_t device,
		       int64_t (*write)(void *data, const void *from, size_t n), void *data);
/* Bytes typed; in thread context (the console's input thread). */
void tty_input(struct tty *t, const void *from, size_t n);
void tty_hangup(struct tty *t); /* end of input for good; SIGHUP, SIGCONT */
void tty_resize(struct tty *t, uint16_t rows, uint16_t columns); /* SIGWINCH */
uint64_t tty_device(const struct tty *t);
uint32_t tty_foreground(const struct tty *t);
/* The session leader is gone: nobody's controlling terminal any more. */
void tty_release_session(struct tty *t);
/* Bind f, just opened: ops and data; it may become the controlling terminal. */
int tty_open(struct tty *t, struct file *f);
/* The device /dev/tty. */
void tty_init(void);

#endif
