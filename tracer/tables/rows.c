#include <stdio.h>

#include "tracer/tables/builder.h"
#include "tracer/tables/tables.h"

static const struct {
	const char *table;
	unsigned columns;
	bool large; /* grows with the events, not with the programs */
} rows[ROW_LIMIT] = {
	[ROW_syscall] = { "syscall", 26, true },
	[ROW_page_fault] = { "page_fault", 18, true },
	[ROW_trap] = { "trap", 16, true },
	[ROW_crossing_rest] = { "crossing_rest", 8, true },
	[ROW_context_switch] = { "context_switch", 9, true },
	[ROW_wakeup] = { "wakeup", 7, true },
	[ROW_process] = { "process", 9, false },
	[ROW_thread] = { "thread", 12, false },
	[ROW_program] = { "program", 6, false },
	[ROW_signal] = { "signal", 9, false },
	[ROW_mapping] = { "mapping", 10, true },
	[ROW_log] = { "log", 5, false },
	[ROW_loss] = { "loss", 8, false },
};

int tables_large_clear(sqlite3 *db, struct error *why)
{
	char sql[64];
	int status = 0;

	for (int i = 0; i < ROW_LIMIT && !status; i++) {
		snprintf(sql, sizeof(sql), "DELETE FROM %s", rows[i].table);
		status = rows[i].large ? sql_exec(db, sql, why) : 0;
	}
	return status;
}

int rows_prepare(struct builder *b, struct error *why)
{
	char sql[160];

	for (int i = 0; i < ROW_LIMIT; i++) {
		int at;

		if (rows[i].large && !b->large)
			continue;
		at = snprintf(sql, sizeof(sql), "INSERT OR REPLACE INTO %s VALUES (?",
			      rows[i].table);

		for (unsigned column = 1; column < rows[i].columns; column++)
			at += snprintf(sql + at, sizeof(sql) - (size_t)at, ",?");
		snprintf(sql + at, sizeof(sql) - (size_t)at, ")");
		b->insert[i] = sql_prepare(b->db, sql, why);
		if (!b->insert[i])
			return why ? why->status : 2;
	}
	return 0;
}

void rows_free(struct builder *b)
{
	for (int i = 0; i < ROW_LIMIT; i++)
		sqlite3_finalize(b->insert[i]);
}
