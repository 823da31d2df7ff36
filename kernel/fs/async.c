/* O_ASYNC: from a file's wake-ups to a signal.
 *
 * Locks: async_lock (sleeps; settings, and a file while the thread looks at it), then
 * the ready list's spin lock, which wake-ups take. */
#include "kernel/fs/async.h"

#include <linux/signal.h>
#include <linux/errno.h>

#include "kernel/lib/assert.h"
#include "kernel/mm/object.h"

struct async {
	struct file *file; /* [I] no reference: see async_forget */
	struct async_owner owner;
	int signal, fd;
	struct poll *poll;      /* NULL: off */
	unsigned seen;          /* POLL* bits at the last look */
	struct list ready_link; /* [ready_lock] */
};

void (*async_send)(const struct async_owner *o, int sig, const struct siginfo *info);

static struct list ready = LIST_INIT(ready);
static struct spinlock ready_lock = SPINLOCK_INIT(RANK_WAIT, "async");
static struct wait_queue ready_wait = { SPINLOCK_INIT(RANK_WAIT, "wait queue"),
					LIST_INIT(ready_wait.waiters) };
static struct mutex async_lock = {
	.waiters = { SPINLOCK_INIT(RANK_WAIT, "wait queue"),
		     LIST_INIT(async_lock.waiters.waiters) },
};

static void woken(void *owner)
{
	struct async *a = owner;
	uint64_t flags = spin_lock_irq(&ready_lock);

	if (list_empty(&a->ready_link))
		list_append(&ready, &a->ready_link);
	spin_unlock_irq(&ready_lock, flags);
	wait_wake_all(&ready_wait);
}

static struct async *ready_take(void)
{
	struct async *a = NULL;
	uint64_t flags = spin_lock_irq(&ready_lock);

	if (!list_empty(&ready)) {
		a = list_first(&ready, struct async, ready_link);
		list_remove(&a->ready_link);
	}
	spin_unlock_irq(&ready_lock, flags);
	return a;
}

/* One signal for what is new; input always is.  Holds: async_lock. */
static void look(struct async *a)
{
	unsigned now = file_poll(a->file, NULL), fresh = now & (~a->seen | POLLIN);
	siginfo_t info = { .si_signo = a->signal };

	a->seen = now;
	if (!(fresh & (POLLIN | POLLOUT | POLLHUP | POLLERR)) || !a->owner.id)
		return;
	info.si_code = fresh & POLLIN ? POLL_IN : fresh & POLLOUT ? POLL_OUT : POLL_HUP;
	info.si_band = fresh & POLLIN ? POLLIN | POLLRDNORM : fresh;
	info.si_fd = a->fd;
	async_send(&a->owner, a->signal ? a->signal : SIGIO, a->signal ? &info : NULL);
}

static void run(void *unused)
{
	for (;;) {
		struct async *a;
		struct wait w;

		mutex_lock(&async_lock);
		a = ready_take();
		if (a && a->poll)
			look(a);
		mutex_unlock(&async_lock);
		if (a)
			continue;
		wait_begin(&w, &ready_wait, WAIT_IO);
		if (list_empty(&ready))
			wait_sleep(&w);
		wait_end(&w);
	}
}

void async_start(void)
{
	struct thread *t = thread_create_kernel("async", run, NULL);

	KASSERT(t);
	thread_start(t);
}

/* Holds: async_lock. */
static struct async *async_of(struct file *f)
{
	if (f->async)
		return f->async;
	f->async = kmalloc(sizeof(*f->async));
	if (f->async) {
		f->async->file = f;
		list_init(&f->async->ready_link);
	}
	return f->async;
}

int async_owner_set(struct file *f, const struct async_owner *o)
{
	struct async *a;

	mutex_lock(&async_lock);
	a = async_of(f);
	if (a)
		a->owner = *o;
	mutex_unlock(&async_lock);
	return a ? 0 : -ENOMEM;
}

int async_owner_default(struct file *f, const struct async_owner *o)
{
	struct async *a;

	mutex_lock(&async_lock);
	a = async_of(f);
	if (a && !a->owner.id)
		a->owner = *o;
	mutex_unlock(&async_lock);
	return a ? 0 : -ENOMEM;
}

void async_owner_clear(struct file *f)
{
	mutex_lock(&async_lock);
	if (f->async) {
		f->async->owner = (struct async_owner){ .type = F_OWNER_PID };
		f->async->signal = 0;
	}
	mutex_unlock(&async_lock);
}

void async_owner_get(const struct file *f, struct async_owner *out)
{
	mutex_lock(&async_lock);
	*out = f->async ? f->async->owner : (struct async_owner){ .type = F_OWNER_PID };
	mutex_unlock(&async_lock);
}

int async_signal_set(struct file *f, int sig)
{
	struct async *a;

	mutex_lock(&async_lock);
	a = async_of(f);
	if (a)
		a->signal = sig;
	mutex_unlock(&async_lock);
	return a ? 0 : -ENOMEM;
}

int async_signal_get(const struct file *f)
{
	int sig;

	mutex_lock(&async_lock);
	sig = f->async ? f->async->signal : 0;
	mutex_unlock(&async_lock);
	return sig;
}

/* Holds: async_lock. */
static int begin(struct async *a, int fd)
{
	a->fd = fd;
	if (a->poll)
		return 0;
	a->poll = poll_create_watch(woken, a);
	if (!a->poll)
		return -ENOMEM;
	a->seen = file_poll(a->file, a->poll);
	return poll_failed(a->poll) ? -ENOMEM : 0;
}

/* Holds: async_lock. */
static void end(struct async *a)
{
	uint64_t flags;

	if (a->poll)
		poll_free(a->poll);
	a->poll = NULL;
	flags = spin_lock_irq(&ready_lock);
	list_remove(&a->ready_link);
	spin_unlock_irq(&ready_lock, flags);
}

int async_enable(struct file *f, int fd, bool on)
{
	struct async *a;
	int error = 0;

	if (!f->ops->poll || (!on && !f->async))
		return 0; /* as Linux: the flag is kept, and nothing comes of it */
	mutex_lock(&async_lock);
	a = async_of(f);
	if (!a)
		error = -ENOMEM;
	else if (on)
		error = begin(a, fd);
	if (a && (!on || error))
		end(a);
	mutex_unlock(&async_lock);
	return error;
}

void async_tell(struct file *f, int fd)
{
	siginfo_t info = { .si_code = POLL_MSG };
	struct async *a;

	info.si_band = POLLIN | POLLRDNORM | POLLMSG;
	info.si_fd = fd;
	mutex_lock(&async_lock);
	a = f->async;
	if (a && a->owner.id) {
		info.si_signo = a->signal;
		async_send(&a->owner, a->signal ? a->signal : SIGIO, a->signal ? &info : NULL);
	}
	mutex_unlock(&async_lock);
}

void async_forget(struct file *f)
{
	if (!f->async)
		return;
	mutex_lock(&async_lock);
	end(f->async);
	mutex_unlock(&async_lock);
	kfree(f->async);
}
