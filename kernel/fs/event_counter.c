/* eventfd(2). */
#include "kernel/fs/event_counter.h"

#include <linux/errno.h>

#include "kernel/fs/anonymous.h"
#include "kernel/lib/restart.h"
#include "kernel/mm/object.h"

#define VALUE_MAX (UINT64_MAX - 1)

struct event_counter {
	struct spinlock lock;
	struct wait_queue queue;
	uint64_t value; /* [lock] */
	bool semaphore; /* [I] */
};

/* Take from the counter: false if it is 0. */
static bool counter_take(struct event_counter *c, uint64_t *value)
{
	bool taken;

	spin_lock(&c->lock);
	taken = c->value != 0;
	*value = c->semaphore ? taken : c->value;
	c->value -= *value;
	spin_unlock(&c->lock);
	return taken;
}

static bool counter_add(struct event_counter *c, uint64_t *value)
{
	bool added;

	spin_lock(&c->lock);
	added = *value <= VALUE_MAX - c->value;
	if (added)
		c->value += *value;
	spin_unlock(&c->lock);
	return added;
}

/* Do it, waiting until it can be done. */
static int64_t counter_run(struct file *f, uint64_t *value,
			   bool (*run)(struct event_counter *, uint64_t *))
{
	struct event_counter *c = f->data;
	struct wait w;
	bool done = run(c, value);
	int error = 0;

	if (done || f->flags & O_NONBLOCK) {
		if (done)
			wait_wake_all(&c->queue);
		return done ? 0 : -EAGAIN;
	}
	wait_begin(&w, &c->queue, WAIT_IO);
	while (!(done = run(c, value)) && !error)
		error = wait_sleep(&w) ? -ERESTARTSYS : 0;
	wait_end(&w);
	if (done)
		wait_wake_all(&c->queue);
	return done ? 0 : error;
}

static int64_t counter_read(struct file *f, const struct buffer *b, uint64_t *position)
{
	uint64_t value;
	int64_t error = b->length < sizeof(value) ? -EINVAL : counter_run(f, &value, counter_take);

	if (!error)
		error = buffer_put(b, 0, &value, sizeof(value));
	return error ? error : (int64_t)sizeof(value);
}

static int64_t counter_write(struct file *f, const struct buffer *b, uint64_t *position)
{
	uint64_t value;
	int64_t error;

	if (b->length < sizeof(value))
		return -EINVAL;
	if (buffer_get(b, 0, &value, sizeof(value)))
		return -EFAULT;
	if (value > VALUE_MAX)
		return -EINVAL;
	error = counter_run(f, &value, counter_add);
	return error ? error : (int64_t)sizeof(value);
}

static unsigned counter_poll(struct file *f, struct poll *poll)
{
	struct event_counter *c = f->data;
	uint64_t value;

	if (poll)
		poll_add(poll, &c->queue);
	value = __atomic_load_n(&c->value, __ATOMIC_ACQUIRE);
	return (value ? POLLIN : 0) | (value < VALUE_MAX ? POLLOUT : 0);
}

static void counter_release(struct file *f)
{
	kfree(f->data);
}

static const struct file_ops counter_ops = {
	.read = counter_read,
	.write = counter_write,
	.poll = counter_poll,
	.release = counter_release,
};

int event_counter_create(uint64_t value, bool semaphore, uint32_t flags, struct file **out)
{
	struct event_counter *c = kmalloc(sizeof(*c));
	struct inode *i = c ? anonymous_inode(0600) : NULL;

	if (!i) {
		kfree(c);
		return -ENFILE;
	}
	spin_init(&c->lock, RANK_PIPE, "event counter");
	wait_queue_init(&c->queue);
	c->value = value;
	c->semaphore = semaphore;
	*out = file_create(i, "anon_inode:[eventfd]", &counter_ops, O_RDWR | flags, c);
	if (!*out)
		kfree(c);
	return *out ? 0 : -ENFILE;
}
