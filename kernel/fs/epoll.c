/* epoll(7).  Locks, in this order: control_lock (who watches what), an epoll's mutex
 * (its items; of an outer epoll before an inner one), its spin lock (the ready list).
 * The ready list is filled by wake-ups, under the lock of a file's queue. */
#include "kernel/fs/epoll.h"

#include <linux/errno.h>

#include "kernel/fs/anonymous.h"
#include "kernel/lib/assert.h"
#include "kernel/mm/object.h"

#define NESTS_MAX 5 /* epolls in a row, as Linux's EP_MAX_NESTS allows */
#define ALWAYS    ((uint32_t)(EPOLLERR | EPOLLHUP))
/* What is not an event of a file. */
#define HOW ((uint32_t)(EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE))
#define EXCLUSIVE_MAY                                                                              \
	((uint32_t)(EPOLLIN | EPOLLOUT | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE) | ALWAYS)
#define AT_ONCE 1ull

struct epoll {
	struct mutex mutex;
	struct spinlock lock; /* interrupts off */
	struct wait_queue queue;
	struct file *file;    /* [I] its own, no reference */
	struct list items;    /* [control_lock and mutex to change] */
	struct list ready;    /* [lock] */
	unsigned ready_count; /* [lock] */
};

struct epoll_item {
	struct epoll *epoll;      /* [I] */
	struct file *file;        /* [I] no reference: see epoll_forget */
	struct epoll_item *next;  /* [control_lock] watches the same file */
	struct poll *poll;        /* [I] its place in the file's queues */
	struct list link;         /* of epoll->items */
	struct list ready_link;   /* [epoll->lock] */
	struct epoll_event event; /* [epoll->mutex]; events [a] */
	int fd;                   /* [I] */
};

/* Which files are watched by which epolls.  A sleeping lock: a control call frees
 * and allocates under it. */
static struct mutex control_lock = {
	.waiters = { SPINLOCK_INIT(RANK_WAIT, "wait queue"),
		     LIST_INIT(control_lock.waiters.waiters) },
};

static uint32_t wanted(const struct epoll_item *item)
{
	return __atomic_load_n(&item->event.events, __ATOMIC_RELAXED) & ~HOW;
}

/* Put item on the ready list, if it is not there.  Safe in interrupts. */
static void ready_put(struct epoll_item *item)
{
	struct epoll *e = item->epoll;
	uint64_t flags = spin_lock_irq(&e->lock);

	if (list_empty(&item->ready_link)) {
		list_append(&e->ready, &item->ready_link);
		e->ready_count++;
	}
	spin_unlock_irq(&e->lock, flags);
}

/* The same, and wake who waits. */
static void item_ready(struct epoll_item *item)
{
	ready_put(item);
	wait_wake_all(&item->epoll->queue);
}

static void item_woken(void *owner)
{
	struct epoll_item *item = owner;

	if (wanted(item))
		item_ready(item);
}

/* The next item of the ready list, taken off it; NULL: none. */
static struct epoll_item *ready_take(struct epoll *e)
{
	struct epoll_item *item = NULL;
	uint64_t flags = spin_lock_irq(&e->lock);

	if (!list_empty(&e->ready)) {
		item = list_first(&e->ready, struct epoll_item, ready_link);
		list_remove(&item->ready_link);
		e->ready_count--;
	}
	spin_unlock_irq(&e->lock, flags);
	return item;
}

static void ready_remove(struct epoll_item *item)
{
	struct epoll *e = item->epoll;
	uint64_t flags = spin_lock_irq(&e->lock);

	if (!list_empty(&item->ready_link)) {
		list_remove(&item->ready_link);
		e->ready_count--;
	}
	spin_unlock_irq(&e->lock, flags);
}

/* --- waiting --------------------------------------------------------------------- */

