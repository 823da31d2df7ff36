/* Listening, connecting, accepting, shutting down. */
#include <linux/errno.h>

#include "kernel/mm/object.h"
#include "kernel/net/socket_state.h"

#define BACKLOG_MAX 4096u /* net.core.somaxconn of Linux */

int socket_listen(struct socket *s, int backlog)
{
	int error = 0;

	if (s->type == SOCKET_DATAGRAM)
		return -EOPNOTSUPP;
	mutex_lock(&socket_links);
	if (!s->address.length || s->state == SOCKET_CONNECTED)
		error = -EINVAL;
	if (!error) {
		s->backlog = MIN((unsigned)backlog, BACKLOG_MAX);
		s->state = SOCKET_LISTENING;
		socket_caller(&s->self);
	}
	mutex_unlock(&socket_links);
	wait_wake_all(&s->writers);
	return error;
}

static bool backlog_open(struct socket *s, void *unused)
{
	return s->waiting_count <= s->backlog || s->closed || s->shut & SHUT_RECEIVE;
}

/* Queue `server` at the listener as the other end of s: -EAGAIN if it is full.
 * Holds: socket_links. */
static int link_up(struct socket *s, struct socket *listener, struct socket *server)
{
	if (s->state == SOCKET_CONNECTED)
		return -EISCONN;
	if (s->state == SOCKET_LISTENING)
		return -EINVAL;
	if (listener->state != SOCKET_LISTENING || listener->closed ||
	    listener->shut & SHUT_RECEIVE || list_empty(&listener->bound_link))
		return -ECONNREFUSED;
	if (!backlog_open(listener, NULL))
		return -EAGAIN;
	server->address = listener->address;
	server->self = listener->self;
	socket_caller(&s->self);
	s->other = server->self;
	server->other = s->self;
	server->state = SOCKET_CONNECTED;
	server->pass_credentials = listener->pass_credentials;
	ref_get(&s->refs);
	server->peer = s;
	ref_get(&server->refs);
	s->peer = server;
	__atomic_store_n(&s->state, SOCKET_CONNECTED, __ATOMIC_RELEASE);
	list_append(&listener->waiting, &server->waiting_link);
	listener->waiting_count++;
	return 0;
}

static int connect_stream(struct socket *s, struct socket *listener, bool wait)
{
	struct socket *server = socket_alloc(s->type);
	int error = server ? -EAGAIN : -ENOMEM;

	while (error == -EAGAIN) {
		mutex_lock(&socket_links);
		error = listener->type == s->type ? link_up(s, listener, server) : -EPROTOTYPE;
		mutex_unlock(&socket_links);
		if (error != -EAGAIN || !wait)
			break;
		error = socket_wait(listener, &listener->writers, backlog_open, NULL,
				    s->send_timeout);
		if (!error)
			error = -EAGAIN;
		else if (error == -EAGAIN)
			break;
	}
	if (error)
		socket_put(server);
	else
		wait_wake_all(&listener->readers);
	return error;
}

/* The reference to peer (NULL: none any more) moves in. */
static void peer_set(struct socket *s, struct socket *peer)
{
	struct socket *old;

	mutex_lock(&socket_links);
	mutex_lock(&s->mutex);
	old = s->peer;
	s->peer = peer;
	s->state = peer ? SOCKET_CONNECTED : SOCKET_FRESH;
	mutex_unlock(&s->mutex);
	mutex_unlock(&socket_links);
	socket_put(old);
}

int socket_connect(struct socket *s, const struct socket_address *a, const struct lookup *l,
		   bool wait)
{
	struct socket *to;
	int error;

	if (!a) {
		if (s->type != SOCKET_DATAGRAM)
			return -EINVAL;
		peer_set(s, NULL);
		return 0;
	}
	socket_name_own(s);
	error = socket_find(a, l, &to);
	if (error)
		return error;
	if (s->type != SOCKET_DATAGRAM) {
		error = connect_stream(s, to, wait);
	} else if (to->type != SOCKET_DATAGRAM) {
		error = -EPROTOTYPE;
	} else {
		ref_get(&to->refs);
		peer_set(s, to);
	}
	socket_put(to);
	return error;
}

static bool accept_ready(struct socket *s, void *unused)
{
	return s->waiting_count || s->shut & SHUT_RECEIVE;
}

static struct socket *waiting_take(struct socket *s)
{
	struct socket *server = NULL;

	mutex_lock(&socket_links);
	if (!list_empty(&s->waiting)) {
		server = list_first(&s->waiting, struct socket, waiting_link);
		list_remove(&server->waiting_link);
		s->waiting_count--;
	}
	mutex_unlock(&socket_links);
	return server;
}

int socket_accept(struct socket *s, bool wait, uint32_t flags, struct file **out)
{
	struct socket *server;
	int error;

	if (s->type == SOCKET_DATAGRAM)
		return -EOPNOTSUPP;
	if (s->state != SOCKET_LISTENING)
		return -EINVAL;
	while (!(server = waiting_take(s))) {
		if (s->shut & SHUT_RECEIVE)
			return -EINVAL;
		if (!wait)
			return -EAGAIN;
		error = socket_wait(s, &s->readers, accept_ready, NULL, s->receive_timeout);
		if (error)
			return error;
	}
	wait_wake_all(&s->writers);
	*out = socket_file(server, flags);
	return *out ? 0 : -ENFILE;
}

static void shut(struct socket *s, unsigned what)
{
	mutex_lock(&s->mutex);
	__atomic_or_fetch(&s->shut, what, __ATOMIC_RELEASE);
	mutex_unlock(&s->mutex);
	wait_wake_all(&s->readers);
	wait_wake_all(&s->writers);
	if (s->type == SOCKET_DATAGRAM)
		wait_wake_all(&socket_room);
}

int socket_shutdown(struct socket *s, unsigned how)
{
	unsigned mirrored =
		(how & SHUT_RECEIVE ? SHUT_SEND : 0) | (how & SHUT_SEND ? SHUT_RECEIVE : 0);
	struct socket *peer;

	mutex_lock(&socket_links);
	peer = s->type == SOCKET_DATAGRAM ? NULL : s->peer;
	if (peer)
		ref_get(&peer->refs);
	mutex_unlock(&socket_links);
	shut(s, how);
	if (peer)
		shut(peer, mirrored);
	socket_put(peer);
	return 0;
}
