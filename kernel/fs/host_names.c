/* Names in the host's trees, and the text of links. */
#include <linux/errno.h>

#include "kernel/fs/host.h"
#include "kernel/fs/host_node.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

#define LINK_MAX 4096 /* bytes of a link's text, as Linux's PATH_MAX */

static const struct inode_ops place_ops;

/* Where something of ours is mounted there is a directory even if the host's tree
 * has none. */
static bool is_place(const char *name, size_t length)
{
	static const char *const places[] = { "dev", "proc", "run", "sys", "tmp" };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		if (strlen(places[i]) == length && !memcmp(places[i], name, length))
			return true;
	}
	return false;
}

/* The root of the tree that is the guest's. */
static bool is_root(const struct inode *dir)
{
	const struct host_tree *t = dir->super->data;

	return dir == dir->super->root && strcmp(t->tag, HOST_ROOT_TAG) == 0;
}

static int host_lookup(struct inode *dir, const char *name, size_t length, struct inode **out)
{
	int error = host_local_look(dir, name, length, out);

	if (error)
		error = host_look(dir, name, length, out);

	if (error == -ENOENT && is_root(dir) && is_place(name, length)) {
		*out = inode_create(dir->super, &place_ops, S_IFDIR | 0755);
		return *out ? 0 : -ENOMEM;
	}
	return error;
}

static int nothing_lookup(struct inode *dir, const char *name, size_t length, struct inode **out)
{
	return -ENOENT;
}

static int64_t host_readlink(struct inode *i, char *to, size_t size)
{
	struct host_node *n = host_node(i);
	char *target = __atomic_load_n(&n->target, __ATOMIC_ACQUIRE), *none = NULL;
	size_t length;
	int64_t got;

	if (!target) {
		target = kmalloc(LINK_MAX);
		got = target ? client_readlink(host_client(i), n->fid, target, LINK_MAX - 1)
			     : -ENOMEM;
		if (got < 0) {
			kfree(target);
			return got;
		}
		if (!__atomic_compare_exchange_n(&n->target, &none, target, false, __ATOMIC_ACQ_REL,
						 __ATOMIC_ACQUIRE)) {
			kfree(target);
			target = none;
		}
	}
	length = MIN(strlen(target), size);
	memcpy(to, target, length);
	return (int64_t)length;
}

static bool place_may_change(struct inode *i)
{
	return false;
}

/* The server looks. */
static bool host_empty(struct inode *dir)
{
	return true;
}

const struct inode_ops host_dir_ops = {
	.lookup = host_lookup,
	.create = host_create,
	.link = host_link,
	.unlink = host_unlink,
	.empty = host_empty,
	.rename = host_rename,
	.list = host_list,
	.change = host_change,
	.release = host_release,
};

const struct inode_ops host_link_ops = {
	.readlink = host_readlink,
	.change = host_change,
	.release = host_release,
};

const struct inode_ops host_other_ops = {
	.change = host_change,
	.release = host_release,
};

static const struct inode_ops place_ops = {
	.lookup = nothing_lookup,
	.may_change = place_may_change,
};
