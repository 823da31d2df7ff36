/* Byte streams between guest and host: the ports of the virtio-serial device,
 * by name (schemas/trace.h).
 *
 * Locks: each port has its own, taken inside; safe in threads unless said. */
#ifndef KERNEL_DRIVERS_PORT_H
#define KERNEL_DRIVERS_PORT_H

#include "kernel/sched/wait.h"

struct port;

/* Find the PCI device, negotiate, open the ports that the host offers.  Returns
 * false with a log line if there is none. */
bool port_init(void);
struct port *port_by_name(const char *name); /* NULL: the host did not offer it */

/* Write all n bytes, sleeping while the queue is full (the host's pipe is the
 * limit).  Bytes are copied.  n, or -EINTR when interrupted before the first
 * byte, or -EPIPE when the host closed it. */
int64_t port_write(struct port *p, const void *from, size_t n);
/* The same whatever signals come. */
int64_t port_write_whole(struct port *p, const void *from, size_t n);
/* Read what is there, at most n; sleeps until there is something unless
 * nonblocking (-EAGAIN).  0: closed by the host. */
int64_t port_read(struct port *p, void *to, size_t n, bool nonblocking);
/* Is there something to read; room to write. */
bool port_readable(struct port *p);
bool port_writable(struct port *p);
/* Woken when either changes. */
struct wait_queue *port_wait_queue(struct port *p);
/* Wait until everything written has reached the host, at most timeout_ms; polls,
 * so it works with interrupts off at power-off. */
void port_drain(struct port *p, unsigned timeout_ms);
/* Best effort, no sleep, no lock that could be held by the caller: for the log
 * and panics. */
void port_write_polled(struct port *p, const void *from, size_t n);

/* End the machine: isa-debug-exit, then ACPI, then halt. */
noreturn void power_off(void);

#endif
