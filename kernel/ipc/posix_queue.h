/* POSIX message queues: named, kept until they are unlinked and closed by all; a file
 * is an open one.  Messages leave by priority, and by age within one. */
#ifndef KERNEL_IPC_POSIX_QUEUE_H
#define KERNEL_IPC_POSIX_QUEUE_H

#include <linux/mqueue.h>

#include "kernel/fs/async.h"
#include "kernel/lib/list.h"

#define POSIX_QUEUE_PRIORITIES 32768 /* MQ_PRIO_MAX */

/* A message.  Owned by who holds it, or by the queue it is in. */
struct posix_message {
	struct list link;
	uint32_t priority;
	size_t length;
	char text[];
};

/* What is to happen when a message comes to an empty queue for which nobody waits. */
struct posix_notice {
	struct async_owner to; /* id 0: nobody asked */
	int signal;            /* 0: nothing is sent */
	uint64_t value;        /* sival_ptr */
};

/* mq_open: flags are O_*; attributes NULL: the usual ones; limit is RLIMIT_MSGQUEUE.
 * -ENOENT, -EEXIST, -EACCES, -EINVAL, -EMFILE, -ENOSPC, -ENOMEM, -ENAMETOOLONG. */
int posix_queue_open(const char *name, uint32_t flags, uint32_t mode,
		     const struct mq_attr *attributes, const struct credentials *c, uint64_t limit,
		     struct file **out);
int posix_queue_unlink(const char *name, const struct credentials *c);
bool posix_queue_is(const struct file *f);
/* Longest message of the queue. */
size_t posix_queue_longest(const struct file *f);
/* Until there is room; then m is the queue's.  deadline: clock_now ns, 0: none.  -EAGAIN,
 * -ETIMEDOUT, -ERESTARTSYS. */
int posix_queue_send(struct file *f, struct posix_message *m, uint64_t deadline,
		     const struct credentials *c);
/* Until there is one, which is the caller's then. */
int posix_queue_receive(struct file *f, uint64_t deadline, struct posix_message **out);
/* notice NULL: the caller's process, pid, takes its own back.  -EBUSY. */
int posix_queue_notify(struct file *f, const struct posix_notice *notice, uint32_t pid);
void posix_queue_attributes(const struct file *f, struct mq_attr *out);

#endif
