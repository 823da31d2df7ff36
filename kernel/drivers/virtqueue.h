/* A split virtqueue in one page: virtio 1.0, 2.4.  Buffers are chains of one or
 * two descriptors, or a table of descriptors elsewhere; each is remembered by a cookie.
 *
 * Locks: none of its own; the owner lets one CPU in at a time.  Used rings are
 * read without interrupts, too: polling is just queue_take until it gives NULL. */
#ifndef KERNEL_DRIVERS_VIRTQUEUE_H
#define KERNEL_DRIVERS_VIRTQUEUE_H

#include <linux/virtio_ring.h>

#include "kernel/arch/x86_64/paging.h"

#define QUEUE_ENTRIES_MAX 128 /* what fits in a page with both rings */

struct virtqueue {
	uint16_t entries;    /* power of two; 0: the device has no such queue */
	uint16_t free_count; /* descriptors not in use */
	uint16_t free_first;
	uint16_t used_seen; /* entries of the used ring already taken */
	bool ordered;       /* the device finishes buffers in the order of adding; see queue_take */
	uint16_t order_seen; /* of an ordered queue: entries of the available ring finished */
	struct vring_desc *descriptors;
	struct vring_avail *available;
	volatile struct vring_used *used;
	volatile uint16_t *notify; /* written with index to tell the device */
	uint16_t index;
	void *cookies[QUEUE_ENTRIES_MAX]; /* by first descriptor of a chain */
};

struct queue_buffer {
	phys_t phys;
	uint32_t length;
};

/* Lay the queue out in a zeroed page. */
void queue_init(struct virtqueue *q, void *page, unsigned entries);
/* Queue a chain of count (1 or 2) buffers which the device reads, or (in) writes.
 * False: no descriptors free.  The device looks at it after queue_kick. */
bool queue_add(struct virtqueue *q, const struct queue_buffer *buffers, unsigned count, bool in,
	       void *cookie);
/* The same for the `count` descriptors of a table elsewhere, which the owner has filled
 * in; it needs one of the queue's.  VIRTIO_RING_F_INDIRECT_DESC was agreed on. */
bool queue_add_table(struct virtqueue *q, phys_t table, unsigned count, void *cookie);
/* No descriptors are free. */
bool queue_full(const struct virtqueue *q);
/* Tell the device, unless it said that it looks anyway. */
void queue_kick(struct virtqueue *q);
/* The cookie of a buffer that the device is done with, and how many bytes it wrote;
 * NULL: none.  A buffer of an ordered queue that the device left out is given back when a
 * later one is finished: QEMU's serial ports never finish the one that they are amid when
 * the host's end is closed. */
void *queue_take(struct virtqueue *q, uint32_t *written);
/* queue_take would give one. */
bool queue_pending(const struct virtqueue *q);
/* Whether the device should interrupt for used buffers (a hint to it). */
void queue_interrupts(struct virtqueue *q, bool on);

#endif
