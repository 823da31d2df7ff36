/* Who is bound to what. */
#include <linux/errno.h>

#include "kernel/lib/string.h"
#include "kernel/mm/object.h"
#include "kernel/net/socket_state.h"

static struct list bound = LIST_INIT(bound); /* [socket_links] */

static bool abstract(const struct socket_address *a)
{
	return a->path[0] == 0;
}

/* Holds: socket_links. */
static struct socket *find_abstract(const struct socket_address *a)
{
	struct socket *s;

	list_for_each_entry(s, &bound, bound_link) {
		if (!s->bound && s->address.length == a->length &&
		    memcmp(s->address.path, a->path, a->length) == 0)
			return s;
	}
	return NULL;
}

static struct socket *find_inode(const struct inode *i)
{
	struct socket *s;

	list_for_each_entry(s, &bound, bound_link) {
		if (s->bound == i)
			return s;
	}
	return NULL;
}

int socket_find(const struct socket_address *a, const struct lookup *l, struct socket **out)
{
	struct path p = { 0 };
	struct inode *i = NULL;
	int error = 0;

	if (!abstract(a)) {
		error = path_lookup(l, a->path, &p);
		if (error)
			return error;
		i = path_inode(&p);
		error = inode_permission(i, l->credentials, MAY_WRITE);
	}
	if (!error) {
		mutex_lock(&socket_links);
		*out = i ? find_inode(i) : find_abstract(a);
		if (*out)
			ref_get(&(*out)->refs);
		else
			error = -ECONNREFUSED;
		mutex_unlock(&socket_links);
	}
	path_put(&p);
	return error;
}

void socket_unbind(struct socket *s)
{
	list_remove(&s->bound_link);
	inode_put(s->bound);
	s->bound = NULL;
}

/* A name nobody has: a NUL and five digits, as Linux.  Holds: socket_links. */
static int name_choose(struct socket_address *a)
{
	static uint32_t last;

	a->length = 6;
	for (uint32_t tries = 0; tries < 1u << 20; tries++) {
		uint32_t n = last++;

		a->path[0] = 0;
		for (unsigned k = 0; k < 5; k++)
			a->path[5 - k] = "0123456789abcdef"[n >> 4 * k & 15];
		if (!find_abstract(a))
			return 0;
	}
	return -ENOSPC;
}

/* Make the name in the file tree; *out gets a reference to its inode. */
static int path_bind(const struct socket_address *a, const struct lookup *l, struct inode **out)
{
	struct path p;
	int error = path_make(l, a->path, S_IFSOCK | 0777, 0);

	if (error)
		return error == -EEXIST ? -EADDRINUSE : error;
	error = path_lookup(l, a->path, &p);
	if (error)
		return error;
	*out = path_inode(&p);
	inode_get(*out);
	path_put(&p);
	return 0;
}

/* Holds: socket_links. */
static int bind_locked(struct socket *s, const struct socket_address *a, struct inode *i)
{
	if (s->address.length)
		return a->length ? -EINVAL : 0;
	if (!i && a->length && find_abstract(a))
		return -EADDRINUSE;
	s->address = *a;
	if (!a->length && name_choose(&s->address))
		return -ENOSPC;
	s->bound = i;
	list_append(&bound, &s->bound_link);
	return 0;
}

void socket_name_own(struct socket *s)
{
	static const struct socket_address none;

	if (!s->pass_credentials || s->address.length)
		return;
	mutex_lock(&socket_links);
	bind_locked(s, &none, NULL); /* without a name left: it goes on without */
	mutex_unlock(&socket_links);
}

int socket_bind(struct socket *s, const struct socket_address *a, const struct lookup *l)
{
	struct inode *i = NULL;
	int error;

	if (a->length && !abstract(a)) {
		error = path_bind(a, l, &i);
		if (error)
			return error;
	}
	mutex_lock(&socket_links);
	error = bind_locked(s, a, i);
	mutex_unlock(&socket_links);
	if (error && i) {
		path_unlink(l, a->path, false);
		inode_put(i);
	}
	return error;
}

void socket_name(struct socket *s, struct socket_address *out)
{
	mutex_lock(&socket_links);
	*out = s->address;
	mutex_unlock(&socket_links);
}

int socket_peer_name(struct socket *s, struct socket_address *out)
{
	int error = 0;

	mutex_lock(&socket_links);
	if (s->peer)
		*out = s->peer->address;
	else
		error = -ENOTCONN;
	mutex_unlock(&socket_links);
	return error;
}
