/* Blocks and index rows at rest: each byte comes back, and made-up bytes do no harm.
 * Sources: tests/host/synthetic.c tests/host/synthetic_tale.c
 * Timeout: 180 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>
#include <cmocka.h>

#include "tests/host/synthetic.h"
#include "tracer/block.h"
#include "tracer/index/frame.h"
#include "tracer/lod.h"
#include "tracer/reader.h"
#include "tracer/store/blocks.h"
#include "tracer/store/sql.h"

static const char path[] = "tracer_packing_test.db";

static uint64_t random_next(void)
{
	static uint64_t x = 88172645463325252ull; /* xorshift64 */

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

static unsigned blocks_seen;

static void block_comes_back(const struct trace_block *head, const void *bytes)
{
	struct packer p = { 0 };
	struct unpacker u = { 0 };
	uint64_t kinds, expected = 0;
	size_t size, back_size;
	const void *packed = block_pack(&p, bytes, head->bytes, &size, &kinds);
	const void *back = block_unpack(&u, packed, size, &back_size);
	struct block_cursor c;
	struct record r;

	assert_non_null(back);
	assert_int_equal(back_size, head->bytes);
	assert_memory_equal(back, bytes, back_size);
	block_walk(&c, bytes, head);
	while (block_next(&c, &r))
		expected |= event_set(r.id);
	assert_int_equal(kinds, expected);
	packer_free(&p);
	unpacker_free(&u);
	blocks_seen++;
}

static void every_block_comes_back(void **state)
{
	static struct synthetic s;

	(void)state;
	assert_true(synthetic_open(&s, NULL, 2));
	s.sink = block_comes_back;
	synthetic_tale(&s, 5000);
	assert_true(synthetic_close(&s, true, 0));
	assert_true(blocks_seen > 20);
}

/* What is no block is kept as it is; what is packed wrongly is refused. */
static void made_up_blocks_are_refused(void **state)
{
	struct trace_block h = { .magic = TRACE_BLOCK_MAGIC, .version = TRACE_VERSION };
	static const uint8_t magic[4] = { 'R', 'S', 'Z', '1' };
	uint8_t plain[4096], frame[8192] = { 0 };
	struct packer p = { 0 };
	struct unpacker u = { 0 };
	uint64_t kinds;
	size_t size;

	(void)state;
	memcpy(frame, magic, sizeof(magic));
	memset(plain, 0xff, sizeof(plain));
	assert_ptr_equal(block_pack(&p, plain, sizeof(plain), &size, &kinds), plain);
	assert_int_equal(size, sizeof(plain));
	assert_int_equal(kinds, UINT64_MAX);
	for (unsigned i = 0; i < 20000; i++) {
		const size_t bytes = sizeof(h) + random_next() % 500 * 8;

		for (size_t k = 0; k < bytes; k++)
			plain[k] = random_next() % 4 ? (uint8_t)(random_next() % 3)
						     : (uint8_t)random_next();
		h.bytes = (uint32_t)bytes;
		h.records = (uint32_t)(random_next() % (bytes / 8 + 2));
		memcpy(plain, &h, sizeof(h));
		size = ZSTD_compress(frame + 4, sizeof(frame) - 4, plain, bytes, 1);
		/* Whatever comes out has the size that it says. */
		if (block_unpack(&u, frame, size + 4, &size))
			assert_int_equal(size, bytes);
		frame[4 + random_next() % 64] ^= (uint8_t)random_next();
		block_unpack(&u, frame, 200, &size);
		memcpy(frame, magic, sizeof(magic));
	}
	packer_free(&p);
	unpacker_free(&u);
}

/* Change a byte of the unpacked content of a row. */
static void row_damage(sqlite3 *db, const char *select, const char *update)
{
	sqlite3_stmt *s = sql_prepare(db, select, NULL), *w = sql_prepare(db, update, NULL);
	struct blob bytes = { 0 }, packed = { 0 };

	assert_non_null(s);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	assert_true(frame_unpack(&bytes, (size_t)sqlite3_column_int64(s, 1),
				 sqlite3_column_blob(s, 2), (size_t)sqlite3_column_bytes(s, 2),
				 NULL));
	for (unsigned i = 0; i < 1 + random_next() % 4; i++)
		bytes.data[random_next() % bytes.size] = (uint8_t)random_next();
	assert_true(frame_pack(&packed, &bytes, NULL));
	sql_row(w, "bi", packed.data, packed.size, sqlite3_column_int64(s, 0));
	sqlite3_finalize(s);
	sqlite3_finalize(w);
	blob_free(&bytes);
	blob_free(&packed);
}

static void index_read(void)
{
	struct error why = { 0 };
	struct reader *r;
	struct state s = { 0 };
	struct lod_picture p;
	struct event e;

	if (reader_open(&r, path, &why))
		return;
	for (uint64_t id = 1; id <= reader_count(r); id += 1 + reader_count(r) / 5) {
		reader_event(r, id, &e, NULL);
		reader_state(r, id, &s, NULL);
	}
	for (unsigned columns = 1; columns < 80; columns *= 5) {
		const struct lod_query q = { .to = reader_duration(r) + 1, .columns = columns };

		if (reader_lod(r, &q, &p, NULL) == 0)
			lod_free(&p);
	}
	state_free(&s);
	reader_close(r);
}

static void damaged_indexes_do_no_harm(void **state)
{
	static struct synthetic s;
	struct error why = { 0 };
	struct reader *r;

	(void)state;
	unlink(path);
	assert_true(synthetic_open(&s, path, 2));
	synthetic_tale(&s, 3000);
	assert_true(synthetic_close(&s, true, 0));
	assert_int_equal(reader_open(&r, path, &why), 0);
	reader_close(r);
	for (unsigned i = 0; i < 150; i++) {
		sqlite3 *db;

		assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
		sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
		row_damage(db, "SELECT id, size, data FROM keyframe WHERE base IS NULL",
			   "UPDATE keyframe SET data = ? WHERE id = ?");
		row_damage(db,
			   "SELECT first, size, data FROM lod WHERE level ="
			   " (SELECT min(level) FROM lod) ORDER BY random()",
			   "UPDATE lod SET data = ? WHERE first = ?"
			   " AND level = (SELECT min(level) FROM lod)");
		sqlite3_exec(db, i % 8 ? "COMMIT" : "ROLLBACK", NULL, NULL, NULL);
		sqlite3_close(db);
		index_read();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_block_comes_back),
		cmocka_unit_test(made_up_blocks_are_refused),
		cmocka_unit_test(damaged_indexes_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
