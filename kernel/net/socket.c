/* Sockets: their life, and the file they are. */
#include <asm/ioctls.h>
#include <linux/errno.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/fs/anonymous.h"
#include "kernel/fs/procfs.h"
#include "kernel/lib/restart.h"
#include "kernel/mm/object.h"
#include "kernel/mm/user.h"
#include "kernel/net/socket_state.h"

#define BUFFER_DEFAULT 212992u /* net.core.wmem_default of Linux */

struct mutex socket_links = {
	.waiters = { SPINLOCK_INIT(RANK_WAIT, "wait queue"),
		     LIST_INIT(socket_links.waiters.waiters) },
};

struct wait_queue socket_room = { SPINLOCK_INIT(RANK_WAIT, "wait queue"),
				  LIST_INIT(socket_room.waiters) };

static struct list every = LIST_INIT(every); /* [every_lock] */
static struct spinlock every_lock = SPINLOCK_INIT(RANK_PIPE, "sockets");

struct socket *socket_alloc(int type)
{
	struct socket *s = kmalloc(sizeof(*s));

	if (!s)
		return NULL;
	ref_init(&s->refs, 1);
	s->type = type;
	mutex_init(&s->mutex);
	wait_queue_init(&s->readers);
	wait_queue_init(&s->writers);
	list_init(&s->messages);
	list_init(&s->waiting);
	list_init(&s->waiting_link);
	list_init(&s->bound_link);
	list_init(&s->flight_link);
	spin_lock(&every_lock);
	list_append(&every, &s->all);
	spin_unlock(&every_lock);
	list_init(&s->reach_link);
	s->low_water = 1;
	s->send_size = s->receive_size = BUFFER_DEFAULT;
	s->other.uid = s->other.gid = UINT32_MAX;
	return s;
}

void socket_put(struct socket *s)
{
	if (!s || !ref_put(&s->refs))
		return;
	spin_lock(&every_lock);
	list_remove(&s->all);
	spin_unlock(&every_lock);
	kfree(s);
}

/* A name as /proc shows it: @ for the NUL of an abstract one. */
static void name_show(const struct socket_address *a, struct text *out)
{
	for (unsigned k = 0; k < a->length; k++) {
		char c = a->path[k];

		if (!c && k && k == a->length - 1 && a->path[0])
			break;
		text_bytes(out, c ? &c : "@", 1);
	}
}

/* /proc/net/unix, in the columns of Linux. */
static void sockets_show(struct text *out)
{
	struct socket *s;

	spin_lock(&every_lock);
	list_for_each_entry(s, &every, all) {
		bool listening = s->state == SOCKET_LISTENING;

		text_add(out, "%016lx: %08X %08X %08X %04X %02X %5lu", 0ul, ref_count(&s->refs), 0,
			 listening ? 0x10000 : 0, s->type, s->state == SOCKET_CONNECTED ? 3 : 1,
			 s->file ? s->file->inode->number : 0ul);
		if (s->address.length)
			text_add(out, " ");
		name_show(&s->address, out);
		text_add(out, "\n");
	}
	spin_unlock(&every_lock);
}

void socket_init(void)
{
	procfs_sockets_show = sockets_show;
}

int socket_error_take(struct socket *s)
{
	return __atomic_exchange_n(&s->error, 0, __ATOMIC_ACQ_REL);
}

int socket_wait(struct socket *s, struct wait_queue *q,
		bool (*ready)(struct socket *s, void *argument), void *argument, uint64_t timeout)
{
	uint64_t deadline = timeout ? clock_now() + timeout : 0;
	struct wait w;
	int error = 0;

	wait_begin(&w, q, WAIT_SOCKET);
	while (!error && !ready(s, argument))
		error = wait_sleep_until(&w, deadline);
	wait_end(&w);
	if (error == -ETIMEDOUT)
		return ready(s, argument) ? 0 : -EAGAIN;
	/* With a limit a restart would begin it anew: Linux does not. */
	return error ? timeout ? -EINTR : -ERESTARTSYS : 0;
}

static void messages_drop(struct socket *s, bool *unread)
{
	struct parcel *p, *next;
	struct list all;

	list_init(&all);
	mutex_lock(&s->mutex);
	s->closed = true;
	s->shut = SHUT_RECEIVE | SHUT_SEND;
	list_for_each_entry_safe(p, next, &s->messages, link) {
		list_remove(&p->link);
		list_append(&all, &p->link);
	}
	mutex_unlock(&s->mutex);
	if (s->type == SOCKET_DATAGRAM)
		wait_wake_all(&socket_room);
	*unread = !list_empty(&all);
	/* A passed descriptor may be the last of a socket, which closes here: no lock. */
	list_for_each_entry_safe(p, next, &all, link) {
		list_remove(&p->link);
		parcel_free(p);
	}
}

/* The one at the other end learns of it. */
static void peer_hang_up(struct socket *s, struct socket *peer, bool unread)
{
	if (s->type != SOCKET_DATAGRAM) {
		mutex_lock(&peer->mutex);
		__atomic_store_n(&peer->shut, SHUT_RECEIVE | SHUT_SEND, __ATOMIC_RELEASE);
		mutex_unlock(&peer->mutex);
		if (unread)
			__atomic_store_n(&peer->error, ECONNRESET, __ATOMIC_RELEASE);
	}
	wait_wake_all(&peer->readers);
	wait_wake_all(&peer->writers);
}

