/* The virtio console device with its ports: virtio 1.0, 5.3.  console.c finds the
 * device and talks over its control queues, port.c moves bytes for the kernel,
 * trace_port.c carries the trace.
 *
 * Locks: [I] set in the handshake   [l] port.lock   [c] the control lock
 *        [a] atomic   [w] for the trace port the wire's lock, for others port.lock */
#ifndef KERNEL_DRIVERS_CONSOLE_H
#define KERNEL_DRIVERS_CONSOLE_H

#include "kernel/drivers/port.h"
#include "kernel/drivers/virtqueue.h"

#define PORTS_MAX      8 /* ids below; the host numbers from 1 */
#define PORT_NAME_SIZE 32
#define OUT_PAGES      16 /* bytes on the way to the host: at most so many pages a port */
#define IN_PAGES       8  /* bytes from the host not yet read, likewise */

enum port_host {
	HOST_UNKNOWN, /* did not say yet */
	HOST_OPEN,
	HOST_AWAY, /* closed, but to be opened again: what would fail waits */
	HOST_CLOSED,
};

struct port {
	uint32_t id;                /* [I] */
	char name[PORT_NAME_SIZE];  /* [I] empty: not offered */
	bool added;                 /* [c] */
	bool is_trace, is_standard; /* [I] is_standard: a stream of the program */
	enum port_host host;        /* [a] */
	bool reopened;              /* [a] who waited for the host has not been woken yet */
	struct spinlock lock;
	struct virtqueue in, out;  /* [w] */
	struct wait_queue waiters; /* room to write, bytes to read, or closed */
	void *out_free[OUT_PAGES]; /* [l] pages not on their way */
	unsigned out_free_count;   /* [l] */
	unsigned char *in_page;    /* [w] being read: in_at of in_length bytes are gone */
	uint32_t in_at, in_length; /* [w] */
};

extern struct port console_ports[PORTS_MAX];

/* Take at most n bytes that the host sent.  Holds: what [w] says. */
size_t port_input(struct port *p, void *to, size_t n);
/* Something may have changed: wake who waits for it.  From the interrupt. */
void port_progress(struct port *p);
/* The host opened or closed the trace port. */
void trace_port_changed(struct port *p);

static inline enum port_host port_host(const struct port *p)
{
	return __atomic_load_n(&p->host, __ATOMIC_ACQUIRE);
}

#endif
