/* A recording made from a guest's memory, and what was recorded of it before. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/salvage/salvage.h"
#include "tracer/store/meta.h"
#include "tracer/store/sql.h"
#include "tracer/tables/tables.h"

/* Blocks and clock of a recording that may still be written to. */
static int blocks_copy(struct store *store, const char *trace, struct error *why)
{
	static const char *const copies[] = {
		"INSERT INTO block SELECT * FROM src.block",
		"INSERT INTO clock SELECT * FROM src.clock",
		"INSERT OR REPLACE INTO meta SELECT * FROM src.meta WHERE name IN ('tsc_hz',"
		" 'boot_tsc', 'realtime_ns', 'cpus', 'block_bytes', 'blocks_per_cpu', 'mode',"
		" 'kernel_build_id', 'tsc_error_ppm', 'vdso', 'never_cross', 'command',"
		" 'kernel_command_line', 'version', 'started', 'memory_mib', 'exact', 'icount',"
		" 'root', 'init', 'init_file')",
	};
	sqlite3 *db = store_database(store);
	sqlite3_stmt *attach = sql_prepare(db, "ATTACH ? AS src", why);
	int status = attach ? 0 : 2;

	if (!status && sql_row(attach, "t", trace))
		status = sql_error(why, db, trace);
	sqlite3_finalize(attach);
	if (!status)
		status = store_begin(store, why);
	for (unsigned i = 0; i < sizeof(copies) / sizeof(copies[0]) && !status; i++)
		status = sql_exec(db, copies[i], why);
	if (!status)
		status = store_commit(store, why);
	sqlite3_exec(db, "DETACH src", NULL, NULL, NULL);
	return status;
}

int salvage_file(const char *output, bool force, const char *trace, const struct ram *m,
		 const char *registers, struct salvage_outcome *out, struct error *why)
{
	const struct salvage_request request = {
		.reason = STOP_ASKED, .registers = registers, .memory = true, .live = true
	};
	struct error closed = { 0 };
	struct store *store;
	char schema[32];
	int status = store_create(&store, output, force, why);

	if (status)
		return status;
	snprintf(schema, sizeof(schema), "%016llx", (unsigned long long)RINGSCOPE_SCHEMA_HASH);
	meta_set_text(store_database(store), "schema", schema);
	if (trace)
		status = blocks_copy(store, trace, why);
	if (!status)
		status = salvage_store(store, m, &request, out, why);
	if (!status)
		status = tables_build(store_database(store), true, NULL, why);
	if (store_close(store, &closed) && !status) {
		*why = closed;
		status = 2;
	}
	return status;
}
