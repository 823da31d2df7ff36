#include "tracer/analysis/running.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tracer/store/meta.h"
#include "tracer/store/sql.h"

#define TOTALS_NUMBERS 16

/* The numbers of a line of totals, in their order. */
static void totals_numbers(const struct sequence_totals *t, int64_t to[TOTALS_NUMBERS])
{
	const int64_t numbers[TOTALS_NUMBERS] = {
		(int64_t)t->calls,    (int64_t)t->errors,
		(int64_t)t->faults,   (int64_t)t->exceptions,
		(int64_t)t->signals,  (int64_t)t->interrupts,
		(int64_t)t->switches, (int64_t)t->wakeups,
		t->elapsed,           t->idle,
		t->cost.user,         t->cost.calls,
		t->cost.faults,       t->cost.exceptions,
		t->cost.interrupts,   t->cost.other,
	};

	memcpy(to, numbers, sizeof(numbers));
}

void totals_text(const struct sequence_totals *t, char *text, size_t size)
{
	int64_t numbers[TOTALS_NUMBERS];
	size_t at = 0;

	totals_numbers(t, numbers);
	for (unsigned i = 0; i < TOTALS_NUMBERS && at < size; i++)
		at += (size_t)snprintf(text + at, size - at, "%s%" PRId64, i ? " " : "",
				       numbers[i]);
}

bool totals_read(struct sequence_totals *t, const char *text)
{
	return sscanf(text,
		      "%" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
		      " %" SCNu64 " %" SCNu64 " %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64
		      " %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64,
		      &t->calls, &t->errors, &t->faults, &t->exceptions, &t->signals,
		      &t->interrupts, &t->switches, &t->wakeups, &t->elapsed, &t->idle,
		      &t->cost.user, &t->cost.calls, &t->cost.faults, &t->cost.exceptions,
		      &t->cost.interrupts, &t->cost.other) == TOTALS_NUMBERS;
}

bool running_totals(sqlite3 *db, struct sequence_totals *totals)
{
	char text[512];

	meta_text(db, "totals", text, sizeof(text));
	return totals_read(totals, text);
}

static void hash_set(sqlite3 *db, const char *name, uint64_t hash)
{
	char text[20];

	snprintf(text, sizeof(text), "%016" PRIx64, hash);
	meta_set_text(db, name, text);
}

static int rows_write(sqlite3 *db, const struct sequences *s, struct error *why)
{
	sqlite3_stmt *q =
		sql_prepare(db, "INSERT OR REPLACE INTO running_hash VALUES (?, ?, ?)", why);
	int status = q ? 0 : 2;

	for (uint32_t i = 0; i < s->running_count && !status; i++) {
		const struct running *r = &s->running[i];

		if (sql_row(q, "iii", (int64_t)r->event, (int64_t)r->structure, (int64_t)r->cost))
			status = sql_error(why, db, "cannot write hashes");
	}
	sqlite3_finalize(q);
	return status;
}

int running_write(sqlite3 *db, struct error *why)
{
	const struct load_watch hashed = { .running = true };
	struct sequences s;
	char text[512];
	int status = sequences_load(&s, db, &hashed, why);

	if (status)
		return status;
	sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
	status = rows_write(db, &s, why);
	hash_set(db, "trace_hash", s.digest);
	hash_set(db, "structure_hash",
		 s.running_count ? s.running[s.running_count - 1].structure : 0);
	hash_set(db, "cost_hash", s.running_count ? s.running[s.running_count - 1].cost : 0);
	totals_text(&s.totals, text, sizeof(text));
	meta_set_text(db, "totals", text);
	sqlite3_exec(db, status ? "ROLLBACK" : "COMMIT", NULL, NULL, NULL);
	sequences_free(&s);
	return status;
}

/* --- Where two part ----------------------------------------------------------------- */

/* One hash of a file's row index, in order of events; false: there is none. */
static bool row_get(sqlite3_stmt *q, int64_t index, uint64_t *event, uint64_t *hash)
{
	bool there;

	sqlite3_reset(q);
	sqlite3_bind_int64(q, 1, index);
	there = sqlite3_step(q) == SQLITE_ROW;
	if (there) {
		*event = (uint64_t)sqlite3_column_int64(q, 0);
		*hash = (uint64_t)sqlite3_column_int64(q, 1);
	}
	return there;
}

/* By bisection: hashes are equal up to a row, and differ from the next one on. */
static uint64_t column_compare(sqlite3 *a, sqlite3 *b, const char *sql)
{
	sqlite3_stmt *p = sql_prepare(a, sql, NULL), *q = sql_prepare(b, sql, NULL);
	int64_t low = 0, high = INT32_MAX; /* rows that are equal: at least, less than */
	uint64_t last = 0, event[2], hash[2];

	while (p && q && high - low > 1) {
		const int64_t middle = low + (high - low) / 2;

		if (row_get(p, middle - 1, &event[0], &hash[0]) &&
		    row_get(q, middle - 1, &event[1], &hash[1]) && hash[0] == hash[1] &&
		    event[0] == event[1]) {
			low = middle;
			last = event[0];
		} else {
			high = middle;
		}
	}
	sqlite3_finalize(p);
	sqlite3_finalize(q);
	return last;
}

struct running_alike running_compare(sqlite3 *a, sqlite3 *b)
{
	static const char any[] = "SELECT count(*) FROM (SELECT 1 FROM running_hash LIMIT 1)";
	struct running_alike alike = { 0 };

	alike.known = sql_integer(a, any, 0) && sql_integer(b, any, 0);
	if (!alike.known)
		return alike;
	alike.structure = column_compare(
		a, b, "SELECT event, structure FROM running_hash ORDER BY event LIMIT 1 OFFSET ?");
	alike.cost = column_compare(
		a, b, "SELECT event, cost FROM running_hash ORDER BY event LIMIT 1 OFFSET ?");
	return alike;
}
