/* Sending and receiving. */
#include <linux/errno.h>

#include "kernel/lib/string.h"
#include "kernel/mm/object.h"
#include "kernel/net/socket_flags.h"
#include "kernel/net/socket_state.h"

#define CHUNK    (4 * PAGE_SIZE - sizeof(struct parcel)) /* of a stream, in one parcel */
#define HEADROOM 32u /* of the send buffer no packet may use, as Linux */

void socket_files_put(struct file **files, unsigned count)
{
	for (unsigned k = 0; files && k < count; k++)
		file_put(files[k]);
	kfree(files);
}

static uint32_t charge(const struct parcel *p)
{
	return (uint32_t)(p->length + sizeof(*p));
}

void parcel_free(struct parcel *p)
{
	struct socket *sender = p->sender;

	if (p->file_count)
		socket_flight_end(p->files, p->file_count);
	socket_files_put(p->files, p->file_count);
	__atomic_fetch_sub(&sender->sent, charge(p), __ATOMIC_ACQ_REL);
	wait_wake_all(&sender->writers);
	socket_put(sender);
	kfree(p->from);
	kfree(p);
}

/* --- sending --------------------------------------------------------------------- */

/* n bytes of m from `at` on, as sent by s; what m passes along moves in. */
static int parcel_create(struct socket *s, struct socket_message *m, size_t at, size_t n,
			 struct parcel **out)
{
	struct parcel *p = kmalloc(sizeof(*p) + n);

	if (!p)
		return -ENOBUFS;
	p->length = n;
	if (s->type == SOCKET_DATAGRAM && s->address.length) {
		p->from = kmalloc(sizeof(*p->from));
		if (p->from)
			socket_name(s, p->from);
	}
	if (buffer_get(m->bytes, at, p->bytes, n)) {
		kfree(p->from);
		kfree(p);
		return -EFAULT;
	}
	if (m->has_identity)
		p->identity = m->identity;
	else
		socket_caller(&p->identity);
	p->files = m->files;
	p->file_count = m->file_count;
	m->files = NULL;
	m->file_count = 0;
	if (p->file_count)
		socket_flight_begin(p->files, p->file_count);
	p->sender = s;
	ref_get(&s->refs);
	__atomic_fetch_add(&s->sent, charge(p), __ATOMIC_ACQ_REL);
	*out = p;
	return 0;
}

static bool may_send(const struct socket *s, size_t n)
{
	uint32_t sent = __atomic_load_n(&s->sent, __ATOMIC_ACQUIRE);

	return s->type == SOCKET_STREAM ? sent < s->send_size : !sent || sent + n <= s->send_size;
}

static bool send_ready(struct socket *s, void *size)
{
	return may_send(s, *(size_t *)size) || s->shut & SHUT_SEND || s->error;
}

/* Until n bytes fit into the send buffer. */
static int room_wait(struct socket *s, size_t n, bool wait)
{
	while (!may_send(s, n)) {
		int error;

		if (!wait)
			return -EAGAIN;
		error = socket_wait(s, &s->writers, send_ready, &n, s->send_timeout);
		if (error)
			return error;
		if (s->error)
			return -socket_error_take(s);
		if (s->shut & SHUT_SEND)
			return -EPIPE;
	}
	return 0;
}

/* p moves in, or is freed. */
static int deliver(struct socket *to, struct parcel *p)
{
	int error = 0;

	mutex_lock(&to->mutex);
	if (to->closed)
		error = to->type == SOCKET_DATAGRAM ? -ECONNREFUSED : -EPIPE;
	else if (to->shut & SHUT_RECEIVE)
		error = -EPIPE;
	else {
		list_append(&to->messages, &p->link);
		__atomic_store_n(&to->queued, to->queued + 1, __ATOMIC_RELEASE);
	}
	mutex_unlock(&to->mutex);
	if (error)
		parcel_free(p);
	else
		wait_wake_all(&to->readers);
	return error;
}

struct room { /* for a datagram from a socket to another */
	struct socket *to;
	bool nobody; /* it is closed, or receives no more */
};

static bool receiver_ready(struct socket *s, void *room)
{
	struct room *r = room;

	r->nobody = r->to->closed || r->to->shut & SHUT_RECEIVE;
	return r->nobody || !socket_queue_full(r->to, s) || s->shut & SHUT_SEND;
}

