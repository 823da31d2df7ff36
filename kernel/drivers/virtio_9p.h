/* Messages to the host's file servers and their replies: the virtio-9p devices, one
 * for each tree that the host shows.  What the messages say is the caller's affair.
 *
 * Any thread may call; up to a queue of messages are on their way at once. */
#ifndef KERNEL_DRIVERS_VIRTIO_9P_H
#define KERNEL_DRIVERS_VIRTIO_9P_H

#include "kernel/drivers/virtqueue.h"

struct virtio_9p;

/* A message on its way.  The sender fills in parts and count, and keeps all memory
 * until it is done. */
struct virtio_9p_message {
	struct vring_desc *parts; /* physically contiguous: what is sent, then where the */
	unsigned count;           /* reply goes (VRING_DESC_F_WRITE) */
	/* Called when it is done, in an interrupt; NULL: virtio_9p_exchange waits. */
	void (*finished)(struct virtio_9p_message *m);
	uint32_t written; /* bytes of the reply, never more than there was room for */
	unsigned *left;   /* [a] of the exchange */
};

/* Find the devices and start them; at boot, once. */
void virtio_9p_init(void);
/* The device with this mount tag; NULL: there is none that works. */
struct virtio_9p *virtio_9p_find(const char *tag);
/* Send n messages, together, and sleep until the host is done with all of them,
 * signals or not. */
void virtio_9p_exchange(struct virtio_9p *d, struct virtio_9p_message *const *messages, unsigned n);
/* Send one and do not wait for it.  Sleeps only while the queue is full. */
void virtio_9p_post(struct virtio_9p *d, struct virtio_9p_message *m);

#endif
