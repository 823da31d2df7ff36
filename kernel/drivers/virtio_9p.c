/* One queue, one interrupt.  An exchange is a chain of descriptors with a cookie on
 * the sleeper's stack; who finds no room in the queue waits for others to end. */
#include "kernel/drivers/virtio_9p.h"

#include <linux/virtio_ids.h>

#include "kernel/arch/x86_64/irq.h"
#include "kernel/debug/log.h"
#include "kernel/drivers/virtio.h"
#include "kernel/sched/wait.h"

struct exchange {
	uint32_t written;
	bool done; /* [a] the last thing that the interrupt touches */
};

static struct spinlock queue_lock = SPINLOCK_INIT(RANK_DEVICE, "9p queue");
static struct virtqueue queue; /* [queue_lock] */
static struct wait_queue waiters;

/* Waiters are woken without the lock, which ranks above theirs. */
static void queue_interrupt(void *unused)
{
	uint64_t flags = spin_lock_irq(&queue_lock);
	struct exchange *x;
	uint32_t written;
	bool some = false;

	while ((x = queue_take(&queue, &written))) {
		x->written = written;
		__atomic_store_n(&x->done, true, __ATOMIC_RELEASE);
		some = true;
	}
	spin_unlock_irq(&queue_lock, flags);
	if (some)
		wait_wake_all(&waiters);
}

bool virtio_9p_open(void)
{
	uint64_t features = 0;
	unsigned vector;
	struct virtio_device v;

	if (!virtio_open(&v, VIRTIO_ID_9P, &features))
		return false;
	wait_queue_init(&waiters);
	vector = irq_vector_alloc(queue_interrupt, NULL);
	if (!vector || !pci_msix_bind(&v.pci, 0, vector) ||
	    !virtio_queue(&v, 0, QUEUE_ENTRIES_MAX, 0, &queue) || queue.entries < VIRTIO_9P_PARTS) {
		log_line(LOG_ERROR, "virtio-9p: the device lacks MSI-X or a queue");
		return false;
	}
	virtio_start(&v);
	return true;
}

static bool exchange_send(struct exchange *x, const struct queue_buffer *parts, unsigned count)
{
	uint64_t flags = spin_lock_irq(&queue_lock);
	bool sent = queue_add_call(&queue, parts, 1, count - 1, x);

	if (sent)
		queue_kick(&queue);
	spin_unlock_irq(&queue_lock, flags);
	return sent;
}

uint32_t virtio_9p_exchange(const struct queue_buffer *parts, unsigned count)
{
	struct exchange x = { 0 };
	uint32_t room = 0;
	struct wait w;

	for (unsigned i = 1; i < count; i++)
		room += parts[i].length;
	wait_begin_uninterruptible(&w, &waiters, WAIT_IO);
	while (!exchange_send(&x, parts, count))
		wait_sleep(&w);
	while (!__atomic_load_n(&x.done, __ATOMIC_ACQUIRE))
		wait_sleep(&w);
	wait_end(&w);
	return MIN(x.written, room);
}
