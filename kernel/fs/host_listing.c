/* Listing directories: all entries are read when they are first wanted, and kept up
 * with what we change.  A position is 2 (after "." and "..") plus the place in the
 * server's order, which stays as it is. */
#include "kernel/fs/host_listing.h"

#include <linux/errno.h>
#include <linux/fcntl.h>

#include "kernel/lib/string.h"

#define POSITION_FIRST 2
#define ENTRIES_LIMIT  4000000 /* more is no directory but a server gone mad */

static bool is_dots(const struct host_entry *e)
{
	return e->name[0] == '.' && (e->length == 1 || (e->length == 2 && e->name[1] == '.'));
}

static bool entry_add(void *cookie, const struct host_entry *e)
{
	const struct listing_entry entry = {
		.number = host_number(e->qid.path),
		.mode = (uint16_t)(e->type << 12),
		.length = (uint8_t)e->length,
	};
	struct host_listing *l = cookie;

	return is_dots(e) || (l->count < ENTRIES_LIMIT && listing_add(l, &entry, e->name, false));
}

/* A fid of its own: one that is open cannot be walked from. */
static int entries_read(struct inode *dir, struct host_listing *l)
{
	const struct client_name same = { .directory = host_node(dir)->fid };
	struct client *client = host_client(dir);
	struct host_qid qid;
	uint64_t position = 0;
	bool more = true;
	uint32_t fid;
	int error = client_walk(client, &same, &fid, &qid);

	if (error)
		return error;
	error = client_open(client, fid, O_RDONLY);
	while (!error && more)
		error = client_list(client, fid, &position, &more, entry_add, l);
	client_clunk(client, fid);
	return error;
}

int host_listing_read(struct inode *dir)
{
	struct host_node *n = host_node(dir);
	struct host_listing *l;
	int error;

	if (n->listing)
		return 0;
	if (n->unlinked)
		return -ENOENT;
	l = listing_create();
	error = l ? entries_read(dir, l) : -ENOMEM;
	if (error) {
		listing_free(l);
		return error;
	}
	listing_sort(l);
	n->listing = l;
	host_local_list(dir);
	return 0;
}

int host_list(struct inode *dir, uint64_t *position, struct list_sink *sink)
{
	int error = host_listing_read(dir);
	const struct host_listing *l = host_node(dir)->listing;

	if (error)
		return error == -ENOENT && host_node(dir)->unlinked ? 0 : error;
	for (uint64_t i = MAX(*position, POSITION_FIRST) - POSITION_FIRST; i < l->count; i++) {
		const struct listing_entry *e = l->ordered[i];
		uint64_t next = POSITION_FIRST + i + 1;

		if (!e->removed && !sink->emit(sink, e->name, e->length, e->number, e->mode, next))
			break;
		*position = next;
	}
	return 0;
}

void host_listing_remove(struct inode *dir, const char *name, size_t length)
{
	const struct host_listing *l = host_node(dir)->listing;
	int64_t at = l ? listing_find(l, name, length) : -1;

	if (at < 0)
		return;
	l->sorted[at]->removed = true;
	inode_put(l->sorted[at]->ahead);
	l->sorted[at]->ahead = NULL;
}

/* Without memory it is read again; who is in the middle of it may miss something. */
void host_listing_add(struct inode *dir, const char *name, size_t length, const struct inode *i)
{
	struct host_node *n = host_node(dir);
	const struct listing_entry entry = {
		.number = i->number,
		.mode = i->mode & S_IFMT,
		.length = (uint8_t)length,
		.given = true,
	};

	if (!n->listing || listing_add(n->listing, &entry, name, true))
		return;
	listing_free(n->listing);
	n->listing = NULL;
}
