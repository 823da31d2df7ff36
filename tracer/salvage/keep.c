/* Memory into a trace file: what is not zero, in packed pieces. */
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "tracer/salvage/ram.h"
#include "tracer/store/sql.h"

#define PIECE    (1u << 20)
#define LEVEL    (-3) /* speed: somebody waits for the story */
#define KEEP_MAX (2ull << 30)

static bool is_zero(const uint8_t *bytes, size_t count)
{
	return count == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, count - 1) == 0);
}

struct keeper {
	sqlite3_stmt *row;
	ZSTD_CCtx *context;
	uint8_t *plain, *packed;
	size_t room;
};

static bool piece_keep(struct keeper *k, uint64_t phys, size_t size)
{
	size_t packed;

	if (is_zero(k->plain, size))
		return true;
	packed = ZSTD_compressCCtx(k->context, k->packed, k->room, k->plain, size, LEVEL);
	return !ZSTD_isError(packed) &&
	       sql_row(k->row, "ib", (int64_t)phys, k->packed, packed) == 0;
}

int ram_keep(const struct ram *m, sqlite3 *db, uint64_t *bytes, struct error *why)
{
	struct keeper k = { .row = sql_prepare(db, "INSERT OR REPLACE INTO memory VALUES (?, ?)",
					       why),
			    .context = ZSTD_createCCtx(),
			    .plain = malloc(PIECE),
			    .room = ZSTD_compressBound(PIECE) };
	uint64_t phys = 0, end;
	bool good = k.row && k.context && k.plain;

	k.packed = malloc(k.room);
	good = good && k.packed;
	*bytes = 0;
	for (; good && *bytes < KEEP_MAX && ram_next(m, &phys, &end); phys = end)
		for (uint64_t at = phys; good && at < end; at += PIECE) {
			const size_t got =
				ram_read(m, at, k.plain, end - at < PIECE ? end - at : PIECE);

			good = piece_keep(&k, at, got);
			*bytes += got;
		}
	sqlite3_finalize(k.row);
	ZSTD_freeCCtx(k.context);
	free(k.plain);
	free(k.packed);
	return good ? 0 : sql_error(why, db, "cannot keep the guest's memory");
}
