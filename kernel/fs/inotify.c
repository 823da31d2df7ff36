/* inotify(7): instances, watches, events. */
#include "kernel/fs/inotify.h"

#include <asm/ioctls.h>
#include <linux/errno.h>

#include "kernel/fs/anonymous.h"
#include "kernel/fs/inotify_state.h"
#include "kernel/fs/notify.h"
#include "kernel/lib/restart.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"
#include "kernel/mm/user.h"

static struct list instances = LIST_INIT(instances); /* [k] */
struct mutex inotify_lock = {
	.waiters = { SPINLOCK_INIT(RANK_WAIT, "wait queue"),
		     LIST_INIT(inotify_lock.waiters.waiters) },
};

/* --- events ----------------------------------------------------------------------- */

static bool notice_is(const struct notice *e, int number, uint32_t mask, uint32_t cookie,
		      const char *name, size_t length)
{
	if (e->event.wd != number || e->event.mask != mask || e->event.cookie != cookie)
		return false;
	return length ? e->event.len > length && !e->name[length] &&
				memcmp(e->name, name, length) == 0
		      : !e->event.len;
}

static void notice_add(struct inotify *n, int number, uint32_t mask, uint32_t cookie,
		       const char *name, size_t length)
{
	size_t room = length ? ALIGN_UP(length + 1, sizeof(struct inotify_event)) : 0;
	struct notice *e = kmalloc(sizeof(*e) + room);

	if (!e)
		return;
	e->event = (struct inotify_event){
		.wd = number, .mask = mask, .cookie = cookie, .len = (uint32_t)room
	};
	if (length)
		memcpy(e->name, name, length);
	list_append(&n->events, &e->link);
	n->count++;
	n->bytes += sizeof(e->event) + room;
	wait_wake_all(&n->readers);
}

void inotify_queue(struct inotify *n, int number, uint32_t mask, uint32_t cookie, const char *name,
		   size_t length)
{
	if (!list_empty(&n->events) && notice_is(list_entry(n->events.prev, struct notice, link),
						 number, mask, cookie, name, length))
		return;
	if (n->count < INOTIFY_EVENTS_MAX)
		notice_add(n, number, mask, cookie, name, length);
	else if (n->count == INOTIFY_EVENTS_MAX)
		notice_add(n, -1, IN_Q_OVERFLOW, 0, NULL, 0);
}

/* The oldest event, off the queue, if it fits into size bytes: NULL and 0 (there is
 * none) or -EINVAL. */
static struct notice *notice_take(struct inotify *n, size_t size, int *error)
{
	struct notice *e = NULL;

	mutex_lock(&inotify_lock);
	*error = 0;
	if (!list_empty(&n->events)) {
		e = list_first(&n->events, struct notice, link);
		if (sizeof(e->event) + e->event.len > size) {
			e = NULL;
			*error = -EINVAL;
		}
	}
	if (e) {
		list_remove(&e->link);
		n->count--;
		n->bytes -= sizeof(e->event) + e->event.len;
	}
	mutex_unlock(&inotify_lock);
	return e;
}

/* --- watches ---------------------------------------------------------------------- */

void inotify_end(struct watch *w, struct list *dead)
{
	struct watch **at = &w->inode->watches;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	list_remove(&w->link);
	if (w->inotify)
		inotify_queue(w->inotify, w->number, IN_IGNORED, 0, NULL, 0);
	list_append(dead, &w->dead);
	__atomic_sub_fetch(&notify_watches, 1, __ATOMIC_RELAXED);
}

void inotify_dead_free(struct list *dead)
{
	struct watch *w, *next;

	list_for_each_entry_safe(w, next, dead, dead) {
		inode_put(w->inode);
		kfree(w);
	}
}

/* Holds: inotify_lock. */
static struct watch *watch_find(const struct inotify *n, const struct inode *i)
{
	struct watch *w = i->watches;

	while (w && w->inotify != n)
		w = w->next;
	return w;
}

/* Holds: inotify_lock. */
static int watch_add(struct inotify *n, struct inode *i, uint32_t mask)
{
	struct watch *w;

	if (notify_watches >= INOTIFY_WATCHES_MAX)
		return -ENOSPC;
	w = kmalloc(sizeof(*w));
	if (!w)
		return -ENOMEM;
	inode_get(i);
	w->inode = i;
	w->inotify = n;
	w->mask = mask;
	w->number = ++n->last;
	w->next = i->watches;
	i->watches = w;
	list_init(&w->dead);
	list_append(&n->watches, &w->link);
	__atomic_add_fetch(&notify_watches, 1, __ATOMIC_RELAXED);
	return w->number;
}

int inotify_watch(struct file *f, struct inode *i, uint32_t mask)
{
	uint32_t kept = mask & (IN_ALL_EVENTS | IN_ONESHOT | IN_EXCL_UNLINK);
	struct inotify *n = f->data;
	struct watch *w;
	int number;

	mutex_lock(&inotify_lock);
	w = watch_find(n, i);
	if (!w) {
		number = watch_add(n, i, kept);
	} else if (mask & IN_MASK_CREATE) {
		number = -EEXIST;
	} else {
		w->mask = mask & IN_MASK_ADD ? w->mask | kept : kept;
		number = w->number;
	}
	mutex_unlock(&inotify_lock);
	return number;
}

