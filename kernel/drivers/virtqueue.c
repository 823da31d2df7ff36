#include "kernel/drivers/virtqueue.h"

/* Guest and device are on different CPUs of the host: a store to the available
 * ring must be seen before its index, and the index before the device's flags are
 * read. */
static void barrier(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void queue_init(struct virtqueue *q, void *page, unsigned entries)
{
	char *at = page;

	q->entries = entries;
	q->free_count = entries;
	q->free_first = 0;
	q->used_seen = 0;
	q->descriptors = page;
	q->available = (void *)(at + sizeof(struct vring_desc) * entries);
	q->used = (void *)(at + ALIGN_UP(sizeof(struct vring_desc) * entries +
						 sizeof(uint16_t) * (3 + entries),
					 VRING_USED_ALIGN_SIZE));
	for (unsigned i = 0; i < entries; i++)
		q->descriptors[i].next = i + 1;
}

/* A chain of free descriptors becomes available; extra: further flags of each. */
static void chain_publish(struct virtqueue *q, const struct queue_buffer *buffers, unsigned out,
			  unsigned in, void *cookie, uint16_t extra)
{
	uint16_t first = q->free_first, at = first;
	unsigned count = out + in;

	for (unsigned i = 0; i < count; i++) {
		struct vring_desc *d = &q->descriptors[at];

		d->addr = buffers[i].phys.raw;
		d->len = buffers[i].length;
		d->flags = (i >= out ? VRING_DESC_F_WRITE : 0) |
			   (i + 1 < count ? VRING_DESC_F_NEXT : 0) | extra;
		at = d->next;
	}
	q->free_first = at;
	q->free_count -= count;
	q->cookies[first] = cookie;
	q->available->ring[q->available->idx % q->entries] = first;
	__atomic_store_n(&q->available->idx, q->available->idx + 1, __ATOMIC_RELEASE);
}

bool queue_add_table(struct virtqueue *q, phys_t table, unsigned count, void *cookie)
{
	const struct queue_buffer all = { table, count * sizeof(struct vring_desc) };

	if (!q->free_count)
		return false;
	chain_publish(q, &all, 1, 0, cookie, VRING_DESC_F_INDIRECT);
	return true;
}

bool queue_full(const struct virtqueue *q)
{
	return !q->free_count;
}

bool queue_add(struct virtqueue *q, const struct queue_buffer *buffers, unsigned count, bool in,
	       void *cookie)
{
	if (q->free_count < count)
		return false;
	chain_publish(q, buffers, in ? 0 : count, in ? count : 0, cookie, 0);
	return true;
}

void queue_kick(struct virtqueue *q)
{
	barrier();
	if (!(q->used->flags & VRING_USED_F_NO_NOTIFY))
		*q->notify = q->index;
}

bool queue_pending(const struct virtqueue *q)
{
	return q->entries && q->used->idx != q->used_seen;
}

/* Put the chain that begins at first back on the free list. */
static void chain_free(struct virtqueue *q, uint16_t first)
{
	uint16_t last = first, count = 1;

	while (q->descriptors[last].flags & VRING_DESC_F_NEXT) {
		last = q->descriptors[last].next;
		count++;
	}
	q->descriptors[last].next = q->free_first;
	q->free_first = first;
	q->free_count += count;
}

void *queue_take(struct virtqueue *q, uint32_t *written)
{
	uint32_t first;
	void *cookie;

	if (!queue_pending(q))
		return NULL;
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	first = q->used->ring[q->used_seen % q->entries].id % q->entries;
	*written = q->used->ring[q->used_seen % q->entries].len;
	if (q->ordered && q->order_seen != q->available->idx) {
		const uint16_t oldest = q->available->ring[q->order_seen++ % q->entries];

		if (oldest != first) {
			*written = 0;
			cookie = q->cookies[oldest];
			chain_free(q, oldest);
			return cookie;
		}
	}
	q->used_seen++;
	cookie = q->cookies[first];
	chain_free(q, first);
	return cookie;
}

void queue_interrupts(struct virtqueue *q, bool on)
{
	__atomic_store_n(&q->available->flags, on ? 0 : VRING_AVAIL_F_NO_INTERRUPT,
			 __ATOMIC_RELAXED);
	barrier();
}
