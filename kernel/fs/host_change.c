/* Changing names and attributes: the server first, then what is kept here.  All hold
 * the locks that inode_ops promises. */
#include <linux/errno.h>

#include "kernel/fs/host_node.h"

/* --- attributes --------------------------------------------------------------------- */

static uint32_t what_set(uint32_t what)
{
	return (what & CHANGE_MODE ? HOST_SET_MODE : 0) | (what & CHANGE_UID ? HOST_SET_UID : 0) |
	       (what & CHANGE_GID ? HOST_SET_GID : 0) | (what & CHANGE_SIZE ? HOST_SET_SIZE : 0) |
	       (what & CHANGE_ATIME ? HOST_SET_ATIME | HOST_SET_ATIME_SET : 0) |
	       (what & CHANGE_MTIME ? HOST_SET_MTIME | HOST_SET_MTIME_SET : 0);
}

static int change_send(struct inode *i, const struct inode_change *c)
{
	const struct host_change change = {
		.what = what_set(c->what),
		.mode = c->mode,
		.uid = c->uid,
		.gid = c->gid,
		.size = c->size,
		.atime = c->atime,
		.mtime = c->mtime,
	};

	return client_change(host_client(i), host_node(i)->fid, &change);
}

/* Under the lock nothing is written behind the new end. */
static int size_change(struct inode *i, const struct inode_change *c)
{
	struct host_node *n = host_node(i);
	int error = 0;

	mutex_lock(&n->open_lock);
	if (!n->unlinked)
		error = change_send(i, c);
	if (!error) {
		__atomic_store_n(&i->size, c->size, __ATOMIC_RELEASE);
		pages_resize(i->pages, c->size);
		__atomic_store_n(&n->backed, MIN(n->backed, c->size), __ATOMIC_RELAXED);
	}
	mutex_unlock(&n->open_lock);
	return error;
}

/* What is written later would change the times again. */
int host_change(struct inode *i, const struct inode_change *c)
{
	struct host_node *n = host_node(i);

	if (c->what & CHANGE_SIZE)
		return size_change(i, c);
	if (n->unlinked)
		return 0;
	if (c->what & CHANGE_MTIME && S_ISREG(i->mode))
		n->error = host_flush(n);
	return change_send(i, c);
}

/* --- names -------------------------------------------------------------------------- */

/* Make it at the server; a regular file is then open, by *fid. */
static int make(struct inode *dir, const struct client_name *at, const struct inode_birth *birth,
		uint32_t *fid)
{
	struct client *client = host_client(dir);
	uint32_t mode = birth->mode & 07777;

	switch (birth->mode & S_IFMT) {
	case S_IFREG:
		return client_create(client, at, mode, birth->gid, fid);
	case S_IFDIR:
		return client_mkdir(client, at, mode, birth->gid);
	case S_IFLNK:
		return client_symlink(client, at, birth->target, birth->gid);
	default:
		return client_mknod(client, at, birth->mode, birth->device, birth->gid);
	}
}

/* The owner is the server's user, who may be unable to give the file away. */
static void owner_set(struct inode *i, uint32_t uid)
{
	const struct inode_change change = { .what = CHANGE_UID, .uid = uid };

	if (i->uid != uid && !change_send(i, &change))
		i->uid = uid;
}

int host_create(struct inode *dir, const char *name, size_t length, const struct inode_birth *birth,
		struct inode **out)
{
	const struct client_name at = host_name(dir, name, length);
	struct client *client = host_client(dir);
	struct client_found found = { .name = at };
	uint32_t open_fid = 0;
	int error = host_node(dir)->unlinked ? -ENOENT : make(dir, &at, birth, &open_fid);

	if (error == -ENXIO && !S_ISREG(birth->mode) && !S_ISDIR(birth->mode)) {
		error = host_local_create(dir, name, length, birth, out);
		if (!error)
			host_listing_add(dir, name, length, *out);
		return error;
	}
	if (error)
		return error;
	client_look(client, &found, 1);
	error = found.error;
	if (!error)
		error = host_inode(dir->super, &found, host_name_hash(dir, name, length), out);
	if (!error && S_ISREG((*out)->mode)) {
		host_node(*out)->write_reads = true;
		host_node(*out)->write_fid = open_fid;
	} else if (open_fid) {
		client_clunk(client, open_fid);
	}
	if (error)
		return error;
	owner_set(*out, birth->uid);
	if (S_ISDIR((*out)->mode))
		dir->links++;
	host_listing_add(dir, name, length, *out);
	inode_touch(dir);
	return 0;
}

