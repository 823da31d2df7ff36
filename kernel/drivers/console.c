/* Handshake (virtio 1.0, 5.3.6): DEVICE_READY brings a PORT_ADD for each port;
 * PORT_READY brings its PORT_NAME and, when the host's end is open, PORT_OPEN;
 * our PORT_OPEN lets bytes flow.  The host drops control messages for which no
 * buffer waits, so there are as many as all ports can cause at once. */
#include "kernel/drivers/console.h"

#include <linux/virtio_console.h>
#include <linux/virtio_ids.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/arch/x86_64/irq.h"
#include "kernel/debug/log.h"
#include "kernel/drivers/virtio.h"
#include "kernel/lib/string.h"
#include "kernel/mm/page.h"
#include "kernel/trace/trace.h"
#include "schemas/trace.h"

#define CONTROL_IN      2 /* queue numbers: virtio 1.0, 5.3.2 */
#define CONTROL_OUT     3
#define CONTROL_ENTRIES 32
#define CONTROL_BYTES   (PAGE_SIZE / CONTROL_ENTRIES) /* of a message with a name */
/* Without any message the host has no ports.  A host that is only slow may be silent for long,
 * and what is recorded until a port has its name would be thrown away. */
#define HANDSHAKE_MS 10000

struct port console_ports[PORTS_MAX];

static struct spinlock control_lock = SPINLOCK_INIT(RANK_DEVICE, "console control");
static struct virtqueue control_in, control_out;        /* [c] */
static struct virtio_console_control *control_messages; /* [c] to the host, by descriptor */

/* --- Control messages --------------------------------------------------------- */

/* Holds: control_lock. */
static void control_send(uint32_t id, uint16_t event, uint16_t value)
{
	struct virtio_console_control *m;
	uint32_t written;

	while (queue_take(&control_out, &written))
		;
	m = &control_messages[control_out.free_first % CONTROL_ENTRIES];
	*m = (struct virtio_console_control){ .id = id, .event = event, .value = value };
	if (queue_add(&control_out, &(struct queue_buffer){ virt_to_phys(m), sizeof(*m) }, 1, false,
		      m))
		queue_kick(&control_out);
	else
		log_line(LOG_ERROR, "console: the host does not take control messages");
}

static void name_set(struct port *p, const char *name, size_t length)
{
	length = strnlen(name, MIN(length, PORT_NAME_SIZE - 1));
	memcpy(p->name, name, length);
	p->is_trace = strcmp(p->name, TRACE_PORT_NAME) == 0;
	p->is_standard = strcmp(p->name, INPUT_PORT_NAME) == 0 ||
			 strcmp(p->name, OUTPUT_PORT_NAME) == 0 ||
			 strcmp(p->name, ERROR_PORT_NAME) == 0;
}

/* Buffers for a port that has its name. */
static void port_fill(struct port *p)
{
	struct page *page;

	for (unsigned i = 0; i < IN_PAGES && (page = page_alloc_raw()); i++)
		queue_add(&p->in, &(struct queue_buffer){ page_phys(page), PAGE_SIZE }, 1, true,
			  page_data(page));
	queue_kick(&p->in);
	queue_interrupts(&p->out, false);
	if (p->is_trace) {
		queue_interrupts(&p->in, false);
		return;
	}
	while (p->out_free_count < OUT_PAGES && (page = page_alloc_raw()))
		p->out_free[p->out_free_count++] = page_data(page);
}

static void host_changed(struct port *p, enum port_host host)
{
	if (host == HOST_CLOSED && p->is_standard && trace_away != AWAY_FOREVER)
		host = HOST_AWAY;
	__atomic_store_n(&p->host, host, __ATOMIC_RELEASE);
	__atomic_store_n(&p->reopened, host == HOST_OPEN, __ATOMIC_RELEASE);
	if (p->is_trace)
		trace_port_changed(p);
}

/* One message from the host; length is what it wrote.  Holds: control_lock. */
static void control_obey(const struct virtio_console_control *m, size_t length)
{
	struct port *p = &console_ports[m->id % PORTS_MAX];

	if (length < sizeof(*m) || m->id >= PORTS_MAX || !p->in.entries)
		return;
	switch (m->event) {
	case VIRTIO_CONSOLE_PORT_ADD:
		p->added = true;
		control_send(m->id, VIRTIO_CONSOLE_PORT_READY, 1);
		break;
	case VIRTIO_CONSOLE_PORT_NAME:
		if (p->name[0])
			break;
		name_set(p, (const char *)(m + 1), length - sizeof(*m));
		port_fill(p);
		control_send(m->id, VIRTIO_CONSOLE_PORT_OPEN, 1);
		break;
	case VIRTIO_CONSOLE_PORT_OPEN:
		host_changed(p, m->value ? HOST_OPEN : HOST_CLOSED);
		break;
	case VIRTIO_CONSOLE_PORT_REMOVE:
		host_changed(p, HOST_CLOSED);
		break;
	}
}

