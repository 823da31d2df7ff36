/* Terminals: line discipline (canonical and raw mode, echo, erase, signals from
 * keys, window size, job control) over some bytes in and out.
 *
 * A terminal lives while it is referenced: by its maker, by each open file, and by
 * the session that it controls. */
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
	bool (*privileged)(void);
	uint32_t (*user)(void); /* of the caller, for files */
	/* 0 if pgrp is a group of the caller's session; -ESRCH, -EPERM. */
	int (*group_in_session)(uint32_t pgrp);
	/* Does t (NULL: any) control the caller's session? */
	bool (*controls)(const struct tty *t);
	/* The controlling terminal of the caller's session (for /dev/tty) with a
	 * reference, or NULL. */
	struct tty *(*controlling)(void);
	/* t controls the caller's session; it alone is given up (NULL). */
	void (*set_controlling)(struct tty *t);
	/* t controls session no more.  hung_up: SIGHUP and SIGCONT to its leader, and
	 * when it ends, to group. */
	void (*session_leave)(struct tty *t, uint32_t session, uint32_t group, bool hung_up);
};
/* Set by proc/ before init starts. */
extern struct tty_hooks tty_hooks;

/* What a terminal's bytes go to.  write NULL never; the others may be NULL.  Called
 * with the terminal's output mutex held, except closed and freed: with none. */
struct tty_side {
	/* Take n bytes; may sleep if there is no `room`.  -errno. */
	int64_t (*write)(void *data, const void *from, size_t n);
	size_t (*room)(void *data); /* bytes that write takes now; NULL: always all */
	void (*flush)(void *data);  /* drop what nobody has read */
	/* Something a packet-mode reader is told: TIOCPKT_*.  Holds nothing needed. */
	void (*event)(void *data, unsigned what);
	void (*drained)(void *data); /* there may be room for input again */
	void (*closed)(void *data);  /* no file is open on it any more */
	void (*freed)(void *data);   /* nor referenced */
};

/* A terminal with one reference; NULL without memory. */
struct tty *tty_create(uint64_t device, const struct tty_side *side, void *data);
void tty_get(struct tty *t);
void tty_put(struct tty *t);
/* Bytes typed; in thread context.  How many there was room for; the rest is for when
 * `drained` is called. */
size_t tty_input(struct tty *t, const void *from, size_t n);
/* The same, but what finds no room for a while is lost: for keys of people. */
void tty_type(struct tty *t, const void *from, size_t n);
/* All files now open are dead, the session is told; the terminal may be opened again
 * unless it is for good. */
void tty_hangup(struct tty *t, bool for_good);
void tty_resize(struct tty *t, uint16_t rows, uint16_t columns); /* SIGWINCH */
uint64_t tty_device(const struct tty *t);
uint32_t tty_foreground(const struct tty *t);
/* The session leader is gone: nobody's controlling terminal any more.  The session's
 * processes know already.  Drops the session's reference. */
void tty_release_session(struct tty *t);
/* Bind f, just opened: ops and data; it may become the controlling terminal. */
int tty_open(struct tty *t, struct file *f);
/* The device /dev/tty. */
void tty_init(void);

#endif