/* Until `to` takes another datagram. */
static int receiver_wait(struct socket *s, struct socket *to, bool wait)
{
	struct room r = { .to = to };
	bool ready = receiver_ready(s, &r);

	if (s->type != SOCKET_DATAGRAM || ready)
		return 0;
	if (!wait)
		return -EAGAIN;
	return socket_wait(s, &socket_room, receiver_ready, &r, s->send_timeout);
}

/* One parcel of n bytes. */
static int send_part(struct socket *s, struct socket *to, struct socket_message *m, size_t at,
		     size_t n)
{
	struct parcel *p;
	int error = s->shut & SHUT_SEND ? -EPIPE : room_wait(s, n, m->wait);

	if (!error)
		error = parcel_create(s, m, at, n, &p);
	return error ? error : deliver(to, p);
}

static int64_t send_stream(struct socket *s, struct socket *to, struct socket_message *m)
{
	size_t done = 0, length = m->bytes->length;
	int error = s->shut & SHUT_SEND ? -EPIPE : 0;

	while (!error && done < length) {
		size_t n = MIN(length - done, CHUNK);

		error = send_part(s, to, m, done, n);
		if (!error)
			done += n;
	}
	return done ? (int64_t)done : error;
}

static int64_t send_packet(struct socket *s, struct socket *to, struct socket_message *m)
{
	size_t length = m->bytes->length;
	int error;

	if (length > s->send_size - HEADROOM)
		return -EMSGSIZE;
	if (s->type == SOCKET_DATAGRAM && to->peer && to->peer != s)
		return -EPERM;
	error = receiver_wait(s, to, m->wait);
	if (!error)
		error = send_part(s, to, m, 0, length);
	return error ? error : (int64_t)length;
}

/* Where a message without an address goes, with a reference. */
static struct socket *peer_get(struct socket *s)
{
	struct socket *peer;

	mutex_lock(&s->mutex);
	peer = s->peer;
	if (peer)
		ref_get(&peer->refs);
	mutex_unlock(&s->mutex);
	return peer;
}

static int receiver_get(struct socket *s, const struct socket_message *m, const struct lookup *l,
			struct socket **to)
{
	int error;

	if (m->to && s->type == SOCKET_STREAM)
		return s->state == SOCKET_CONNECTED ? -EISCONN : -EOPNOTSUPP;
	if (!m->to || s->type != SOCKET_DATAGRAM) {
		*to = s->state == SOCKET_CONNECTED ? peer_get(s) : NULL;
		return *to ? 0 : -ENOTCONN;
	}
	error = socket_find(m->to, l, to);
	if (!error && (*to)->type != s->type) {
		socket_put(*to);
		error = -EPROTOTYPE;
	}
	return error;
}

int64_t socket_send(struct socket *s, struct socket_message *m, const struct lookup *l)
{
	struct socket *to;
	int64_t n;

	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (s->type != SOCKET_STREAM) {
		n = -socket_error_take(s);
		if (n)
			return n;
	}
	socket_name_own(s);
	n = receiver_get(s, m, l, &to);
	if (n)
		return n;
	n = s->type == SOCKET_STREAM ? send_stream(s, to, m) : send_packet(s, to, m);
	socket_put(to);
	return n;
}

/* --- receiving ------------------------------------------------------------------- */

/* What came with p goes to m; a look (MSG_PEEK) leaves it there, too. */
static int files_take(struct socket_message *m, struct parcel *p, bool peek)
{
	if (!p->file_count)
		return 0;
	if (peek) {
		m->files = kmalloc(p->file_count * sizeof(m->files[0]));
		if (!m->files)
			return -ENOMEM;
		for (unsigned k = 0; k < p->file_count; k++) {
			m->files[k] = p->files[k];
			file_get(p->files[k]);
		}
		m->file_count = p->file_count;
		return 0;
	}
	m->files = p->files;
	m->file_count = p->file_count;
	p->files = NULL;
	p->file_count = 0;
	return 0;
}

static bool same_identity(const struct socket_identity *a, const struct socket_identity *b)
{
	return a->pid == b->pid && a->uid == b->uid && a->gid == b->gid;
}

/* p was read to its end.  Holds: s->mutex. */
static void parcel_used(struct socket *s, struct parcel *p, struct list *used)
{
	list_remove(&p->link);
	list_append(used, &p->link);
	__atomic_store_n(&s->queued, s->queued - 1, __ATOMIC_RELEASE);
	if (s->type == SOCKET_DATAGRAM && s->queued == DATAGRAMS_MOST)
		wait_wake_all(&socket_room);
}

/* As much as is there, from parcels that may run together; the ones read to their
 * end move to `used`.  Holds: s->mutex. */