int host_link(struct inode *dir, const char *name, size_t length, struct inode *i)
{
	const struct client_name at = host_name(dir, name, length);
	struct host_qid qid;
	uint32_t fid;
	int error =
		host_is_local(i) ? -EPERM : client_link(host_client(dir), &at, host_node(i)->fid);

	if (error)
		return error;
	__atomic_fetch_add(&i->links, 1, __ATOMIC_RELAXED);
	if (!client_walk(host_client(dir), &at, &fid, &qid))
		host_alias_add(host_node(i), host_name_hash(dir, name, length), fid);
	i->ctime = inode_now();
	host_listing_add(dir, name, length, i);
	inode_touch(dir);
	return 0;
}

/* One name less for i, this one.  Without any, it lives on in memory and by the fids that are
 * open: the server knows the others by name. */
static void name_gone(struct inode *i, uint64_t name)
{
	struct host_node *n = host_node(i);

	if (host_is_local(i)) {
		i->links = 0;
		return;
	}
	i->links = S_ISDIR(i->mode) ? 0 : i->links - MIN(i->links, 1);
	i->ctime = inode_now();
	if (i->links) {
		host_alias_remove(n, name);
		return;
	}
	__atomic_store_n(&n->unlinked, true, __ATOMIC_RELEASE);
	host_forget(n);
}

int host_unlink(struct inode *dir, const char *name, size_t length, struct inode *i)
{
	const struct client_name at = host_name(dir, name, length);
	bool directory = S_ISDIR(i->mode);
	int error = host_is_local(i) ? 0 : client_unlink(host_client(dir), &at, directory);

	if (error)
		return error;
	host_local_remove(dir, name, length);
	name_gone(i, host_name_hash(dir, name, length));
	if (directory)
		dir->links--;
	host_listing_remove(dir, name, length);
	inode_touch(dir);
	return 0;
}

/* i, which lives here only, gets a name more; what has it at the server goes. */
static int local_rename(struct inode *to, const struct client_name *name, struct inode *i,
			struct inode *victim)
{
	int error = 0;

	if (victim && !host_is_local(victim))
		error = client_unlink(host_client(to), name, S_ISDIR(victim->mode));
	if (error)
		return error;
	if (victim)
		host_local_remove(to, name->text, name->length);
	return host_local_put(to, name->text, name->length, i);
}

int host_rename(struct inode *from, const char *name, size_t length, struct inode *i,
		struct inode *to, const char *new_name, size_t new_length, struct inode *victim,
		struct inode *left)
{
	const struct client_name old = host_name(from, name, length);
	const struct client_name new = host_name(to, new_name, new_length);
	int error;

	if (left) /* the protocol has no such thing */
		return -EINVAL;
	error = host_is_local(i) ? local_rename(to, &new, i, victim)
				 : client_rename(host_client(from), &old, &new);
	if (error)
		return error;
	if (host_is_local(i))
		host_local_remove(from, name, length);
	else if (victim && host_is_local(victim))
		host_local_remove(to, new_name, new_length);
	if (victim) {
		if (S_ISDIR(victim->mode))
			to->links--;
		name_gone(victim, host_name_hash(to, new_name, new_length));
		host_listing_remove(to, new_name, new_length);
	}
	if (S_ISDIR(i->mode)) {
		from->links--;
		to->links++;
	}
	if (!host_is_local(i))
		host_alias_rename(host_node(i), host_name_hash(from, name, length),
				  host_name_hash(to, new_name, new_length));
	host_listing_remove(from, name, length);
	host_listing_add(to, new_name, new_length, i);
	i->ctime = inode_now();
	inode_touch(from);
	inode_touch(to);
	return 0;
}
