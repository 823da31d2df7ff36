/* epoll(7): a file that watches other files.
 *
 * An item is a watched file under one descriptor number.  It holds no reference:
 * the file's last close removes it.  Each wake-up of the file's queues puts the
 * item on the ready list; waiting takes items from it and asks the file. */
#ifndef KERNEL_FS_EPOLL_H
#define KERNEL_FS_EPOLL_H

#include <linux/eventpoll.h>

#include "kernel/fs/file.h"

/* -ENFILE without memory. */
int epoll_create_file(struct file **out);
/* Is f one? */
bool epoll_is(const struct file *f);
/* epoll_ctl(2), with EPOLL_CTL_*; event is not looked at for EPOLL_CTL_DEL.  -EEXIST,
 * -ENOENT, -EPERM (cannot be watched), -ELOOP, -EINVAL, -ENOMEM. */
int epoll_control(struct file *epoll, int operation, struct file *f, int fd,
		  const struct epoll_event *event);
/* Wait until the deadline (clock_now ns; 0: none; 1: do not wait) for at most count
 * events: how many came, -EINTR. */
int epoll_wait_events(struct file *epoll, struct epoll_event *events, unsigned count,
		      uint64_t deadline);
/* Which file epoll watches under fd, the nth of them from 0; only to be compared.  NULL:
 * none. */
const void *epoll_watched(struct file *epoll, int fd, unsigned nth);
/* The last reference to f goes. */
void epoll_forget(struct file *f);

#endif
