#include "tracer/tables/block_list.h"

#include <stdlib.h>

#include "tracer/array.h"
#include "tracer/store/sql.h"

/* Rows read at once where not all are. */
#define ROWS_NEAR 64

static int row_append(struct block_list *list, struct block_row row)
{
	if (!array_grow(&list->rows, &list->size, list->count, sizeof(*list->rows)))
		return -1;
	list->rows[list->count++] = row;
	return 0;
}

/* Blocks in order; those of a CPU that came since are behind those that were there. */
static int row_take(struct block_lists *lists, sqlite3_stmt *s)
{
	const struct block_row row = { sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 2),
				       (uint64_t)sqlite3_column_int64(s, 3),
				       (uint64_t)sqlite3_column_int64(s, 4) };
	const int64_t cpu = sqlite3_column_int64(s, 1);
	struct block_list *list;

	lists->blocks++;
	if (row.id > lists->newest)
		lists->newest = row.id;
	if (cpu < 0 || cpu >= TRACE_CPUS_MAX) {
		lists->bad++;
		return 0;
	}
	list = &lists->cpu[cpu];
	if (list->count && list->rows[list->count - 1].sequence >= row.sequence) {
		lists->bad++;
		return 0;
	}
	if (cpu >= lists->cpus)
		lists->cpus = (unsigned)cpu + 1;
	if (row.last_time > lists->youngest)
		lists->youngest = row.last_time;
	return row_append(list, row);
}

static int rows_load(struct block_lists *lists, struct error *why)
{
	/* The first part of the order is an index that has all of these columns. */
	sqlite3_stmt *s =
		lists->newest ? sql_prepare(lists->db,
					    "SELECT id, cpu, sequence, last_time, kinds FROM block"
					    " WHERE id > ? ORDER BY +cpu, +sequence, id",
					    why)
			      : sql_prepare(lists->db,
					    "SELECT id, cpu, sequence, last_time, kinds FROM block"
					    " ORDER BY cpu, sequence, id",
					    why);
	int code;

	if (!s)
		return why ? why->status : 2;
	if (lists->newest)
		sqlite3_bind_int64(s, 1, lists->newest);
	while ((code = sqlite3_step(s)) == SQLITE_ROW) {
		if (row_take(lists, s)) {
			sqlite3_finalize(s);
			return error_set(why, 2, "cannot read the trace: out of memory");
		}
	}
	if (code != SQLITE_DONE)
		sql_error(why, lists->db, "cannot read the trace");
	sqlite3_finalize(s);
	return code == SQLITE_DONE ? 0 : 2;
}

/* The rows of a CPU behind a sequence number, ROWS_NEAR at most, in place of those at
 * hand. */
static int rows_near(struct block_lists *lists, unsigned cpu, int64_t sequence, struct error *why)
{
	struct block_list *list = &lists->cpu[cpu];
	int code, seen = 0, status = 0;

	list->count = list->next = 0;
	list->reach = sequence;
	sqlite3_bind_int64(lists->near, 1, cpu);
	sqlite3_bind_int64(lists->near, 2, sequence);
	sqlite3_bind_int64(lists->near, 3, ROWS_NEAR);
	while (!status && (code = sqlite3_step(lists->near)) == SQLITE_ROW) {
		const struct block_row row = { sqlite3_column_int64(lists->near, 0),
					       sqlite3_column_int64(lists->near, 1),
					       (uint64_t)sqlite3_column_int64(lists->near, 2),
					       (uint64_t)sqlite3_column_int64(lists->near, 3) };

		seen++;
		if (list->reach < row.sequence)
			status = row_append(list, row);
		list->reach = row.sequence;
	}
	list->more = seen == ROWS_NEAR;
	sqlite3_reset(lists->near);
	if (status)
		error_set(why, 2, "cannot read the trace: out of memory");
	else if (code != SQLITE_DONE)
		status = sql_error(why, lists->db, "cannot read the trace");
	return status;
}

static void cpus_count(struct block_lists *lists)
{
	const int64_t last = sql_integer(lists->db, "SELECT max(cpu) FROM block", -1);

	lists->cpus = last < 0 ? 0 : last >= TRACE_CPUS_MAX ? TRACE_CPUS_MAX : (unsigned)last + 1;
	for (unsigned cpu = 0; cpu < lists->cpus; cpu++)
		lists->cpu[cpu].more = true;
}

static int near_prepare(struct block_lists *lists, struct error *why)
{
	lists->near = sql_prepare(lists->db,
				  "SELECT id, sequence, last_time, kinds FROM block"
				  " WHERE cpu = ? AND sequence > ? ORDER BY sequence LIMIT ?",
				  why);
	cpus_count(lists);
	return lists->near ? 0 : 2;
}

/* Index of the first block of at least this sequence number. */
static size_t row_place(const struct block_list *list, int64_t sequence)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (list->rows[middle].sequence < sequence)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The rows at hand cover this sequence number. */
static bool row_at_hand(const struct block_list *list, int64_t sequence)
{
	return list->count && list->rows[0].sequence <= sequence &&
	       list->rows[list->count - 1].sequence >= sequence;
}

int block_lists_open(struct block_lists *lists, sqlite3 *db, bool near, struct error *why)
{
	*lists = (struct block_lists){ .db = db };
	return near ? near_prepare(lists, why) : rows_load(lists, why);
}

void block_lists_close(struct block_lists *lists)
{
	sqlite3_finalize(lists->near);
	for (unsigned cpu = 0; cpu < TRACE_CPUS_MAX; cpu++)
		free(lists->cpu[cpu].rows);
}

int block_lists_more(struct block_lists *lists, struct error *why)
{
	if (!lists->near)
		return rows_load(lists, why);
	cpus_count(lists);
	return 0;
}

bool block_lists_follow(struct block_lists *lists, unsigned cpu, struct error *why)
{
	struct block_list *list = &lists->cpu[cpu];

	if (list->next < list->count || !list->more)
		return true;
	return rows_near(lists, cpu, list->reach, why) == 0;
}

int block_lists_go(struct block_lists *lists, unsigned cpu, int64_t sequence, struct error *why)
{
	struct block_list *list = &lists->cpu[cpu];
	const int64_t before = sequence > INT64_MIN ? sequence - 1 : sequence;

	list->next = 0;
	if (lists->near && !row_at_hand(list, sequence) && rows_near(lists, cpu, before, why))
		return -1;
	list->next = row_place(list, sequence);
	return 0;
}
