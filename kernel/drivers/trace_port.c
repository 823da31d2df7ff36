/* The trace on its port: descriptors point straight at ring blocks; finished ones
 * are found by polling.  The trace makes no interrupts of its own, but for what the
 * host says while IRQ_CPU rests and does not poll.  All of it but listening runs
 * under the wire's lock. */
#include "kernel/drivers/console.h"
#include "kernel/mm/mapped.h"
#include "kernel/mm/page.h"
#include "kernel/trace/trace.h"

#define SENDS_MAX (QUEUE_ENTRIES_MAX / 2) /* each takes two descriptors */

struct send {
	void (*done)(void *cookie);
	void *cookie;
	struct send *next; /* free ones */
};

static struct port *trace_port;
static struct send sends[SENDS_MAX];
static struct send *send_free;

static bool trace_port_send(const void *header, size_t header_bytes, const void *payload,
			    size_t payload_bytes, void (*done)(void *cookie), void *cookie)
{
	struct queue_buffer buffers[] = {
		{ virt_to_phys(header), header_bytes },
		{ virt_to_phys(payload), payload_bytes },
	};
	struct send *s = send_free;

	if (!s || !queue_add(&trace_port->out, buffers, payload_bytes ? 2 : 1, false, s))
		return false;
	send_free = s->next;
	s->done = done;
	s->cookie = cookie;
	queue_kick(&trace_port->out);
	return true;
}

static void trace_port_reclaim(void)
{
	uint32_t written;
	struct send *s;

	while ((s = queue_take(&trace_port->out, &written))) {
		s->next = send_free;
		send_free = s;
		s->done(s->cookie);
	}
}

static size_t trace_port_receive(void *to, size_t size)
{
	return port_input(trace_port, to, size);
}

static bool trace_port_listen(bool on)
{
	queue_interrupts(&trace_port->in, on);
	__atomic_thread_fence(__ATOMIC_SEQ_CST); /* what came before this is seen below */
	return __atomic_load_n(&trace_port->in_page, __ATOMIC_RELAXED) ||
	       queue_pending(&trace_port->in);
}

void trace_port_changed(struct port *p)
{
	static const struct trace_transport transport = {
		.send = trace_port_send,
		.reclaim = trace_port_reclaim,
		.receive = trace_port_receive,
		.listen = trace_port_listen,
	};

	if (!trace_port) {
		trace_port = p;
		for (unsigned i = 0; i < SENDS_MAX; i++) {
			sends[i].next = send_free;
			send_free = &sends[i];
		}
	}
	if (port_host(p) == HOST_OPEN)
		trace_attach(&transport);
	else
		trace_detach();
}

void *trace_memory_alloc(unsigned order)
{
	struct page *page = page_alloc_order(order);

	return page ? page_data(page) : NULL;
}

void *trace_memory_join(void *const *pieces, size_t count, size_t bytes)
{
	return mapped_join(pieces, count, bytes);
}
