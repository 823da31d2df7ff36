/* The entries of a directory of the host's, in memory: in the server's order, which is
 * how they are listed, and by name.  For host*.c only.  The caller holds the lock of
 * the directory. */
#ifndef KERNEL_FS_HOST_LISTING_H
#define KERNEL_FS_HOST_LISTING_H

#include "kernel/fs/host_node.h"

struct listing_entry {
	uint64_t number;
	struct inode *ahead; /* asked for before its time: reference, or NULL */
	uint32_t order;      /* place in the server's order */
	uint16_t mode;       /* type bits; 0: not known */
	uint8_t length;
	bool removed; /* since the listing was read */
	bool given;   /* a lookup had it */
	char name[];
};

struct listing_chunk;

struct host_listing {
	struct listing_chunk *chunks;   /* memory of the entries, the last one first */
	struct listing_entry **ordered; /* of `count` entries */
	struct listing_entry **sorted;  /* the same by name */
	uint32_t count, room;
	/* What the next lookups will be (host_ahead.c). */
	uint32_t next_order, next_sorted, window;
};

/* An empty one; NULL without memory. */
struct host_listing *listing_create(void);
/* Add at the end; false: no memory.  sort: also to the names, else listing_sort does. */
bool listing_add(struct host_listing *l, const struct listing_entry *e, const char *name,
		 bool sort);
void listing_sort(struct host_listing *l);
/* The place in `sorted` of the name that is there, or -1. */
int64_t listing_find(const struct host_listing *l, const char *name, size_t length);

#endif
