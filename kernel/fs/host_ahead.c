/* Looking up: one name at the server, or, when a directory is gone through in its
 * order or by name, this one and those that will be wanted next, all at once.  Once
 * a directory is listed, a name that is not in it needs no question at all. */
#include <linux/errno.h>

#include "kernel/fs/host_listing.h"
#include "kernel/mm/object.h"

#define ASKED_MAX    3 /* lookups in a directory before it is listed */
#define GAP_MAX      8 /* entries left out, and still it is gone through */
#define WINDOW_FIRST 8

/* Which way a directory is gone through. */
struct sweep {
	struct listing_entry *const *list;
	uint32_t at;
};

static struct sweep sweep_of(struct host_listing *l, uint32_t sorted)
{
	uint32_t order = l->sorted[sorted]->order;

	if (order - l->next_order < GAP_MAX)
		return (struct sweep){ l->ordered, order };
	if (sorted - l->next_sorted < GAP_MAX)
		return (struct sweep){ l->sorted, sorted };
	return (struct sweep){ NULL, 0 };
}

/* Ask for n entries of the directory. */
static int entries_look(struct inode *dir, struct listing_entry *const *entries, unsigned n)
{
	struct client_found *found = kmalloc(n * sizeof(*found));
	int error;

	if (!found)
		return -ENOMEM;
	for (unsigned i = 0; i < n; i++)
		found[i].name = host_name(dir, entries[i]->name, entries[i]->length);
	client_look(host_client(dir), found, n);
	for (unsigned i = 0; i < n; i++) {
		struct listing_entry *e = entries[i];
		uint64_t name = host_name_hash(dir, e->name, e->length);

		if (!found[i].error)
			found[i].error = host_inode(dir->super, &found[i], name, &e->ahead);
	}
	error = found[0].error;
	kfree(found);
	return error;
}

/* The entry and what a sweep will want next. */
static int entry_ask(struct inode *dir, struct listing_entry *e, const struct sweep *sweep)
{
	struct host_listing *l = host_node(dir)->listing;
	struct listing_entry *wanted[CLIENT_LOOK] = { e };
	unsigned n = 1;

	l->window = sweep->list ? MIN(MAX(2 * l->window, WINDOW_FIRST), CLIENT_LOOK) : 0;
	for (uint32_t i = sweep->at + 1; n < l->window && i < l->count; i++) {
		struct listing_entry *next = sweep->list[i];

		if (!next->removed && !next->ahead && !next->given)
			wanted[n++] = next;
	}
	return entries_look(dir, wanted, n);
}

static int listed_lookup(struct inode *dir, const char *name, size_t length, struct inode **out)
{
	struct host_listing *l = host_node(dir)->listing;
	int64_t at = listing_find(l, name, length);
	struct listing_entry *e;
	struct sweep sweep;
	int error = 0;

	if (at < 0)
		return -ENOENT;
	e = l->sorted[at];
	sweep = sweep_of(l, (uint32_t)at);
	l->next_order = e->order + 1;
	l->next_sorted = (uint32_t)at + 1;
	if (!e->ahead)
		error = entry_ask(dir, e, &sweep);
	e->given = true;
	*out = e->ahead;
	e->ahead = NULL;
	return error;
}

int host_look(struct inode *dir, const char *name, size_t length, struct inode **out)
{
	struct client_found found = { .name = host_name(dir, name, length) };
	struct host_node *n = host_node(dir);

	if (n->unlinked)
		return -ENOENT;
	if (n->listing || (++n->asked > ASKED_MAX && !host_listing_read(dir)))
		return listed_lookup(dir, name, length, out);
	client_look(host_client(dir), &found, 1);
	if (found.error)
		return found.error;
	return host_inode(dir->super, &found, host_name_hash(dir, name, length), out);
}
