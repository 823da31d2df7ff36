/* Signals when a file becomes ready: O_ASYNC, F_SETOWN, F_SETSIG of fcntl(2).
 *
 * The wake-ups of a file's queues only note that it is to be looked at; a kernel
 * thread looks, and sends. */
#ifndef KERNEL_FS_ASYNC_H
#define KERNEL_FS_ASYNC_H

#include "kernel/fs/file.h"

struct siginfo; /* siginfo_t of Linux */

/* Who gets the signal. */
struct async_owner {
	int type;           /* F_OWNER_TID, _PID, _PGRP */
	uint32_t id;        /* 0: nobody */
	uint32_t uid, euid; /* of who said so: it needs the right to send it a signal */
};

/* Set by proc/: send sig; info NULL: as the kernel's. */
extern void (*async_send)(const struct async_owner *o, int sig, const struct siginfo *info);

/* -ENOMEM. */
int async_owner_set(struct file *f, const struct async_owner *o);
void async_owner_get(const struct file *f, struct async_owner *out);
int async_signal_set(struct file *f, int sig); /* 0: SIGIO, without particulars */
int async_signal_get(const struct file *f);
/* O_ASYNC goes on or off; fd is what si_fd will say. */
int async_enable(struct file *f, int fd, bool on);
/* Unless it has one, o becomes the owner: of who asks for the signals of async_tell. */
int async_owner_default(struct file *f, const struct async_owner *o);
/* Nobody is the owner, and the signal is SIGIO. */
void async_owner_clear(struct file *f);
/* Something happened that is no readiness (a lease, a directory): POLL_MSG to f's owner.
 * fd is what si_fd says.  Sleeps. */
void async_tell(struct file *f, int fd);
/* The last reference to f goes. */
void async_forget(struct file *f);
/* At boot, when threads can be made. */
void async_start(void);

#endif
