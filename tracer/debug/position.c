#include "tracer/debug/position.h"

#include <sqlite3.h>

#include "tracer/block.h"
#include "tracer/store/blocks.h"
#include "tracer/store/meta.h"
#include "tracer/store/sql.h"

/* Offset of the record with this index (from 0) in a block; 0: it is not there. */
static uint32_t record_offset(const void *bytes, size_t size, uint64_t index)
{
	struct trace_block header;
	struct block_cursor c;
	struct record record;

	if (!bytes || block_check(bytes, size, &header, NULL))
		return 0;
	block_walk(&c, bytes, &header);
	while (block_next(&c, &record))
		if (record.id && !index--)
			return record.offset;
	return 0;
}

int position_find(struct reader *r, uint64_t event, uint64_t *block, uint64_t *record,
		  struct error *why)
{
	sqlite3 *db = reader_database(r);
	const uint64_t size = (uint64_t)meta_integer(db, "block_bytes", 0);
	sqlite3_stmt *q = sql_prepare(
		db, "SELECT sequence, records, data FROM block WHERE cpu = 0 ORDER BY sequence",
		why);
	struct unpacker u = { 0 };
	uint64_t before = 0;
	uint32_t offset = 0;

	if (!q)
		return 3;
	while (!offset && sqlite3_step(q) == SQLITE_ROW) {
		const uint64_t records = (uint64_t)sqlite3_column_int64(q, 1);
		size_t count = 0;
		const void *bytes;

		if (event > before + records) {
			before += records;
			continue;
		}
		bytes = block_unpack(&u, sqlite3_column_blob(q, 2),
				     (size_t)sqlite3_column_bytes(q, 2), &count);
		offset = record_offset(bytes, count, event - before - 1);
		*block = (uint64_t)sqlite3_column_int64(q, 0) * size;
		*record = *block + offset;
		break;
	}
	unpacker_free(&u);
	sqlite3_finalize(q);
	return offset ? 0
		      : error_set(why, 3, "event %llu cannot be found in the blocks",
				  (unsigned long long)event);
}
