/* The bytes of a block row: packed when they are stored, unpacked when they are read.
 *
 * Packed form: "RSZ1", then a zstd frame of the block rearranged: its header; the
 * records' header words with times as differences, their first bytes, then their second
 * bytes, ...; the payload words.  That is a third smaller than the block compressed as
 * it is, at the same cost.  Unpacking gives back each byte.  A block that would not
 * become smaller is stored as it is. */
#ifndef TRACER_STORE_BLOCKS_H
#define TRACER_STORE_BLOCKS_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#include "tracer/error.h"

/* Buffers that are used again and again; start with zeroes. */
struct packer {
	void *context; /* zstd's */
	uint8_t *plain, *packed;
	size_t plain_room, packed_room;
	int level; /* of zstd; 0: fast */
};

void packer_free(struct packer *p);

/* Pack a block of size bytes.  What to store: p's own buffer or bytes itself; *out_size
 * bytes.  *kinds: event_set of each record's. */
const void *block_pack(struct packer *p, const void *bytes, size_t size, size_t *out_size,
		       uint64_t *kinds);

struct unpacker {
	void *context;
	uint8_t *plain, *block;
	size_t plain_room, block_room;
};

void unpacker_free(struct unpacker *u);

/* The bytes of a block as they came, from what the file has, valid until the next use of
 * u; data itself if it is not packed.  NULL: no memory or not a packed block. */
const void *block_unpack(struct unpacker *u, const void *data, size_t size, size_t *out_size);

#endif
