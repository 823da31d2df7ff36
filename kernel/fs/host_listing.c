/* A directory's entries, read whole when first listed.  A position is 2 (after "."
 * and "..") plus the byte in the chunks laid end to end; one that came from elsewhere
 * is moved on to where an entry begins. */
#include <linux/errno.h>

#include "kernel/fs/host_node.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

#define POSITION_FIRST 2
#define CHUNK_BYTES    4096
#define ENTRIES_LIMIT  4000000 /* more is no directory but a server gone mad */

struct entry {
	uint64_t number;
	uint16_t mode; /* type bits; 0: not known */
	uint16_t length;
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

static bool is_dots(const struct host_entry *e)
{
	return e->name[0] == '.' && (e->length == 1 || (e->length == 2 && e->name[1] == '.'));
}

static bool entry_add(void *cookie, const struct host_entry *e)
{
	struct reading *r = cookie;
	size_t size = ENTRY_BYTES(e->length);
	struct entry *to;

	if (is_dots(e))
		return true;
	if (++r->count > ENTRIES_LIMIT)
		return false;
	if (sizeof(r->last->bytes) - r->last->used < size && !chunk_add(r))
		return false;
	to = (struct entry *)(r->last->bytes + r->last->used);
	r->last->used += size;
	to->number = e->qid.path;
	to->mode = (uint16_t)(e->type << 12);
	to->length = (uint16_t)e->length;
	memcpy(to->name, e->name, e->length);
	return true;
}

/* A fid of its own: one that is open cannot be walked from. */
static int listing_read(struct inode *dir)
{
	struct reading r = { 0 };
	struct host_qid qid;
	uint64_t position = 0;
	bool more = true;
	uint32_t fid;
	int error = client_walk(host_node(dir)->fid, "", 0, &fid, &qid);

	if (error)
		return error;
	error = client_open(fid);
	if (!error && !chunk_add(&r))
		error = -ENOMEM;
	while (!error && more)
		error = client_list(fid, &position, &more, entry_add, &r);
	client_clunk(fid);
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

		if (at >= from) {
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
