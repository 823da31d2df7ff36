/* Pseudo-terminals: their life, and the slave's end. */
#include "kernel/fs/pty.h"

#include <asm/ioctls.h>
#include <linux/errno.h>

#include "kernel/fs/device.h"
#include "kernel/fs/pty_state.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

static struct pty *slots[PTY_MOST]; /* [table] */
static unsigned count;              /* [table] */
static struct mutex table = {
	.waiters = { SPINLOCK_INIT(RANK_WAIT, "wait queue"), LIST_INIT(table.waiters.waiters) },
};

size_t pty_ring_put(struct pty_ring *r, const uint8_t *from, size_t n)
{
	n = MIN(n, (size_t)(PTY_BYTES - pty_used(r)));
	for (size_t k = 0; k < n; k++)
		r->bytes[(r->head + k) % PTY_BYTES] = from[k];
	__atomic_store_n(&r->head, r->head + (uint32_t)n, __ATOMIC_RELEASE);
	return n;
}

size_t pty_ring_get(struct pty_ring *r, uint8_t *to, size_t n)
{
	n = MIN(n, (size_t)pty_used(r));
	for (size_t k = 0; k < n; k++)
		to[k] = r->bytes[(r->tail + k) % PTY_BYTES];
	__atomic_store_n(&r->tail, r->tail + (uint32_t)n, __ATOMIC_RELEASE);
	return n;
}

/* --- the slave's side ------------------------------------------------------------- */

static size_t side_room(void *data)
{
	struct pty *p = data;
	uint32_t room = PTY_BYTES - pty_used(&p->to_master);

	return room < PTY_LEAST ? 0 : room;
}

static int64_t side_write(void *data, const void *from, size_t n)
{
	struct pty *p = data;

	mutex_lock(&p->ring);
	pty_ring_put(&p->to_master, from, n);
	mutex_unlock(&p->ring);
	wait_wake_all(&p->readers);
	return (int64_t)n;
}

static void side_flush(void *data)
{
	struct pty *p = data;

	mutex_lock(&p->ring);
	p->to_master.tail = p->to_master.head;
	mutex_unlock(&p->ring);
}

/* What excludes each other: the later one counts. */
static unsigned opposite(unsigned what)
{
	switch (what) {
	case TIOCPKT_STOP:
		return TIOCPKT_START;
	case TIOCPKT_START:
		return TIOCPKT_STOP;
	case TIOCPKT_DOSTOP:
		return TIOCPKT_NOSTOP;
	case TIOCPKT_NOSTOP:
		return TIOCPKT_DOSTOP;
	}
	return 0;
}

static void side_event(void *data, unsigned what)
{
	struct pty *p = data;

	if (!p->packet)
		return;
	__atomic_fetch_and(&p->status, ~opposite(what), __ATOMIC_RELAXED);
	__atomic_fetch_or(&p->status, what, __ATOMIC_RELEASE);
	wait_wake_all(&p->readers);
}

void pty_feed(struct pty *p)
{
	uint8_t bytes[256];
	size_t n, took;

	mutex_lock(&p->input);
	do {
		struct pty_ring look;

		mutex_lock(&p->ring);
		look = p->to_slave;
		n = pty_ring_get(&look, bytes, sizeof(bytes));
		mutex_unlock(&p->ring);
		took = n ? tty_input(p->slave, bytes, n) : 0;
		mutex_lock(&p->ring);
		p->to_slave.tail += (uint32_t)took;
		mutex_unlock(&p->ring);
	} while (n && took == n);
	mutex_unlock(&p->input);
	wait_wake_all(&p->writers);
}

static void side_drained(void *data)
{
	struct pty *p = data;

	if (pty_used(&p->to_slave))
		pty_feed(p);
}

bool pty_slave_open(struct pty *p)
{
	bool open;

	mutex_lock(&p->slave->lock);
	open = !list_empty(&p->slave->files);
	mutex_unlock(&p->slave->lock);
	return open;
}

/* Nobody has the slave open: it controls no session any more, as on Linux. */
static void side_closed(void *data)
{
	struct pty *p = data;
	struct tty *t = p->slave;
	uint32_t session = t->session;

	if (session && !pty_slave_open(p)) {
		tty_hooks.session_leave(t, session, 0, false);
		tty_release_session(t);
	}
	wait_wake_all(&p->readers);
	wait_wake_all(&p->writers);
}

