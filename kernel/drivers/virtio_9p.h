/* Messages to the host's file servers and their replies: the virtio-9p devices, one
 * for each tree that the host shows.  What the messages say is the caller's affair.
 *
 * Any thread may call; several exchanges are on their way at once. */
#ifndef KERNEL_DRIVERS_VIRTIO_9P_H
#define KERNEL_DRIVERS_VIRTIO_9P_H

#include "kernel/drivers/virtqueue.h"

#define VIRTIO_9P_PARTS 40 /* request and reply together */

struct virtio_9p;

/* Find the devices and start them; at boot, once. */
void virtio_9p_init(void);
/* The device with this mount tag; NULL: there is none that works. */
struct virtio_9p *virtio_9p_find(const char *tag);
/* Send the message in the first `out` parts and let the reply be written to the `in`
 * behind them.  Sleeps until the host is done, signals or not.  Gives the number of
 * bytes that the host says it wrote, never more than there was room for. */
uint32_t virtio_9p_exchange(struct virtio_9p *d, const struct queue_buffer *parts, unsigned out,
			    unsigned in);

#endif
