/* Inside of sockets.  For net/ only. */
#ifndef KERNEL_NET_SOCKET_STATE_H
#define KERNEL_NET_SOCKET_STATE_H

#include "kernel/net/socket.h"

#define DATAGRAMS_MOST 10u /* net.unix.max_dgram_qlen of Linux */

/* Names, connections, listening; taken before any socket's mutex. */
extern struct mutex socket_links;

/* Bytes in a queue, and what came with them. */
struct parcel {
	struct list link;            /* of the receiver's messages */
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
/* socket_flight.c: files go into a message, or leave it. */
void socket_flight_begin(struct file **files, unsigned count);
void socket_flight_end(struct file **files, unsigned count);
/* A name of s's own choice, if it has none and SO_PASSCRED asks for one. */
void socket_name_own(struct socket *s);
/* Datagram receivers that took no more do so again: senders and pollers wait here. */
extern struct wait_queue socket_room;
/* Does `to` take no datagrams of `from` now?  The other end of a pair always does. */
static inline bool socket_queue_full(const struct socket *to, const struct socket *from)
{
	return to != from && to->peer != from &&
	       __atomic_load_n(&to->queued, __ATOMIC_ACQUIRE) > DATAGRAMS_MOST;
}
/* s is nobody's name any more.  Holds: socket_links. */
void socket_unbind(struct socket *s);
/* The file of s is gone, or s was never accepted.  Takes: socket_links. */
void socket_close(struct socket *s);
/* Wait on q until ready(s, argument), a signal or the deadline (0: none): 0,
 * -ERESTARTSYS, -EINTR (there was a limit), -EAGAIN. */
int socket_wait(struct socket *s, struct wait_queue *q,
		bool (*ready)(struct socket *s, void *argument), void *argument, uint64_t timeout);

#endif
