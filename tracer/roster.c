#include "tracer/roster.h"

#include <stdio.h>
#include <stdlib.h>

#include "tracer/store/sql.h"

struct naming {
	uint32_t tid;
	uint64_t id;
	char name[64];
};

struct roster {
	struct naming *list; /* by tid, then event */
	size_t count;
};

int roster_load(struct roster **out, sqlite3 *db, struct error *why)
{
	const int64_t counted = sql_integer(db, "SELECT count(*) FROM program", 0);
	const size_t rows = counted > 0 ? (size_t)counted : 0;
	struct roster *n = calloc(1, sizeof(*n));
	sqlite3_stmt *s;

	*out = n;
	if (n && rows)
		n->list = calloc(rows, sizeof(*n->list));
	if (!n || (rows && !n->list))
		return error_set(why, 2, "cannot read the trace: out of memory");
	s = sql_prepare(db, "SELECT tid, id, name FROM program ORDER BY tid, id", why);
	if (!s)
		return 2;
	while (n->count < rows && sqlite3_step(s) == SQLITE_ROW) {
		struct naming *entry = &n->list[n->count++];
		const char *name = (const char *)sqlite3_column_text(s, 2);

		entry->tid = (uint32_t)sqlite3_column_int64(s, 0);
		entry->id = (uint64_t)sqlite3_column_int64(s, 1);
		snprintf(entry->name, sizeof(entry->name), "%s", name ? name : "");
	}
	sqlite3_finalize(s);
	return 0;
}

void roster_free(struct roster *n)
{
	if (!n)
		return;
	free(n->list);
	free(n);
}

void roster_find(const struct roster *n, uint32_t tid, uint64_t id, char *name, size_t size)
{
	size_t low = 0, high = n->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const struct naming *m = &n->list[middle];

		if (m->tid < tid || (m->tid == tid && m->id <= id))
			low = middle + 1;
		else
			high = middle;
	}
	if (low > 0 && n->list[low - 1].tid == tid)
		snprintf(name, size, "%s", n->list[low - 1].name);
	else if (low < n->count && n->list[low].tid == tid)
		snprintf(name, size, "%s", n->list[low].name);
	else
		snprintf(name, size, "%s", tid == 0 ? "idle" : "");
}