/* Obey what the host said; the number of messages. */
static unsigned control_poll(void)
{
	uint64_t flags = spin_lock_irq(&control_lock);
	unsigned count = 0;
	uint32_t length;
	void *m;

	while ((m = queue_take(&control_in, &length))) {
		control_obey(m, MIN(length, CONTROL_BYTES));
		queue_add(&control_in, &(struct queue_buffer){ virt_to_phys(m), CONTROL_BYTES }, 1,
			  true, m);
		count++;
	}
	if (count)
		queue_kick(&control_in);
	spin_unlock_irq(&control_lock, flags);
	return count;
}

/* All queues share one vector: each use is rare or has work for all anyway. */
static void console_interrupt(void *unused)
{
	control_poll();
	for (unsigned i = 0; i < PORTS_MAX; i++) {
		struct port *p = &console_ports[i];

		if (p->name[0] && !p->is_trace)
			port_progress(p);
	}
}

/* --- Start ----------------------------------------------------------------------- */

static bool control_open(struct virtio_device *v)
{
	struct page *in = page_alloc(), *out = page_alloc();

	if (!in || !out || !virtio_queue(v, CONTROL_IN, CONTROL_ENTRIES, 0, &control_in) ||
	    !virtio_queue(v, CONTROL_OUT, CONTROL_ENTRIES, VIRTIO_MSI_NO_VECTOR, &control_out))
		return false;
	control_messages = page_data(out);
	for (unsigned i = 0; i < control_in.entries; i++) {
		char *m = (char *)page_data(in) + i * CONTROL_BYTES;

		queue_add(&control_in, &(struct queue_buffer){ virt_to_phys(m), CONTROL_BYTES }, 1,
			  true, m);
	}
	return true;
}

static bool ports_open(struct virtio_device *v)
{
	const volatile struct virtio_console_config *config = v->config;
	uint32_t count = MIN(config->max_nr_ports, PORTS_MAX);

	for (uint32_t id = 0; id < count; id++) {
		struct port *p = &console_ports[id];
		unsigned in = id ? CONTROL_IN + 2 * id : 0;

		p->id = id;
		spin_init(&p->lock, RANK_DEVICE, "port");
		wait_queue_init(&p->waiters);
		if (!virtio_queue(v, in, QUEUE_ENTRIES_MAX, 0, &p->in) ||
		    !virtio_queue(v, in + 1, QUEUE_ENTRIES_MAX, 0, &p->out))
			return false;
		p->out.ordered = true;
	}
	return true;
}

/* Every port that the host added has told its name. */
static bool ports_known(void)
{
	unsigned added = 0, named = 0;

	for (unsigned i = 0; i < PORTS_MAX; i++) {
		added += console_ports[i].added;
		named += console_ports[i].name[0] != 0;
	}
	return added && added == named;
}

static void handshake(void)
{
	uint64_t flags = spin_lock_irq(&control_lock);
	uint64_t last = local_time();

	queue_kick(&control_in);
	control_send(VIRTIO_CONSOLE_BAD_ID, VIRTIO_CONSOLE_DEVICE_READY, 1);
	spin_unlock_irq(&control_lock, flags);
	while (!ports_known() && local_time() - last < clock_tsc_hz() / 1000 * HANDSHAKE_MS) {
		if (control_poll())
			last = local_time();
		cpu_pause();
	}
}

static void log_to_port(const char *text, size_t length)
{
	port_write_polled(port_by_name(LOG_PORT_NAME), text, length);
}

static bool console_open(void)
{
	uint64_t features = 1ull << VIRTIO_CONSOLE_F_MULTIPORT;
	unsigned vector = irq_vector_alloc(console_interrupt, NULL);
	struct virtio_device v;
	int slot = -1;

	if (!virtio_open(&v, VIRTIO_ID_CONSOLE, &slot, &features)) {
		log_line(LOG_WARNING, "console: no virtio-serial device: no trace, no streams");
		return false;
	}
	if (!features || !vector || !pci_msix_bind(&v.pci, 0, vector) || !control_open(&v) ||
	    !ports_open(&v)) {
		log_line(LOG_ERROR,
			 "console: the virtio-serial device lacks ports, MSI-X or queues");
		return false;
	}
	virtio_start(&v);
	handshake();
	return true;
}

bool port_init(void)
{
	bool opened = console_open();

	if (!port_by_name(TRACE_PORT_NAME))
		trace_detach();
	if (port_by_name(LOG_PORT_NAME))
		log_sink_port = log_to_port;
	return opened;
}
