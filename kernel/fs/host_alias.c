/* Files with several names.  The server knows a fid by the name that it was walked to:
 * when that name goes, the file needs the fid of another one.  So one is kept for each
 * name that was seen of a file that has more than one. */
#include "kernel/fs/host.h"
#include "kernel/fs/host_node.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

struct host_alias {
	struct host_alias *next;
	uint64_t name;
	uint32_t fid;
};

uint64_t host_name_hash(const struct inode *dir, const char *name, size_t length)
{
	uint64_t h = 0xcbf29ce484222325ull ^ dir->number; /* FNV-1a */

	for (size_t i = 0; i < length; i++)
		h = (h ^ (unsigned char)name[i]) * 0x100000001b3ull;
	return h;
}

/* Where the alias of this name is, or the end.  Holds: n->open_lock. */
static struct host_alias **alias_find(struct host_node *n, uint64_t name)
{
	struct host_alias **at = &n->aliases;

	while (*at && (*at)->name != name)
		at = &(*at)->next;
	return at;
}

/* In a tree that nobody changes one name will do. */
static bool alias_wanted(const struct host_node *n)
{
	const struct host_tree *t = n->inode->super->data;

	return n->inode->links > 1 && strcmp(t->tag, HOST_ROOT_TAG) != 0;
}

void host_alias_add(struct host_node *n, uint64_t name, uint32_t fid)
{
	struct host_alias *a = alias_wanted(n) ? kmalloc(sizeof(*a)) : NULL;

	if (a) {
		mutex_lock(&n->open_lock);
		if (n->name != name && !*alias_find(n, name)) {
			*a = (struct host_alias){ n->aliases, name, fid };
			n->aliases = a;
			a = NULL;
			fid = 0;
		}
		mutex_unlock(&n->open_lock);
		kfree(a);
	}
	if (fid)
		client_clunk(host_client(n->inode), fid);
}

/* Who reads by the old fid may go on: it is kept under no name. */
void host_alias_remove(struct host_node *n, uint64_t name)
{
	struct host_alias *a;
	uint32_t old = n->fid;

	mutex_lock(&n->open_lock);
	a = *alias_find(n, name);
	if (n->name == name)
		for (a = n->aliases; a && !a->name;)
			a = a->next;
	if (a && n->name == name) {
		n->name = a->name;
		__atomic_store_n(&n->opened, false, __ATOMIC_RELEASE);
		__atomic_store_n(&n->fid, a->fid, __ATOMIC_RELEASE);
		a->fid = old;
	}
	if (a)
		a->name = 0;
	mutex_unlock(&n->open_lock);
}

void host_alias_rename(struct host_node *n, uint64_t name, uint64_t to)
{
	struct host_alias *a;

	mutex_lock(&n->open_lock);
	a = *alias_find(n, name);
	if (a)
		a->name = to;
	if (n->name == name)
		n->name = to;
	mutex_unlock(&n->open_lock);
}

void host_alias_free(struct host_node *n)
{
	while (n->aliases) {
		struct host_alias *a = n->aliases;

		n->aliases = a->next;
		client_clunk(host_client(n->inode), a->fid);
		kfree(a);
	}
}
