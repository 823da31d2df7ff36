/* timerfd. */
#include "kernel/fs/timer_file.h"

#include <linux/errno.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/fs/anonymous.h"
#include "kernel/lib/restart.h"
#include "kernel/mm/object.h"
#include "kernel/sched/timer.h"

/* Expirations are counted when somebody asks; the timer only wakes for the first. */
struct timer_file {
	struct mutex mutex;
	struct wait_queue queue;
	struct timer timer;
	int clock;         /* [I] */
	uint64_t next;     /* [mutex] clock_now ns of the next expiration; 0: stopped */
	uint64_t interval; /* [mutex] 0: once */
	uint64_t count;    /* [mutex] expired and not read */
};

static void expired(struct timer *timer)
{
	wait_wake_all(&container_of(timer, struct timer_file, timer)->queue);
}

/* Count what has expired by now, and start for what comes.  Holds: mutex. */
static void catch_up(struct timer_file *t)
{
	uint64_t now = clock_now(), times;

	if (!t->next || t->next > now)
		return;
	times = t->interval ? 1 + (now - t->next) / t->interval : 1;
	t->count += times;
	t->next = t->interval ? t->next + times * t->interval : 0;
}

/* Somebody may be waiting for the next one.  Holds: mutex. */
static void arm(struct timer_file *t)
{
	if (t->next)
		timer_start(&t->timer, t->next);
}

static int64_t count_take(struct timer_file *t)
{
	uint64_t count;

	mutex_lock(&t->mutex);
	catch_up(t);
	count = t->count;
	t->count = 0;
	arm(t);
	mutex_unlock(&t->mutex);
	return (int64_t)count;
}

/* A look that takes no lock: there is something to read. */
static bool ready(const struct timer_file *t)
{
	uint64_t next = __atomic_load_n(&t->next, __ATOMIC_ACQUIRE);

	return __atomic_load_n(&t->count, __ATOMIC_ACQUIRE) || (next && next <= clock_now());
}

static int64_t timer_read(struct file *f, const struct buffer *b, uint64_t *position)
{
	struct timer_file *t = f->data;
	uint64_t count;
	struct wait w;
	int error = 0;

	if (b->length < sizeof(count))
		return -EINVAL;
	while (!(count = (uint64_t)count_take(t)) && !error) {
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		wait_begin(&w, &t->queue, WAIT_SLEEP);
		while (!ready(t) && !error)
			error = wait_sleep(&w);
		wait_end(&w);
	}
	if (!count)
		return -ERESTARTSYS;
	return buffer_put(b, 0, &count, sizeof(count)) ? -EFAULT : (int64_t)sizeof(count);
}

static unsigned timer_poll(struct file *f, struct poll *poll)
{
	struct timer_file *t = f->data;

	if (poll)
		poll_add(poll, &t->queue);
	return ready(t) ? POLLIN : 0;
}

static void timer_release(struct file *f)
{
	struct timer_file *t = f->data;

	timer_stop(&t->timer);
	kfree(t);
}

static const struct file_ops timer_ops = {
	.read = timer_read,
	.poll = timer_poll,
	.release = timer_release,
};

bool timer_file_is(const struct file *f)
{
	return f->ops == &timer_ops;
}

int timer_file_clock(const struct file *f)
{
	return ((const struct timer_file *)f->data)->clock;
}

/* Holds: mutex. */
static void setting_of(const struct timer_file *t, struct timer_file_setting *out)
{
	uint64_t now = clock_now();

	out->interval = t->interval;
	out->value = t->next > now ? t->next - now : 0;
}

void timer_file_get(struct file *f, struct timer_file_setting *out)
{
	struct timer_file *t = f->data;

	mutex_lock(&t->mutex);
	catch_up(t);
	arm(t);
	setting_of(t, out);
	mutex_unlock(&t->mutex);
}

void timer_file_set(struct file *f, uint64_t deadline, uint64_t interval,
		    struct timer_file_setting *was)
{
	struct timer_file *t = f->data;

	mutex_lock(&t->mutex);
	timer_stop(&t->timer);
	catch_up(t);
	setting_of(t, was);
	t->count = 0;
	__atomic_store_n(&t->next, deadline, __ATOMIC_RELEASE);
	t->interval = interval;
	arm(t);
	mutex_unlock(&t->mutex);
}

int timer_file_create(int clock, uint32_t flags, struct file **out)
{
	struct timer_file *t = kmalloc(sizeof(*t));
	struct inode *i = t ? anonymous_inode(0600) : NULL;

	if (!i) {
		kfree(t);
		return -ENFILE;
	}
	mutex_init(&t->mutex);
	wait_queue_init(&t->queue);
	timer_init(&t->timer, expired);
	t->clock = clock;
	*out = file_create(i, "anon_inode:[timerfd]", &timer_ops, O_RDWR | flags, t);
	if (!*out)
		kfree(t);
	return *out ? 0 : -ENFILE;
}