void socket_close(struct socket *s)
{
	struct socket *peer, *orphan;
	bool unread;

	mutex_lock(&socket_links);
	socket_unbind(s);
	peer = s->peer;
	s->peer = NULL;
	mutex_unlock(&socket_links);
	messages_drop(s, &unread);
	for (;;) {
		mutex_lock(&socket_links);
		orphan = NULL;
		if (!list_empty(&s->waiting)) {
			orphan = list_first(&s->waiting, struct socket, waiting_link);
			list_remove(&orphan->waiting_link);
			s->waiting_count--;
		}
		mutex_unlock(&socket_links);
		if (!orphan)
			break;
		if (orphan->peer)
			__atomic_store_n(&orphan->peer->error, ECONNRESET, __ATOMIC_RELEASE);
		socket_close(orphan);
	}
	wait_wake_all(&s->writers); /* who waits for room in the backlog */
	if (peer)
		peer_hang_up(s, peer, unread);
	socket_put(peer);
	socket_put(s);
}

/* --- the file -------------------------------------------------------------------- */

static int64_t file_receive(struct file *f, const struct buffer *b, uint64_t *position)
{
	struct socket_message m = { .bytes = b, .wait = !(f->flags & O_NONBLOCK) };
	int64_t n = b->length ? socket_receive(f->data, &m) : 0;

	socket_files_put(m.files, m.file_count);
	return n;
}

static int64_t file_send(struct file *f, const struct buffer *b, uint64_t *position)
{
	struct socket_message m = { .bytes = b, .wait = !(f->flags & O_NONBLOCK) };

	return socket_send(f->data, &m, NULL);
}

/* The receiver of a connected datagram socket takes no more; who polls hears of it. */
static bool peer_full(struct socket *s, struct poll *poll)
{
	bool full = false;

	if (s->type != SOCKET_DATAGRAM || s->state != SOCKET_CONNECTED)
		return false;
	if (poll)
		poll_add(poll, &socket_room);
	mutex_lock(&s->mutex);
	if (s->peer)
		full = socket_queue_full(s->peer, s);
	mutex_unlock(&s->mutex);
	return full;
}

static unsigned socket_poll(struct file *f, struct poll *poll)
{
	struct socket *s = f->data;
	unsigned shut, ready = 0;

	if (poll) {
		poll_add(poll, &s->readers);
		poll_add(poll, &s->writers);
	}
	shut = __atomic_load_n(&s->shut, __ATOMIC_ACQUIRE);
	if (__atomic_load_n(&s->error, __ATOMIC_ACQUIRE))
		ready |= POLLERR;
	if (shut == (SHUT_RECEIVE | SHUT_SEND))
		ready |= POLLHUP;
	if (shut & SHUT_RECEIVE)
		ready |= POLLRDHUP | POLLIN | POLLRDNORM;
	if (s->state == SOCKET_LISTENING)
		return ready | (s->waiting_count ? POLLIN | POLLRDNORM : 0);
	if (!list_empty(&s->messages))
		ready |= POLLIN | POLLRDNORM;
	if (s->type != SOCKET_DATAGRAM && s->state == SOCKET_FRESH)
		ready |= POLLHUP;
	if ((uint64_t)__atomic_load_n(&s->sent, __ATOMIC_ACQUIRE) * 4 <= s->send_size &&
	    !peer_full(s, poll))
		ready |= POLLOUT | POLLWRNORM | POLLWRBAND;
	return ready;
}

/* Bytes a read would give. */
static int bytes_there(struct socket *s)
{
	struct parcel *p;
	size_t n = 0;

	mutex_lock(&s->mutex);
	list_for_each_entry(p, &s->messages, link) {
		n += p->length - p->taken;
		if (s->type != SOCKET_STREAM)
			break;
	}
	mutex_unlock(&s->mutex);
	return (int)n;
}

static int64_t socket_ioctl(struct file *f, unsigned request, uint64_t argument)
{
	struct socket *s = f->data;
	int n;

	if (request != FIONREAD && request != TIOCOUTQ)
		return -ENOTTY;
	if (s->state == SOCKET_LISTENING)
		return -EINVAL;
	n = request == FIONREAD ? bytes_there(s) : (int)s->sent;
	return user_copy_out(argument, &n, sizeof(n));
}

static void socket_release(struct file *f)
{
	struct socket *s = f->data;

	spin_lock(&every_lock);
	s->file = NULL;
	spin_unlock(&every_lock);
	socket_close(s);
	socket_flight_collect();
}

static const struct file_ops socket_ops = {
	.read = file_receive,
	.write = file_send,
	.poll = socket_poll,
	.ioctl = socket_ioctl,
	.release = socket_release,
};

struct socket *socket_of(const struct file *f)
{
	return f->ops == &socket_ops ? f->data : NULL;
}

struct file *socket_file(struct socket *s, uint32_t flags)
{
	struct inode *i = anonymous_inode(S_IFSOCK | 0777);
	struct file *f = i ? file_create(i, NULL, &socket_ops, O_RDWR | flags, s) : NULL;

	if (f)
		s->file = f;
	else
		socket_close(s);
	return f;
}

int socket_create(int type, uint32_t flags, struct file **out)
{
	struct socket *s = socket_alloc(type);

	if (!s)
		return -ENOMEM;
	*out = socket_file(s, flags);
	return *out ? 0 : -ENFILE;
}

int socket_pair(int type, uint32_t flags, struct file *out[2])
{
	struct socket *s[2];
	int error;

	for (unsigned k = 0; k < 2; k++) {
		error = socket_create(type, flags, &out[k]);
		if (error) {
			if (k)
				file_put(out[0]);
			return error;
		}
		s[k] = out[k]->data;
		socket_caller(&s[k]->self);
	}
	for (unsigned k = 0; k < 2; k++) {
		ref_get(&s[!k]->refs);
		s[k]->peer = s[!k];
		s[k]->other = s[!k]->self;
		s[k]->state = SOCKET_CONNECTED;
	}
	return 0;
}
