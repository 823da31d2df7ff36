#include <stdio.h>

#include "tracer/tables/builder.h"

static const struct {
	const char *table;
	unsigned columns;
} rows[ROW_LIMIT] = {
	[ROW_syscall] = { "syscall", 24 },
	[ROW_page_fault] = { "page_fault", 16 },
	[ROW_trap] = { "trap", 14 },
	[ROW_crossing] = { "crossing", 9 },
	[ROW_context_switch] = { "context_switch", 9 },
	[ROW_wakeup] = { "wakeup", 7 },
	[ROW_process] = { "process", 9 },
	[ROW_thread] = { "thread", 12 },
	[ROW_program] = { "program", 6 },
	[ROW_signal] = { "signal", 9 },
	[ROW_mapping] = { "mapping", 10 },
	[ROW_log] = { "log", 5 },
	[ROW_loss] = { "loss", 8 },
};

int rows_prepare(struct builder *b, struct error *why)
{
	char sql[160];

	for (int i = 0; i < ROW_LIMIT; i++) {
		int at = snprintf(sql, sizeof(sql), "INSERT OR REPLACE INTO %s VALUES (?",
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