int inotify_unwatch(struct file *f, int number)
{
	struct list dead = LIST_INIT(dead);
	struct inotify *n = f->data;
	struct watch *w;
	int error = -EINVAL;

	mutex_lock(&inotify_lock);
	list_for_each_entry(w, &n->watches, link) {
		if (w->number == number) {
			inotify_end(w, &dead);
			error = 0;
			break;
		}
	}
	mutex_unlock(&inotify_lock);
	inotify_dead_free(&dead);
	return error;
}

void notify_unmount_watched(struct super *s)
{
	struct list dead = LIST_INIT(dead);
	struct watch *w, *next;
	struct inotify *n;

	mutex_lock(&inotify_lock);
	list_for_each_entry(n, &instances, all) {
		list_for_each_entry_safe(w, next, &n->watches, link) {
			if (w->inode->super != s)
				continue;
			inotify_queue(n, w->number, IN_UNMOUNT, 0, NULL, 0);
			inotify_end(w, &dead);
		}
	}
	mutex_unlock(&inotify_lock);
	inotify_dead_free(&dead);
}

/* --- the file --------------------------------------------------------------------- */

static int wait_event(struct inotify *n)
{
	struct wait w;
	int error = 0;

	wait_begin(&w, &n->readers, WAIT_IO);
	while (!error && !__atomic_load_n(&n->count, __ATOMIC_ACQUIRE))
		error = wait_sleep(&w) ? -ERESTARTSYS : 0;
	wait_end(&w);
	return error;
}

static int64_t inotify_read(struct file *f, const struct buffer *b, uint64_t *position)
{
	struct inotify *n = f->data;
	size_t done = 0;
	int error = 0;

	for (;;) {
		struct notice *e = notice_take(n, b->length - done, &error);
		size_t size = e ? sizeof(e->event) + e->event.len : 0;

		if (e) {
			error = buffer_put(b, done, &e->event, size);
			kfree(e);
			if (error)
				return done ? (int64_t)done : error;
			done += size;
			continue;
		}
		if (done)
			return (int64_t)done;
		if (!error && f->flags & O_NONBLOCK)
			error = -EAGAIN;
		if (!error)
			error = wait_event(n);
		if (error)
			return error;
	}
}

static unsigned inotify_poll(struct file *f, struct poll *poll)
{
	struct inotify *n = f->data;

	if (poll)
		poll_add(poll, &n->readers);
	return __atomic_load_n(&n->count, __ATOMIC_ACQUIRE) ? POLLIN | POLLRDNORM : 0;
}

static int64_t inotify_ioctl(struct file *f, unsigned request, uint64_t argument)
{
	struct inotify *n = f->data;
	int bytes;

	if (request != FIONREAD)
		return -ENOTTY;
	mutex_lock(&inotify_lock);
	bytes = (int)n->bytes;
	mutex_unlock(&inotify_lock);
	return user_copy_out(argument, &bytes, sizeof(bytes));
}

static void inotify_release(struct file *f)
{
	struct inotify *n = f->data;
	struct list dead = LIST_INIT(dead);
	struct notice *e, *next;

	mutex_lock(&inotify_lock);
	while (!list_empty(&n->watches))
		inotify_end(list_first(&n->watches, struct watch, link), &dead);
	list_remove(&n->all);
	mutex_unlock(&inotify_lock);
	inotify_dead_free(&dead);
	list_for_each_entry_safe(e, next, &n->events, link)
		kfree(e);
	kfree(n);
}

static const struct file_ops inotify_ops = {
	.read = inotify_read,
	.poll = inotify_poll,
	.ioctl = inotify_ioctl,
	.release = inotify_release,
};

bool inotify_is(const struct file *f)
{
	return f->ops == &inotify_ops;
}

static struct inotify *instance_create(uint32_t uid)
{
	struct inotify *n = kmalloc(sizeof(*n));

	if (!n)
		return NULL;
	list_init(&n->watches);
	list_init(&n->events);
	wait_queue_init(&n->readers);
	n->uid = uid;
	return n;
}

/* Count n among its user's; false: they are too many. */
static bool instance_count(struct inotify *n)
{
	struct inotify *other;
	unsigned count = 0;

	mutex_lock(&inotify_lock);
	list_for_each_entry(other, &instances, all)
		count += other->uid == n->uid;
	if (count < INOTIFY_INSTANCES_MAX)
		list_append(&instances, &n->all);
	mutex_unlock(&inotify_lock);
	return count < INOTIFY_INSTANCES_MAX;
}

int inotify_create(uint32_t flags, uint32_t uid, struct file **out)
{
	struct inotify *n = instance_create(uid);
	struct inode *i = n ? anonymous_inode(0600) : NULL;

	if (!i) {
		kfree(n);
		return -ENOMEM;
	}
	list_init(&n->all);
	*out = file_create(i, "anon_inode:inotify", &inotify_ops, O_RDONLY | flags, n);
	if (!*out) {
		kfree(n);
		return -ENFILE;
	}
	if (!instance_count(n)) {
		file_put(*out);
		return -EMFILE;
	}
	return 0;
}
