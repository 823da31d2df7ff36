/* FIFOs, sockets and devices that the host's server cannot make (QEMU's does not open
 * what is no file or directory): they live here, beside the names of the server's, as
 * long as the tree is mounted.  A directory that has some is kept. */
#include <linux/errno.h>

#include "kernel/fs/host_node.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

#define LOCAL_NUMBERS (1ull << 61) /* no file of the host's has such a number */

static uint64_t last_number; /* [a] */

struct host_local {
	struct host_local *next;
	struct inode *inode; /* reference */
	size_t length;
	char name[];
};

static const struct inode_ops local_ops; /* the inode is all there is */

bool host_is_local(const struct inode *i)
{
	return i->ops == &local_ops;
}

static struct host_local **local_find(struct host_node *n, const char *name, size_t length)
{
	struct host_local **at = &n->locals;

	while (*at && ((*at)->length != length || memcmp((*at)->name, name, length) != 0))
		at = &(*at)->next;
	return at;
}

/* The directory stays as long as the tree. */
static void directory_keep(struct inode *dir)
{
	struct host_tree *t = dir->super->data;
	struct host_node *n = host_node(dir), *first;

	if (n->kept)
		return;
	n->kept = true;
	inode_get(dir);
	first = __atomic_load_n(&t->kept, __ATOMIC_RELAXED);
	do
		n->next_kept = first;
	while (!__atomic_compare_exchange_n(&t->kept, &first, n, true, __ATOMIC_ACQ_REL,
					    __ATOMIC_RELAXED));
}

int host_local_put(struct inode *dir, const char *name, size_t length, struct inode *i)
{
	struct host_local *l = kmalloc(sizeof(*l) + length);

	if (!l)
		return -ENOSPC;
	memcpy(l->name, name, length);
	l->length = length;
	inode_get(i);
	l->inode = i;
	l->next = host_node(dir)->locals;
	host_node(dir)->locals = l;
	directory_keep(dir);
	return 0;
}

int host_local_create(struct inode *dir, const char *name, size_t length,
		      const struct inode_birth *birth, struct inode **out)
{
	struct inode *i = inode_create(dir->super, &local_ops, birth->mode);
	int error;

	if (!i)
		return -ENOSPC;
	i->number = LOCAL_NUMBERS + __atomic_add_fetch(&last_number, 1, __ATOMIC_RELAXED);
	i->uid = birth->uid;
	i->gid = birth->gid;
	i->device = birth->device;
	error = host_local_put(dir, name, length, i);
	if (error) {
		inode_put(i);
		return error;
	}
	*out = i;
	return 0;
}

int host_local_look(struct inode *dir, const char *name, size_t length, struct inode **out)
{
	struct host_local *l = *local_find(host_node(dir), name, length);

	if (!l)
		return -ENOENT;
	inode_get(l->inode);
	*out = l->inode;
	return 0;
}

void host_local_remove(struct inode *dir, const char *name, size_t length)
{
	struct host_local **at = local_find(host_node(dir), name, length), *l = *at;

	if (!l)
		return;
	*at = l->next;
	inode_put(l->inode);
	kfree(l);
}

void host_local_list(struct inode *dir)
{
	for (struct host_local *l = host_node(dir)->locals; l; l = l->next)
		host_listing_add(dir, l->name, l->length, l->inode);
}

void host_local_end(struct host_tree *t)
{
	while (t->kept) {
		struct host_node *n = t->kept;

		t->kept = n->next_kept;
		while (n->locals)
			host_local_remove(n->inode, n->locals->name, n->locals->length);
		inode_put(n->inode);
	}
}