/* Events of what is on the ready list; what turns out not to be ready leaves it. */
static unsigned harvest(struct epoll *e, struct epoll_event *events, unsigned count)
{
	unsigned found = 0, left;

	mutex_lock(&e->mutex);
	left = e->ready_count;
	while (left-- && found < count) {
		struct epoll_item *item = ready_take(e);
		uint32_t ready;

		if (!item)
			break;
		ready = wanted(item) ? file_poll(item->file, NULL) & wanted(item) : 0;
		if (!ready)
			continue;
		events[found].events = ready;
		events[found++].data = item->event.data;
		if (item->event.events & EPOLLONESHOT)
			__atomic_and_fetch(&item->event.events, HOW, __ATOMIC_RELAXED);
		else if (!(item->event.events & EPOLLET))
			ready_put(item);
	}
	mutex_unlock(&e->mutex);
	return found;
}

int epoll_wait_events(struct file *epoll, struct epoll_event *events, unsigned count,
		      uint64_t deadline)
{
	struct epoll *e = epoll->data;
	struct wait w;
	int error = 0;

	for (;;) {
		unsigned found = harvest(e, events, count);

		if (found || deadline == AT_ONCE || error == -ETIMEDOUT)
			return (int)found;
		if (error)
			return error;
		wait_begin(&w, &e->queue, WAIT_POLL);
		if (!__atomic_load_n(&e->ready_count, __ATOMIC_ACQUIRE))
			error = wait_sleep_until(&w, deadline);
		wait_end(&w);
	}
}

static unsigned epoll_poll(struct file *f, struct poll *poll)
{
	struct epoll *e = f->data;
	unsigned left, ready = 0;

	if (poll)
		poll_add(poll, &e->queue);
	mutex_lock(&e->mutex);
	left = e->ready_count;
	while (left-- && !ready) {
		struct epoll_item *item = ready_take(e);

		if (!item)
			break;
		if (!wanted(item) || !(file_poll(item->file, NULL) & wanted(item)))
			continue;
		ready_put(item);
		ready = POLLIN | POLLRDNORM;
	}
	mutex_unlock(&e->mutex);
	return ready;
}

/* --- items ----------------------------------------------------------------------- */

static struct epoll_item *item_find(const struct epoll *e, const struct file *f, int fd)
{
	struct epoll_item *item = f->watchers;

	while (item && (item->epoll != e || item->fd != fd))
		item = item->next;
	return item;
}

/* Holds: control_lock. */
static void item_destroy(struct epoll_item *item)
{
	struct epoll *e = item->epoll;
	struct epoll_item **at = &item->file->watchers;

	mutex_lock(&e->mutex);
	poll_free(item->poll);
	ready_remove(item);
	list_remove(&item->link);
	mutex_unlock(&e->mutex);
	/* Last: epoll_forget of a file that nobody watches does not take the lock. */
	while (*at != item)
		at = &(*at)->next;
	__atomic_store_n(at, item->next, __ATOMIC_RELEASE);
	kfree(item);
}

void epoll_forget(struct file *f)
{
	if (!__atomic_load_n(&f->watchers, __ATOMIC_ACQUIRE))
		return;
	mutex_lock(&control_lock);
	while (f->watchers)
		item_destroy(f->watchers);
	mutex_unlock(&control_lock);
}

static void epoll_release(struct file *f)
{
	struct epoll *e = f->data;

	mutex_lock(&control_lock);
	while (!list_empty(&e->items))
		item_destroy(list_first(&e->items, struct epoll_item, link));
	mutex_unlock(&control_lock);
	kfree(e);
}

static const struct file_ops epoll_ops = { .poll = epoll_poll, .release = epoll_release };

bool epoll_is(const struct file *f)
{
	return f->ops == &epoll_ops;
}

const void *epoll_watched(struct file *epoll, int fd, unsigned nth)
{
	const struct epoll *e = epoll->data;
	const struct epoll_item *item;
	const void *found = NULL;

	mutex_lock(&control_lock);
	list_for_each_entry(item, &e->items, link) {
		if (item->fd == fd && !nth--) {
			found = item->file;
			break;
		}
	}
	mutex_unlock(&control_lock);
	return found;
}

/* Epolls in the longest row from e down, or NESTS_MAX + 1: too many, or e leads
 * to `never`.  Holds: control_lock. */
