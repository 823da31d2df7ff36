#include "tracer/roster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/store/sql.h"

#define KEPT 512u /* names looked up last, a slot for each remainder of tids */

/* A name and the events that it holds for: from <= id < to. */
struct naming {
	uint32_t tid;
	uint64_t from, to; /* equal: an empty slot */
	char name[64];
};

struct roster {
	sqlite3_stmt *before, *after;
	struct naming kept[KEPT];
};

int roster_open(struct roster **out, sqlite3 *db, struct error *why)
{
	struct roster *n = calloc(1, sizeof(*n));

	*out = n;
	if (!n)
		return error_set(why, 2, "cannot read the trace: out of memory");
	n->before = sql_prepare(db,
				"SELECT id, name FROM program WHERE tid = ? AND id <= ?"
				" ORDER BY id DESC LIMIT 1",
				why);
	n->after = n->before ? sql_prepare(db,
					   "SELECT id, name FROM program WHERE tid = ? AND id > ?"
					   " ORDER BY id LIMIT 1",
					   why)
			     : NULL;
	return n->after ? 0 : 2;
}

void roster_free(struct roster *n)
{
	if (!n)
		return;
	sqlite3_finalize(n->before);
	sqlite3_finalize(n->after);
	free(n);
}

void roster_forget(struct roster *n)
{
	memset(n->kept, 0, sizeof(n->kept));
}

/* The id of the row that statement finds, its name into out unless that has one; 0: none. */
static uint64_t row_find(sqlite3_stmt *statement, uint32_t tid, uint64_t id, char name[64])
{
	const char *text;
	uint64_t found = 0;

	sqlite3_reset(statement);
	sqlite3_bind_int64(statement, 1, tid);
	sqlite3_bind_int64(statement, 2, id > INT64_MAX ? INT64_MAX : (int64_t)id);
	if (sqlite3_step(statement) == SQLITE_ROW) {
		found = (uint64_t)sqlite3_column_int64(statement, 0);
		text = (const char *)sqlite3_column_text(statement, 1);
		if (!name[0])
			snprintf(name, 64, "%s", text ? text : "");
	}
	sqlite3_reset(statement);
	return found;
}

void roster_find(struct roster *n, uint32_t tid, uint64_t id, char *name, size_t size)
{
	struct naming *kept = &n->kept[tid % KEPT];

	if (tid == 0) {
		snprintf(name, size, "idle");
		return;
	}
	if (kept->tid != tid || id < kept->from || id >= kept->to) {
		*kept = (struct naming){ .tid = tid };
		kept->from = row_find(n->before, tid, id, kept->name);
		kept->to = row_find(n->after, tid, id, kept->name);
		if (kept->to <= id)
			kept->to = UINT64_MAX;
	}
	snprintf(name, size, "%s", kept->name);
}
