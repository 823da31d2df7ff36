/* The container of a directory's entries. */
#include "kernel/fs/host_listing.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

#define CHUNK_FIRST 480  /* bytes */
#define CHUNK_BYTES 4096 /* of later ones */
#define ROOM_FIRST  8

struct listing_chunk {
	struct listing_chunk *next;
	size_t used, size;
	char bytes[];
};

#define ENTRY_BYTES(length) ALIGN_UP(sizeof(struct listing_entry) + (length), 8)

struct host_listing *listing_create(void)
{
	struct host_listing *l = kmalloc(sizeof(*l));

	if (!l)
		return NULL;
	l->ordered = kmalloc(2 * ROOM_FIRST * sizeof(l->ordered[0]));
	if (!l->ordered) {
		kfree(l);
		return NULL;
	}
	l->sorted = l->ordered + ROOM_FIRST;
	l->room = ROOM_FIRST;
	return l;
}

void listing_free(struct host_listing *l)
{
	if (!l)
		return;
	for (uint32_t i = 0; i < l->count; i++)
		inode_put(l->ordered[i]->ahead);
	while (l->chunks) {
		struct listing_chunk *next = l->chunks->next;

		kfree(l->chunks);
		l->chunks = next;
	}
	kfree(l->ordered);
	kfree(l);
}

/* Room for one more in both arrays. */
static bool room_make(struct host_listing *l)
{
	uint32_t room = 2 * l->room;
	struct listing_entry **arrays;

	if (l->count < l->room)
		return true;
	arrays = kmalloc(2 * room * sizeof(arrays[0]));
	if (!arrays)
		return false;
	memcpy(arrays, l->ordered, l->count * sizeof(arrays[0]));
	memcpy(arrays + room, l->sorted, l->count * sizeof(arrays[0]));
	kfree(l->ordered);
	l->ordered = arrays;
	l->sorted = arrays + room;
	l->room = room;
	return true;
}

static struct listing_entry *entry_alloc(struct host_listing *l, size_t size)
{
	struct listing_chunk *c = l->chunks;
	size_t bytes = c ? CHUNK_BYTES : CHUNK_FIRST;

	if (!c || c->size - c->used < size) {
		c = kmalloc(MAX(bytes, sizeof(*c) + size));
		if (!c)
			return NULL;
		c->size = MAX(bytes, sizeof(*c) + size) - sizeof(*c);
		c->next = l->chunks;
		l->chunks = c;
	}
	c->used += size;
	return (struct listing_entry *)(c->bytes + c->used - size);
}

static int entry_compare(const struct listing_entry *e, const char *name, size_t length)
{
	int order = memcmp(e->name, name, MIN(e->length, length));

	return order ? order : (int)e->length - (int)length;
}

/* The first place in `sorted` whose name is not before this one. */
static uint32_t place_of(const struct host_listing *l, const char *name, size_t length)
{
	uint32_t low = 0, high = l->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (entry_compare(l->sorted[middle], name, length) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool listing_add(struct host_listing *l, const struct listing_entry *e, const char *name, bool sort)
{
	struct listing_entry *to;
	uint32_t place;

	if (!room_make(l))
		return false;
	to = entry_alloc(l, ENTRY_BYTES(e->length));
	if (!to)
		return false;
	*to = *e;
	memcpy(to->name, name, e->length);
	to->order = l->count;
	place = sort ? place_of(l, name, e->length) : l->count;
	for (uint32_t i = l->count; i > place; i--)
		l->sorted[i] = l->sorted[i - 1];
	l->sorted[place] = to;
	l->ordered[l->count++] = to;
	return true;
}

/* Let the entry at i sink to where both below it are smaller. */
static void heap_sink(struct listing_entry **heap, uint32_t i, uint32_t count)
{
	struct listing_entry *e = heap[i];

	for (uint32_t below; (below = 2 * i + 1) < count; i = below) {
		if (below + 1 < count &&
		    entry_compare(heap[below], heap[below + 1]->name, heap[below + 1]->length) < 0)
			below++;
		if (entry_compare(e, heap[below]->name, heap[below]->length) >= 0)
			break;
		heap[i] = heap[below];
	}
	heap[i] = e;
}

void listing_sort(struct host_listing *l)
{
	for (uint32_t i = l->count / 2; i-- > 0;)
		heap_sink(l->sorted, i, l->count);
	for (uint32_t left = l->count; left-- > 1;) {
		struct listing_entry *most = l->sorted[0];

		l->sorted[0] = l->sorted[left];
		l->sorted[left] = most;
		heap_sink(l->sorted, 0, left);
	}
}

int64_t listing_find(const struct host_listing *l, const char *name, size_t length)
{
	uint32_t i = place_of(l, name, length);

	for (; i < l->count && !entry_compare(l->sorted[i], name, length); i++) {
		if (!l->sorted[i]->removed)
			return i;
	}
	return -1;
}