static int nests_below(const struct epoll *e, const struct epoll *never, int level)
{
	const struct epoll_item *item;
	int most = 0;

	if (e == never || level > NESTS_MAX)
		return NESTS_MAX + 1;
	list_for_each_entry(item, &e->items, link) {
		if (epoll_is(item->file))
			most = MAX(most, nests_below(item->file->data, never, level + 1));
	}
	return MIN(most + 1, NESTS_MAX + 1);
}

static int nests_above(const struct epoll *e, int level)
{
	int most = 0;

	if (level > NESTS_MAX)
		return NESTS_MAX + 1;
	for (const struct epoll_item *item = e->file->watchers; item; item = item->next)
		most = MAX(most, nests_above(item->epoll, level + 1));
	return MIN(most + 1, NESTS_MAX + 1);
}

static bool nests_too_deep(const struct epoll *e, const struct file *f)
{
	return epoll_is(f) && nests_below(f->data, e, 1) + nests_above(e, 1) > NESTS_MAX;
}

/* Ready already: nobody will wake us for that. */
static void item_look(struct epoll_item *item, struct poll *poll)
{
	if (file_poll(item->file, poll) & wanted(item))
		item_ready(item);
}

static int item_add(struct epoll *e, struct file *f, int fd, const struct epoll_event *event)
{
	struct epoll_item *item;

	if (nests_too_deep(e, f))
		return -ELOOP;
	item = kmalloc(sizeof(*item));
	if (!item)
		return -ENOMEM;
	item->poll = poll_create_watch(item_woken, item);
	if (!item->poll) {
		kfree(item);
		return -ENOMEM;
	}
	item->epoll = e;
	item->file = f;
	item->fd = fd;
	item->event = *event;
	item->event.events |= ALWAYS;
	list_init(&item->ready_link);
	item->next = f->watchers;
	__atomic_store_n(&f->watchers, item, __ATOMIC_RELEASE);
	mutex_lock(&e->mutex);
	list_append(&e->items, &item->link);
	item_look(item, item->poll);
	mutex_unlock(&e->mutex);
	if (poll_failed(item->poll)) {
		item_destroy(item);
		return -ENOMEM;
	}
	return 0;
}

static int item_change(struct epoll_item *item, const struct epoll_event *event)
{
	struct epoll *e = item->epoll;

	if ((item->event.events | event->events) & EPOLLEXCLUSIVE)
		return -EINVAL;
	mutex_lock(&e->mutex);
	item->event = *event;
	__atomic_or_fetch(&item->event.events, ALWAYS, __ATOMIC_RELAXED);
	item_look(item, NULL);
	mutex_unlock(&e->mutex);
	return 0;
}

int epoll_control(struct file *epoll, int operation, struct file *f, int fd,
		  const struct epoll_event *event)
{
	struct epoll *e = epoll->data;
	struct epoll_item *item;
	int error = 0;

	if (operation == EPOLL_CTL_ADD && event->events & EPOLLEXCLUSIVE &&
	    (epoll_is(f) || event->events & ~EXCLUSIVE_MAY))
		return -EINVAL;
	mutex_lock(&control_lock);
	item = item_find(e, f, fd);
	if (operation == EPOLL_CTL_ADD)
		error = item ? -EEXIST : item_add(e, f, fd, event);
	else if (!item)
		error = -ENOENT;
	else if (operation == EPOLL_CTL_MOD)
		error = item_change(item, event);
	else
		item_destroy(item);
	mutex_unlock(&control_lock);
	return error;
}

int epoll_create_file(struct file **out)
{
	struct epoll *e = kmalloc(sizeof(*e));
	struct inode *i = e ? anonymous_inode(0600) : NULL;

	if (!i) {
		kfree(e);
		return -ENFILE;
	}
	mutex_init(&e->mutex);
	spin_init(&e->lock, RANK_WAIT, "epoll");
	wait_queue_init(&e->queue);
	list_init(&e->items);
	list_init(&e->ready);
	*out = file_create(i, "anon_inode:[eventpoll]", &epoll_ops, O_RDWR, e);
	if (!*out) {
		kfree(e);
		return -ENFILE;
	}
	e->file = *out;
	return 0;
}
