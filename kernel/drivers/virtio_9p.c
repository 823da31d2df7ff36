/* One queue and one interrupt a device.  An exchange is a chain of descriptors with a
 * cookie on the sleeper's stack; who finds no room in the queue waits for others to
 * end. */
#include "kernel/drivers/virtio_9p.h"

#include <linux/virtio_9p.h>
#include <linux/virtio_ids.h>

#include "kernel/arch/x86_64/irq.h"
#include "kernel/debug/log.h"
#include "kernel/drivers/virtio.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"
#include "kernel/sched/wait.h"

#define TAG_MAX 32 /* with the NUL; longer ones are none of ours */

/* Locks: [I] at birth   [l] lock */
struct virtio_9p {
	struct virtio_9p *next; /* [I] */
	char tag[TAG_MAX];      /* [I] */
	struct spinlock lock;
	struct virtqueue queue; /* [l] */
	struct wait_queue waiters;
};

struct exchange {
	uint32_t written;
	bool done; /* [a] the last thing that the interrupt touches */
};

static struct virtio_9p *devices; /* [boot] */

/* Waiters are woken without the lock, which ranks above theirs. */
static void queue_interrupt(void *device)
{
	struct virtio_9p *d = device;
	uint64_t flags = spin_lock_irq(&d->lock);
	struct exchange *x;
	uint32_t written;
	bool some = false;

	while ((x = queue_take(&d->queue, &written))) {
		x->written = written;
		__atomic_store_n(&x->done, true, __ATOMIC_RELEASE);
		some = true;
	}
	spin_unlock_irq(&d->lock, flags);
	if (some)
		wait_wake_all(&d->waiters);
}

/* --- finding them ----------------------------------------------------------------- */

/* The mount tag: virtio 9p's configuration, a length and the text.  False: too long. */
static bool tag_read(const struct virtio_device *v, char *to)
{
	volatile struct virtio_9p_config *c = v->config;
	unsigned length = c->tag_len;

	if (!length || length >= TAG_MAX)
		return false;
	for (unsigned i = 0; i < length; i++)
		to[i] = (char)c->tag[i];
	to[length] = 0;
	return true;
}

static bool device_start(struct virtio_9p *d, struct virtio_device *v)
{
	unsigned vector = irq_vector_alloc(queue_interrupt, d);

	spin_init(&d->lock, RANK_DEVICE, "9p queue");
	wait_queue_init(&d->waiters);
	if (!vector || !tag_read(v, d->tag) || !pci_msix_bind(&v->pci, 0, vector) ||
	    !virtio_queue(v, 0, QUEUE_ENTRIES_MAX, 0, &d->queue) ||
	    d->queue.entries < VIRTIO_9P_PARTS)
		return false;
	virtio_start(v);
	return true;
}

void virtio_9p_init(void)
{
	uint64_t features = 1ull << VIRTIO_9P_MOUNT_TAG;
	struct virtio_device v;
	int slot = -1;

	while (virtio_open(&v, VIRTIO_ID_9P, &slot, &features)) {
		struct virtio_9p *d = kmalloc(sizeof(*d));

		if (!d || !device_start(d, &v)) {
			log_line(LOG_ERROR,
				 "virtio-9p: the device in slot %d lacks a tag, MSI-X"
				 " or a queue",
				 slot);
			continue;
		}
		d->next = devices;
		devices = d;
	}
}

struct virtio_9p *virtio_9p_find(const char *tag)
{
	struct virtio_9p *d = devices;

	while (d && strcmp(d->tag, tag) != 0)
		d = d->next;
	return d;
}

/* --- exchanges -------------------------------------------------------------------- */

static bool exchange_send(struct virtio_9p *d, struct exchange *x, const struct queue_buffer *parts,
			  unsigned out, unsigned in)
{
	uint64_t flags = spin_lock_irq(&d->lock);
	bool sent = queue_add_call(&d->queue, parts, out, in, x);

	if (sent)
		queue_kick(&d->queue);
	spin_unlock_irq(&d->lock, flags);
	return sent;
}

uint32_t virtio_9p_exchange(struct virtio_9p *d, const struct queue_buffer *parts, unsigned out,
			    unsigned in)
{
	struct exchange x = { 0 };
	uint32_t room = 0;
	struct wait w;

	for (unsigned i = 0; i < in; i++)
		room += parts[out + i].length;
	wait_begin_uninterruptible(&w, &d->waiters, WAIT_IO);
	while (!exchange_send(d, &x, parts, out, in))
		wait_sleep(&w);
	while (!__atomic_load_n(&x.done, __ATOMIC_ACQUIRE))
		wait_sleep(&w);
	wait_end(&w);
	return MIN(x.written, room);
}
