/* Waiting for one of many files: poll, select, epoll. */
#ifndef KERNEL_FS_POLL_H
#define KERNEL_FS_POLL_H

#include <linux/poll.h>

#include "kernel/sched/wait.h"

/* A gathering of queues the caller sleeps on.  The files stay referenced for its
 * whole life. */
struct poll;
/* A file's poll function hands in each queue that is woken when it changes. */
void poll_add(struct poll *p, struct wait_queue *q);

/* NULL without memory. */
struct poll *poll_create(void);
/* One that nobody sleeps on: woken(owner) is called as wait_watch says, until
 * poll_free. */
struct poll *poll_create_watch(void (*woken)(void *owner), void *owner);
/* A queue could not be added. */
bool poll_failed(const struct poll *p);
/* Sleep until a queue was woken since the last call or the deadline (clock_now ns;
 * 0: none) has come: 0, -EINTR, -ETIMEDOUT, -ENOMEM if a queue could not be added. */
int poll_sleep(struct poll *p, uint64_t deadline);
void poll_free(struct poll *p);

#endif
