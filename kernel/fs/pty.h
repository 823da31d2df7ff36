/* Pseudo-terminals: a terminal (the slave, /dev/pts/N) whose other end is a file (the
 * master, /dev/ptmx) instead of a screen and keys: pty(7), ioctl_tty(2). */
#ifndef KERNEL_FS_PTY_H
#define KERNEL_FS_PTY_H

#include "kernel/fs/tty.h"

#define PTY_MAJOR 136u
#define PTY_MOST  4096u /* kernel.pty.max of Linux */

/* At boot: /dev/ptmx, and the type "devpts". */
void pty_init(void);
/* How many there are. */
unsigned pty_count(void);
/* TIOCGPTPEER: open the slave of the master f; -ENOTTY if f is none. */
int pty_peer_open(struct file *f, uint32_t flags, struct file **out);

#endif
