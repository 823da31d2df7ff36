#include "tracer/store/pack.h"

#include <sqlite3.h>
#include <string.h>

#include "tracer/store/blocks.h"
#include "tracer/store/meta.h"
#include "tracer/store/open.h"
#include "tracer/store/sql.h"
#include "tracer/store/store.h"

/* A sixth fewer bytes than the recording's own level; 19 gains 2 % more for 50 times the
 * work. */
#define LEVEL 6

/* Pack one block's data anew.  0, or an SQLite error code. */
static int block_repack(sqlite3_stmt *update, sqlite3_stmt *row, struct unpacker *u,
			struct packer *p)
{
	const void *data = sqlite3_column_blob(row, 1), *plain, *packed;
	const size_t before = (size_t)sqlite3_column_bytes(row, 1);
	size_t size, after;
	uint64_t kinds;

	plain = data ? block_unpack(u, data, before, &size) : NULL;
	if (!plain) /* no block: it stays what it is */
		return 0;
	packed = block_pack(p, plain, size, &after, &kinds);
	if (after >= before)
		return 0;
	return sql_row(update, "bi", packed, after, (int64_t)sqlite3_column_int64(row, 0));
}

static int blocks_repack(sqlite3 *db, tables_progress progress, struct error *why)
{
	sqlite3_stmt *rows = sql_prepare(db, "SELECT id, data FROM block ORDER BY id", why);
	sqlite3_stmt *update = sql_prepare(db, "UPDATE block SET data = ?1 WHERE id = ?2", why);
	const uint64_t all = (uint64_t)sql_integer(db, "SELECT count(*) FROM block", 0);
	struct packer p = { .level = LEVEL };
	struct unpacker u = { 0 };
	uint64_t done = 0;
	int code = rows && update ? 0 : SQLITE_ERROR;

	while (!code && sqlite3_step(rows) == SQLITE_ROW) {
		code = block_repack(update, rows, &u, &p);
		if (progress)
			progress(++done, all);
	}
	sqlite3_finalize(rows);
	sqlite3_finalize(update);
	packer_free(&p);
	unpacker_free(&u);
	return code ? sql_error(why, db, "cannot pack the trace") : 0;
}

static int database_pack(sqlite3 *db, tables_progress progress, struct error *why)
{
	int status = sql_exec(db, "BEGIN IMMEDIATE", why);

	if (!status)
		status = blocks_repack(db, progress, why);
	if (!status)
		status = tables_large_clear(db, why);
	if (!status)
		status = meta_set_integer(db, "decoded", TABLES_INDEX) ? 2 : 0;
	if (!status)
		status = sql_exec(db, "COMMIT", why);
	if (!sqlite3_get_autocommit(db))
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	/* Small pages: the many small tables have a whole one each. */
	return status ? status : sql_exec(db, "PRAGMA page_size = 1024; VACUUM", why);
}

int trace_pack(const char *path, tables_progress progress, struct error *why)
{
	sqlite3 *db;
	int status;

	if (store_path_busy(path))
		return error_set(why, 2, "%s: somebody records into it", path);
	status = trace_open_index(&db, path, progress, why); /* what is not decoded is now */
	if (status)
		return status;
	sqlite3_close_v2(db);
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
	    SQLITE_OK) {
		status = error_set(why, 2, "%s: %s", path, sqlite3_errmsg(db));
	} else {
		sql_harden(db);
		sqlite3_exec(db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
		status = database_pack(db, progress, why);
	}
	sqlite3_close_v2(db);
	return status;
}