static void side_freed(void *data)
{
	struct pty *p = data;

	inode_put(p->node);
	kfree(p->to_slave.bytes);
	kfree(p->to_master.bytes);
	kfree(p);
}

static const struct tty_side slave_side = {
	.write = side_write,
	.room = side_room,
	.flush = side_flush,
	.event = side_event,
	.drained = side_drained,
	.closed = side_closed,
	.freed = side_freed,
};

/* --- life ------------------------------------------------------------------------- */

static struct pty *pty_alloc(void)
{
	struct pty *p = kmalloc(sizeof(*p));

	if (!p)
		return NULL;
	p->to_slave.bytes = kmalloc(PTY_BYTES);
	p->to_master.bytes = kmalloc(PTY_BYTES);
	if (!p->to_slave.bytes || !p->to_master.bytes) {
		side_freed(p);
		return NULL;
	}
	p->locked = true;
	mutex_init(&p->input);
	mutex_init(&p->ring);
	wait_queue_init(&p->readers);
	wait_queue_init(&p->writers);
	return p;
}

/* Holds: table. */
static int slot_fill(struct pty *p, unsigned index)
{
	p->index = index;
	p->node = devpts_node(index);
	p->slave = p->node ? tty_create(p->node->device, &slave_side, p) : NULL;
	if (!p->slave)
		return -ENOMEM;
	slots[index] = p;
	count++;
	return 0;
}

int pty_create(struct pty **out)
{
	struct pty *p = pty_alloc();
	unsigned index = 0;
	int error;

	if (!p)
		return -ENOMEM;
	mutex_lock(&table);
	while (index < PTY_MOST && slots[index])
		index++;
	error = index < PTY_MOST ? slot_fill(p, index) : -ENOSPC;
	mutex_unlock(&table);
	if (error)
		side_freed(p);
	else
		*out = p;
	return error;
}

void pty_close(struct pty *p)
{
	mutex_lock(&table);
	slots[p->index] = NULL;
	count--;
	mutex_unlock(&table);
	p->node->links = 0;
	tty_hangup(p->slave, true);
	tty_put(p->slave);
}

struct pty *pty_find(unsigned index)
{
	struct pty *p = NULL;

	mutex_lock(&table);
	if (index < PTY_MOST && slots[index]) {
		p = slots[index];
		tty_get(p->slave);
	}
	mutex_unlock(&table);
	return p;
}

int pty_next(unsigned index)
{
	mutex_lock(&table);
	while (index < PTY_MOST && !slots[index])
		index++;
	mutex_unlock(&table);
	return index < PTY_MOST ? (int)index : -1;
}

unsigned pty_count(void)
{
	return count;
}

/* --- opening ---------------------------------------------------------------------- */

int pty_slave_bind(struct pty *p, struct file *f)
{
	int error = p->locked ? -EIO : tty_open(p->slave, f);

	if (!error) {
		p->opened = true;
		wait_wake_all(&p->writers);
	}
	return error;
}

static int slave_open(struct file *f)
{
	struct pty *p = pty_find(device_minor(f->inode->device));
	int error;

	if (!p)
		return -EIO;
	error = pty_slave_bind(p, f);
	tty_put(p->slave);
	return error;
}

static const struct file_ops unbound_ops; /* until the slave is bound */

int pty_peer_open(struct file *f, uint32_t flags, struct file **out)
{
	struct pty *p = f->data;
	char name[32];
	int error;

	if (f->ops != &pty_master_ops)
		return f->ops == &tty_file_ops ? -EIO : -ENOTTY;
	print_text(name, sizeof(name), "/dev/pts/%u", p->index);
	inode_get(p->node);
	*out = file_create(p->node, name, &unbound_ops, flags & (O_ACCMODE | O_NONBLOCK | O_NOCTTY),
			   NULL);
	if (!*out)
		return -ENFILE;
	error = pty_slave_bind(p, *out);
	if (error) {
		file_put(*out);
		return error;
	}
	(*out)->flags &= ~(uint32_t)O_NOCTTY;
	return 0;
}

void pty_init(void)
{
	static struct device master = {
		.name = "ptmx",
		.number = 5 << 8 | 2,
		.mode = 0666,
		.ops = &pty_master_ops,
		.open = pty_master_open,
	};
	static struct device slaves = {
		.number = PTY_MAJOR << 8,
		.count = PTY_MOST,
		.ops = &tty_file_ops,
		.open = slave_open,
	};

	device_add(&master);
	device_add(&slaves);
	devpts_init();
}
