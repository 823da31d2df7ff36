/* System V message queues. */
#ifndef KERNEL_IPC_MESSAGE_QUEUE_H
#define KERNEL_IPC_MESSAGE_QUEUE_H

#include <linux/msg.h>

#include "kernel/ipc/sysv.h"
#include "kernel/lib/list.h"

/* A message.  Owned by who holds it, or by the queue it is in. */
struct message {
	struct list link;
	int64_t type; /* > 0 */
	size_t length;
	char text[];
};

/* NULL without memory. */
struct message *message_create(size_t length);
void message_free(struct message *m);

/* As msgget, msgsnd and msgrcv answer.  A message that was sent is the queue's. */
int message_queue_get(int32_t key, unsigned flags, const struct credentials *c);
int message_send(int id, struct message *m, unsigned flags, const struct credentials *c);
/* The message of the type asked for that is at most size long; MSG_COPY: a copy.  It is
 * the caller's. */
int message_receive(int id, size_t size, int64_t type, unsigned flags, const struct credentials *c,
		    struct message **out);

/* msgctl: IPC_RMID, IPC_SET (permissions and msg_qbytes of *from). */
int message_queue_control(int id, int command, const struct msqid64_ds *from,
			  const struct credentials *c);
/* IPC_STAT, MSG_STAT, MSG_STAT_ANY: 0 or the identifier. */
int message_queue_stat(int id, int command, const struct credentials *c, struct msqid64_ds *out);
/* IPC_INFO, MSG_INFO: the highest place in use. */
int message_queue_info(bool used, struct msginfo *out);

#endif
