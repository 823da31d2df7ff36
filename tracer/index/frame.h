/* Packed bytes in a row: a zstd frame that was size bytes long. */
#ifndef TRACER_INDEX_FRAME_H
#define TRACER_INDEX_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "tracer/state/blob.h"

/* No row that we write is larger unpacked; larger ones are somebody's invention. */
#define FRAME_MAX (64u << 20)

/* Pack from into to; base, which may be NULL, are bytes that from resembles.  False: no
 * memory. */
bool frame_pack(struct blob *to, const struct blob *from, const struct blob *base);
/* Unpack size bytes into to, which is replaced.  False: not such a frame. */
bool frame_unpack(struct blob *to, size_t size, const void *data, size_t count,
		  const struct blob *base);

#endif
