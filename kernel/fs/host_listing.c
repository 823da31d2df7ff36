/* A directory's entries, read whole when first listed.  A position is 2 (after "."
 * and "..") plus the byte in the chunks laid end to end; one that came from elsewhere
 * is moved on to where an entry begins. */
#include <linux/errno.h>
#include <linux/fcntl.h>

#include "kernel/fs/host_node.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

#define POSITION_FIRST 2
#define CHUNK_BYTES    4096
#define ENTRIES_LIMIT  4000000 /* more is no directory but a server gone mad */

struct entry {
	uint64_t number;
	uint16_t mode; /* type bits; 0: not known */
	uint8_t length;
	bool removed; /* since the listing was read */
	char name[];
};

#define ENTRY_BYTES(length) ALIGN_UP(sizeof(struct entry) + (length), 8)

struct host_listing { /* a chunk */
	struct host_listing *next;
	size_t used;
	char bytes[CHUNK_BYTES - 16];
};

_Static_assert(sizeof(struct host_listing) == CHUNK_BYTES, "a chunk is a page");

struct reading {
	struct host_listing *first, *last;
	uint32_t count;
};

/* --- reading it ------------------------------------------------------------------- */

static bool chunk_add(struct reading *r)
{
	struct host_listing *chunk = kmalloc(sizeof(*chunk));

	if (!chunk)
		return false;
	if (r->last)
		r->last->next = chunk;
	else
		r->first = chunk;
	r->last = chunk;
	return true;
}

/* Put an entry behind the last one; false: no memory. */
static bool entry_put(struct reading *r, const struct entry *e, const char *name)
{
	size_t size = ENTRY_BYTES(e->length);
	struct entry *to;

	if (sizeof(r->last->bytes) - r->last->used < size && !chunk_add(r))
		return false;
	to = (struct entry *)(r->last->bytes + r->last->used);
	r->last->used += size;
	*to = *e;
	memcpy(to->name, name, e->length);
	return true;
}

static bool is_dots(const struct host_entry *e)
{
	return e->name[0] == '.' && (e->length == 1 || (e->length == 2 && e->name[1] == '.'));
}

static bool entry_add(void *cookie, const struct host_entry *e)
{
	const struct entry entry = {
		.number = e->qid.path,
		.mode = (uint16_t)(e->type << 12),
		.length = (uint8_t)e->length,
	};
	struct reading *r = cookie;

	if (is_dots(e))
		return true;
	return ++r->count <= ENTRIES_LIMIT && entry_put(r, &entry, e->name);
}

/* A fid of its own: one that is open cannot be walked from. */
static int listing_read(struct inode *dir)
{
	struct reading r = { 0 };
	struct host_qid qid;
	uint64_t position = 0;
	bool more = true;
	const struct client_name same = { .directory = host_node(dir)->fid };
	struct client *client = host_client(dir);
	uint32_t fid;
	int error = client_walk(client, &same, &fid, &qid);

	if (error)
		return error;
	error = client_open(client, fid, O_RDONLY);
	if (!error && !chunk_add(&r))
		error = -ENOMEM;
	while (!error && more)
		error = client_list(client, fid, &position, &more, entry_add, &r);
	client_clunk(client, fid);
	if (error)
		host_listing_free(r.first);
	else
		host_node(dir)->listing = r.first;
	return error;
}

void host_listing_free(struct host_listing *l)
{
	while (l) {
		struct host_listing *next = l->next;

		kfree(l);
		l = next;
	}
}

/* --- giving it out ---------------------------------------------------------------- */

/* Emit the entries of a chunk from byte `from` of it on; false: stop. */
static bool chunk_emit(const struct host_listing *chunk, size_t from, uint64_t base,
		       uint64_t *position, struct list_sink *sink)
{
	for (size_t at = 0; at < chunk->used;) {
		const struct entry *e = (const struct entry *)(chunk->bytes + at);
		uint64_t next = base + at + ENTRY_BYTES(e->length);

		if (at >= from && !e->removed) {
			if (!sink->emit(sink, e->name, e->length, e->number, e->mode, next))
				return false;
			*position = next;
		}
		at += ENTRY_BYTES(e->length);
	}
	return true;
}

int host_list(struct inode *dir, uint64_t *position, struct list_sink *sink)
{
	uint64_t base = POSITION_FIRST;
	int error = host_node(dir)->listing ? 0 : listing_read(dir);

	for (struct host_listing *l = error ? NULL : host_node(dir)->listing; l; l = l->next) {
		uint64_t from = *position > base ? *position - base : 0;

		if (from < l->used && !chunk_emit(l, from, base, position, sink))
			break;
		base += sizeof(l->bytes);
	}
	return error;
}

/* --- following changes ------------------------------------------------------------ */

void host_listing_remove(struct inode *dir, const char *name, size_t length)
{
	for (struct host_listing *l = host_node(dir)->listing; l; l = l->next) {
		for (size_t at = 0; at < l->used;) {
			struct entry *e = (struct entry *)(l->bytes + at);

			if (e->length == length && !e->removed && !memcmp(e->name, name, length))
				e->removed = true;
			at += ENTRY_BYTES(e->length);
		}
	}
}

/* Without memory it is read again; who is in the middle of it may miss something. */
void host_listing_add(struct inode *dir, const char *name, size_t length, const struct inode *i)
{
	struct host_node *n = host_node(dir);
	const struct entry entry = {
		.number = i->number,
		.mode = i->mode & S_IFMT,
		.length = (uint8_t)length,
	};
	struct reading r = { .first = n->listing, .last = n->listing };

	if (!n->listing)
		return;
	while (r.last->next)
		r.last = r.last->next;
	if (entry_put(&r, &entry, name))
		return;
	host_listing_free(n->listing);
	n->listing = NULL;
}
