/* Messages to the host's file server and its replies: the virtio-9p device.  What
 * the messages say is the caller's affair.
 *
 * Any thread may call; several exchanges are on their way at once. */
#ifndef KERNEL_DRIVERS_VIRTIO_9P_H
#define KERNEL_DRIVERS_VIRTIO_9P_H

#include "kernel/drivers/virtqueue.h"

#define VIRTIO_9P_PARTS 40 /* request and reply together */

/* Find the device and start it, once.  False, with a log line unless there is no
 * such device. */
bool virtio_9p_open(void);
/* Send the message in parts[0] and let the reply be written to the other count - 1
 * parts.  Sleeps until the host is done, signals or not.  Gives the number of bytes
 * that the host says it wrote, never more than there was room for. */
uint32_t virtio_9p_exchange(const struct queue_buffer *parts, unsigned count);

#endif
