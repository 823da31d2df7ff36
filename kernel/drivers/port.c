#include "kernel/drivers/console.h"

#include <linux/errno.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/lib/string.h"
#include "kernel/trace/trace.h"

struct port *port_by_name(const char *name)
{
	for (unsigned i = 0; i < PORTS_MAX; i++) {
		if (strcmp(console_ports[i].name, name) == 0)
			return &console_ports[i];
	}
	return NULL;
}

/* --- To the host ---------------------------------------------------------------- */

/* Take back pages that the host has read.  Holds: p->lock. */
static void output_reclaim(struct port *p)
{
	uint32_t written;
	void *page;

	while ((page = queue_take(&p->out, &written)))
		p->out_free[p->out_free_count++] = page;
}

/* Queue as much of from as there are free pages for.  Holds: p->lock. */
static size_t output_queue(struct port *p, const char *from, size_t n)
{
	size_t done = 0;

	output_reclaim(p);
	while (done < n && p->out_free_count) {
		void *page = p->out_free[--p->out_free_count];
		size_t part = MIN(n - done, PAGE_SIZE);

		memcpy(page, from + done, part);
		queue_add(&p->out, &(struct queue_buffer){ virt_to_phys(page), part }, 1, false,
			  page);
		done += part;
	}
	if (done)
		queue_kick(&p->out);
	return done;
}

/* When there is no room, have the host interrupt us once there is. */
bool port_writable(struct port *p)
{
	uint64_t flags = spin_lock_irq(&p->lock);
	bool room;

	output_reclaim(p);
	if (!p->out_free_count) {
		queue_interrupts(&p->out, true);
		output_reclaim(p);
	}
	room = p->out_free_count;
	if (room)
		queue_interrupts(&p->out, false);
	spin_unlock_irq(&p->lock, flags);
	/* With no host there, the device takes what it gets and throws it away. */
	return (room && port_host(p) != HOST_AWAY) || port_host(p) == HOST_CLOSED;
}

static int output_wait(struct port *p, bool whole)
{
	struct wait w;
	int error = 0;

	if (whole)
		wait_begin_uninterruptible(&w, &p->waiters, WAIT_PORT);
	else
		wait_begin(&w, &p->waiters, WAIT_PORT);
	while (!error && !port_writable(p))
		error = wait_sleep(&w);
	wait_end(&w);
	return error;
}

static int64_t write(struct port *p, const void *from, size_t n, bool whole)
{
	size_t done = 0;
	int error = 0;

	while (done < n && !error) {
		uint64_t flags = spin_lock_irq(&p->lock);
		size_t part = 0;

		if (port_host(p) == HOST_CLOSED)
			error = -EPIPE;
		else if (port_host(p) != HOST_AWAY)
			part = output_queue(p, (const char *)from + done, n - done);
		spin_unlock_irq(&p->lock, flags);
		done += part;
		if (!part && !error)
			error = output_wait(p, whole);
	}
	if (done && p->is_standard)
		TRACE(device_io, .port = p->id, .out = 1, .bytes = done);
	return done ? (int64_t)done : error;
}

int64_t port_write(struct port *p, const void *from, size_t n)
{
	return write(p, from, n, false);
}

int64_t port_write_whole(struct port *p, const void *from, size_t n)
{
	return write(p, from, n, true);
}

void port_write_polled(struct port *p, const void *from, size_t n)
{
	uint64_t flags = irq_save();

	if (spin_try(&p->lock)) {
		output_queue(p, from, n);
		spin_unlock(&p->lock);
	}
	irq_restore(flags);
}

void port_drain(struct port *p, unsigned timeout_ms)
{
	uint64_t deadline = local_time() + clock_tsc_hz() / 1000 * timeout_ms;
	bool empty = false;

	while (!empty && local_time() < deadline) {
		uint64_t flags = irq_save();

		if (spin_try(&p->lock)) {
			output_reclaim(p);
			empty = p->out.free_count == p->out.entries;
			spin_unlock(&p->lock);
		}
		irq_restore(flags);
		cpu_pause();
	}
}

/* --- From the host ---------------------------------------------------------------- */

/* Give the page that was read back to the device. */
static void input_repost(struct port *p)
{
	queue_add(&p->in, &(struct queue_buffer){ virt_to_phys(p->in_page), PAGE_SIZE }, 1, true,
		  p->in_page);
	queue_kick(&p->in);
	p->in_page = NULL;
}

size_t port_input(struct port *p, void *to, size_t n)
{
	size_t done = 0;

	while (done < n) {
		size_t part;

		if (!p->in_page) {
			p->in_page = queue_take(&p->in, &p->in_length);
			if (!p->in_page)
				break;
			p->in_at = 0;
			p->in_length = MIN(p->in_length, PAGE_SIZE);
		}
		part = MIN(n - done, p->in_length - p->in_at);
		memcpy((char *)to + done, p->in_page + p->in_at, part);
		p->in_at += part;
		done += part;
		if (p->in_at == p->in_length)
			input_repost(p);
	}
	return done;
}

bool port_readable(struct port *p)
{
	uint64_t flags = spin_lock_irq(&p->lock);
	bool some = p->in_page || queue_pending(&p->in);

	spin_unlock_irq(&p->lock, flags);
	return some || port_host(p) == HOST_CLOSED;
}

static int input_wait(struct port *p)
{
	struct wait w;
	int error = 0;

	wait_begin(&w, &p->waiters, WAIT_PORT);
	while (!error && !port_readable(p))
		error = wait_sleep(&w);
	wait_end(&w);
	return error;
}

int64_t port_read(struct port *p, void *to, size_t n, bool nonblocking)
{
	int error = 0;

	while (n && !error) {
		/* Asked before looking: what was sent before closing is still read. */
		bool closed = port_host(p) == HOST_CLOSED;
		uint64_t flags = spin_lock_irq(&p->lock);
		size_t done = port_input(p, to, n);

		spin_unlock_irq(&p->lock, flags);
		if (done) {
			if (p->is_standard)
				TRACE(device_io, .port = p->id, .out = 0, .bytes = done);
			return done;
		}
		if (closed)
			return 0;
		error = nonblocking ? -EAGAIN : input_wait(p);
	}
	return error;
}

/* --- Both ---------------------------------------------------------------------------- */

struct wait_queue *port_wait_queue(struct port *p)
{
	return &p->waiters;
}

/* The lock is above the wait queue's: look with it, wake without it.  A writer
 * that sleeps has asked for interrupts, so room is news only then. */
void port_progress(struct port *p)
{
	uint64_t flags = spin_lock_irq(&p->lock);
	bool wake = queue_pending(&p->in) || queue_pending(&p->out) || port_host(p) == HOST_CLOSED;

	if (queue_pending(&p->out))
		queue_interrupts(&p->out, false);
	wake |= __atomic_exchange_n(&p->reopened, false, __ATOMIC_ACQ_REL);
	spin_unlock_irq(&p->lock, flags);
	if (wake)
		wait_wake_all(&p->waiters);
}
