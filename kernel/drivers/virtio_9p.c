/* One queue and one interrupt a device.  A message takes one descriptor of the queue,
 * which points to its own table; who finds no room waits for others to end. */
#include "kernel/drivers/virtio_9p.h"

#include <linux/virtio_9p.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/arch/x86_64/irq.h"
#include "kernel/debug/log.h"
#include "kernel/drivers/answers.h"
#include "kernel/drivers/virtio.h"
#include "kernel/lib/assert.h"
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

static struct virtio_9p *devices; /* [boot] */

/* Take what the device is done with; true: somebody may wait for it, or for room.  The
 * messages to finish are put before *finished.  Holds: d->lock. */
static bool done_take(struct virtio_9p *d, struct virtio_9p_message *finished[QUEUE_ENTRIES_MAX],
		      unsigned *count)
{
	bool wake = queue_full(&d->queue);
	struct virtio_9p_message *m;
	uint32_t written;

	while ((m = queue_take(&d->queue, &written))) {
		m->written = MIN(written, m->written);
		if (m->finished)
			finished[(*count)++] = m;
		else if (__atomic_sub_fetch(m->left, 1, __ATOMIC_RELEASE) == 0)
			wake = true; /* m is the waiter's again */
	}
	return wake;
}

/* Waiters are woken without the lock, which ranks above theirs. */
static void queue_interrupt(void *device)
{
	struct virtio_9p_message *finished[QUEUE_ENTRIES_MAX];
	struct virtio_9p *d = device;
	uint64_t flags = spin_lock_irq(&d->lock);
	unsigned count = 0;
	bool wake = done_take(d, finished, &count);

	spin_unlock_irq(&d->lock, flags);
	for (unsigned i = 0; i < count; i++)
		finished[i]->finished(finished[i]);
	if (wake)
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
	    !virtio_queue(v, 0, QUEUE_ENTRIES_MAX, 0, &d->queue))
		return false;
	virtio_start(v);
	return true;
}

void virtio_9p_init(void)
{
	const uint64_t needed = 1ull << VIRTIO_9P_MOUNT_TAG | 1ull << VIRTIO_RING_F_INDIRECT_DESC;
	uint64_t features = needed;
	struct virtio_device v;
	int slot = -1;

	for (; virtio_open(&v, VIRTIO_ID_9P, &slot, &features); features = needed) {
		struct virtio_9p *d = features == needed ? kmalloc(sizeof(*d)) : NULL;

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

/* Room for the reply: until it is there, in `written`. */
static void message_prepare(struct virtio_9p_message *m, unsigned *left)
{
	m->left = left;
	m->written = 0;
	for (unsigned i = 0; i < m->count; i++) {
		if (m->parts[i].flags & VRING_DESC_F_WRITE)
			m->written += m->parts[i].len;
		if (i + 1 < m->count) {
			m->parts[i].flags |= VRING_DESC_F_NEXT;
			m->parts[i].next = i + 1;
		}
	}
}

/* Queue as many of the n as there is room for: their number. */
static unsigned messages_send(struct virtio_9p *d, struct virtio_9p_message *const *messages,
			      unsigned n)
{
	uint64_t flags = spin_lock_irq(&d->lock);
	unsigned sent = 0;

	while (sent < n && queue_add_table(&d->queue, virt_to_phys(messages[sent]->parts),
					   messages[sent]->count, messages[sent]))
		sent++;
	if (sent)
		queue_kick(&d->queue);
	spin_unlock_irq(&d->lock, flags);
	return sent;
}

/* Ask the host and look until it has answered. */
static void message_run_polled(struct virtio_9p *d, struct virtio_9p_message *m)
{
	uint32_t written = 0;
	bool added;

	queue_interrupts(&d->queue, false);
	added = queue_add_table(&d->queue, virt_to_phys(m->parts), m->count, m);
	KASSERT(added); /* one at a time: there is room */
	queue_kick(&d->queue);
	while (!queue_take(&d->queue, &written))
		cpu_pause();
	m->written = MIN(written, m->written);
	answers_keep(m);
}

/* One message from its question to its answer in no time: how long the host takes is
 * different in each run, and so would be the order of several. */
static void message_run_stopped(struct virtio_9p *d, struct virtio_9p_message *m)
{
	uint64_t flags = irq_save();

	clock_stop();
	if (!answers_give(m))
		message_run_polled(d, m);
	clock_go_on();
	irq_restore(flags);
}

void virtio_9p_exchange(struct virtio_9p *d, struct virtio_9p_message *const *messages, unsigned n)
{
	unsigned left = n, sent = 0;
	struct wait w;

	for (unsigned i = 0; i < n; i++)
		message_prepare(messages[i], &left);
	if (clock_is_exact()) {
		for (unsigned i = 0; i < n; i++)
			message_run_stopped(d, messages[i]);
		return;
	}
	wait_begin_uninterruptible(&w, &d->waiters, WAIT_IO);
	while ((sent += messages_send(d, messages + sent, n - sent)) < n)
		wait_sleep(&w);
	while (__atomic_load_n(&left, __ATOMIC_ACQUIRE))
		wait_sleep(&w);
	wait_end(&w);
}

void virtio_9p_post(struct virtio_9p *d, struct virtio_9p_message *m)
{
	struct wait w;

	message_prepare(m, NULL);
	if (clock_is_exact()) {
		message_run_stopped(d, m);
		m->finished(m);
		return;
	}
	if (messages_send(d, &m, 1))
		return;
	wait_begin_uninterruptible(&w, &d->waiters, WAIT_IO);
	while (!messages_send(d, &m, 1))
		wait_sleep(&w);
	wait_end(&w);
}
