#include "tracer/index/frame.h"

#include <stdlib.h>
#include <zstd.h>

#define LEVEL 3
/* A keyframe and the one that it is a difference to are both within the window. */
#define WINDOW_LOG 24

static bool to_room(struct blob *b, size_t size)
{
	if (b->room < size) {
		blob_free(b);
		b->data = malloc(size ? size : 1);
		b->room = b->data ? size : 0;
	}
	return b->data != NULL;
}

bool frame_pack(struct blob *to, const struct blob *from, const struct blob *base)
{
	ZSTD_CCtx *c = ZSTD_createCCtx();
	size_t size = 0;
	bool good = c && to_room(to, ZSTD_compressBound(from->size));

	if (good) {
		ZSTD_CCtx_setParameter(c, ZSTD_c_compressionLevel, LEVEL);
		if (base) {
			ZSTD_CCtx_setParameter(c, ZSTD_c_windowLog, WINDOW_LOG);
			ZSTD_CCtx_refPrefix(c, base->data, base->size);
		}
		size = ZSTD_compress2(c, to->data, to->room, from->data, from->size);
		good = !ZSTD_isError(size);
	}
	to->size = good ? size : 0;
	ZSTD_freeCCtx(c);
	return good;
}

bool frame_unpack(struct blob *to, size_t size, const void *data, size_t count,
		  const struct blob *base)
{
	ZSTD_DCtx *d = ZSTD_createDCtx();
	bool good = d && size <= FRAME_MAX && ZSTD_getFrameContentSize(data, count) == size &&
		    to_room(to, size);

	if (good) {
		ZSTD_DCtx_setParameter(d, ZSTD_d_windowLogMax, 27);
		if (base)
			ZSTD_DCtx_refPrefix(d, base->data, base->size);
		good = ZSTD_decompressDCtx(d, to->data, size, data, count) == size;
	}
	to->size = good ? size : 0;
	ZSTD_freeDCtx(d);
	return good;
}
