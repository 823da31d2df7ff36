/* Inside of sockets.  For net/ only. */
#ifndef KERNEL_NET_SOCKET_STATE_H
#define KERNEL_NET_SOCKET_STATE_H

#include "kernel/net/socket.h"

/* Names, connections, listening; taken before any socket's mutex. */
extern struct mutex socket_links;

/* Bytes in a queue, and what came with them. */
struct parcel {
	struct list link;
	struct socket *sender;       /* reference: they count in sender->sent */
	size_t length, taken;        /* taken: read already, of a stream */
	struct socket_address *from; /* NULL: no name */
	struct file **files;
	unsigned file_count;
	struct socket_identity identity;
	uint8_t bytes[];
};

void parcel_free(struct parcel *p);
/* Who is bound to a, with a reference: -ECONNREFUSED, -ENOENT, -EACCES.  Takes no
 * lock; l looks up paths. */
int socket_find(const struct socket_address *a, const struct lookup *l, struct socket **out);
/* s is nobody's name any more.  Holds: socket_links. */
void socket_unbind(struct socket *s);
/* The file of s is gone, or s was never accepted.  Takes: socket_links. */
void socket_close(struct socket *s);
/* Wait on q until ready(s, argument), a signal or the deadline (0: none): 0,
 * -ERESTARTSYS, -EINTR (there was a limit), -EAGAIN. */
int socket_wait(struct socket *s, struct wait_queue *q,
		bool (*ready)(struct socket *s, void *argument), void *argument, uint64_t timeout);

#endif