static int64_t take_stream(struct socket *s, struct socket_message *m, size_t done,
			   struct list *used)
{
	bool peek = m->flags & MSG_PEEK, first = done == 0;
	struct parcel *p, *next;
	size_t begin = done;

	list_for_each_entry_safe(p, next, &s->messages, link) {
		size_t n = MIN(m->bytes->length - done, p->length - p->taken);
		bool had_files = p->file_count;
		int error;

		if (!first && (p->file_count || m->files))
			break;
		if (!first && s->pass_credentials && !same_identity(&m->identity, &p->identity))
			break;
		error = buffer_put(m->bytes, done, p->bytes + p->taken, n);
		if (!error)
			error = files_take(m, p, peek);
		if (error)
			return done > begin ? (int64_t)(done - begin) : error;
		m->identity = p->identity;
		first = false;
		done += n;
		if (!peek) {
			p->taken += n;
			if (p->taken == p->length)
				parcel_used(s, p, used);
		}
		if (had_files || done == m->bytes->length)
			break;
	}
	return (int64_t)(done - begin);
}

/* The oldest packet.  Holds: s->mutex. */
static int64_t take_packet(struct socket *s, struct socket_message *m, struct list *used)
{
	struct parcel *p = list_first(&s->messages, struct parcel, link);
	size_t n = MIN(m->bytes->length, p->length);
	bool peek = m->flags & MSG_PEEK, whole = m->flags & MSG_TRUNC;
	int error = buffer_put(m->bytes, 0, p->bytes, n);

	if (!error)
		error = files_take(m, p, peek);
	m->identity = p->identity;
	if (p->from)
		m->from = *p->from;
	m->flags = p->length > n ? MSG_TRUNC : 0;
	if (!peek)
		parcel_used(s, p, used);
	if (error)
		return error;
	return (int64_t)(whole ? p->length : n);
}

static bool receive_ready(struct socket *s, void *unused)
{
	return !list_empty(&s->messages) || s->shut & SHUT_RECEIVE || s->error;
}

/* One look at the queue: -EAGAIN if there is nothing, *over if there never will be. */
static int64_t receive_some(struct socket *s, struct socket_message *m, size_t done, bool *over)
{
	struct parcel *p, *next;
	struct list used;
	int64_t n = -EAGAIN;

	list_init(&used);
	mutex_lock(&s->mutex);
	if (!list_empty(&s->messages))
		n = s->type == SOCKET_STREAM ? take_stream(s, m, done, &used)
					     : take_packet(s, m, &used);
	else
		*over = s->shut & SHUT_RECEIVE;
	mutex_unlock(&s->mutex);
	list_for_each_entry_safe(p, next, &used, link) {
		list_remove(&p->link);
		parcel_free(p);
	}
	return n;
}

/* Nothing is there: wait, or say why not. */
static int receive_wait(struct socket *s, const struct socket_message *m, bool over)
{
	int error = socket_error_take(s);

	if (error)
		return -error;
	if (over)
		return 0;
	if (!m->wait)
		return -EAGAIN;
	error = socket_wait(s, &s->readers, receive_ready, NULL, s->receive_timeout);
	return error ? error : 1;
}

int64_t socket_receive(struct socket *s, struct socket_message *m)
{
	bool all = s->type == SOCKET_STREAM && m->flags & MSG_WAITALL && !(m->flags & MSG_PEEK);
	bool over = false, peek = m->flags & MSG_PEEK;
	size_t done = 0;
	int64_t n;
	int go;

	if (m->flags & MSG_OOB)
		return s->type == SOCKET_STREAM ? -EINVAL : -EOPNOTSUPP;
	if (s->type != SOCKET_DATAGRAM && s->state != SOCKET_CONNECTED)
		return s->type == SOCKET_STREAM ? -EINVAL : -ENOTCONN;
	for (;;) {
		n = receive_some(s, m, done, &over);
		if (n > 0)
			done += (size_t)n;
		if (n >= 0 && (!all || done == m->bytes->length || m->files))
			break;
		if (n < 0 && n != -EAGAIN)
			break;
		if (n >= 0)
			continue;
		go = receive_wait(s, m, over);
		if (go <= 0) {
			n = go;
			break;
		}
	}
	if (m->file_count && !peek)
		socket_flight_end(m->files, m->file_count);
	if (s->type == SOCKET_STREAM)
		m->flags = 0;
	return done && s->type == SOCKET_STREAM ? (int64_t)done : n;
}
