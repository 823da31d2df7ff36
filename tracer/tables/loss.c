/* What is missing, and the proof that nothing else is. */
#include "tracer/schema.h"
#include "tracer/store/meta.h"
#include "tracer/tables/builder.h"
#include "tracer/tables/tables.h"

#define MISSING "blocks missing"

void loss_gap(void *cookie, const struct gap *gap)
{
	struct builder *b = cookie;
	const char *cause = gap->cause < 0 ? MISSING : enum_label(KIND_LOSS, (uint64_t)gap->cause);

	indexer_gap(b->index, gap);
	if (!b->gap[gap->cpu])
		b->gap[gap->cpu] = gap->after_time;
	ROW(b, loss, "iitiiiii", SQL_NULL, I(gap->cpu), cause ? cause : "?",
	    gap->count < 0 ? SQL_NULL : gap->count, gap->after < 0 ? SQL_NULL : gap->after,
	    gap->before < 0 ? SQL_NULL : gap->before, gap->after_time,
	    gap->before < 0 ? SQL_NULL : gap->before_time);
}

/* Lost since a CPU's last block was closed: the final counts tell. */
static int loss_after_last(struct builder *b, struct error *why)
{
	sqlite3_stmt *s = sql_prepare(
		b->db, "SELECT cpu, cause, sum(count) FROM loss_total GROUP BY cpu, cause", why);
	uint64_t lost[TRACE_LOSS_CAUSES];

	if (!s)
		return -1;
	while (sqlite3_step(s) == SQLITE_ROW) {
		const int64_t cpu = sqlite3_column_int64(s, 0);
		const int64_t cause = sqlite3_column_int64(s, 1);
		struct gap gap = { .cause = (int)cause, .after = -1, .before = -1 };

		if (cpu < 0 || cpu >= TRACE_CPUS_MAX || cause < 0 || cause >= TRACE_LOSS_CAUSES)
			continue;
		gap.cpu = (uint32_t)cpu;
		gap.count = sqlite3_column_int64(s, 2);
		if (timeline_last(b->timeline, gap.cpu, lost, &gap.after, &gap.after_time))
			gap.count -= (int64_t)lost[cause];
		if (gap.count > 0)
			loss_gap(b, &gap);
	}
	sqlite3_finalize(s);
	return 0;
}

/* What no count explains is in blocks that never arrived.  Those before a block that did
 * are known; the rest can only be in blocks after the last one, if there were any. */
static int missing_after_last(struct builder *b, struct error *why)
{
	sqlite3_stmt *s = sql_prepare(
		b->db,
		"SELECT cpu, blocks,"
		" (SELECT coalesce(sum(missing), 0) FROM counter c WHERE c.cpu = cpu.cpu) -"
		" (SELECT coalesce(sum(count), 0) FROM loss l WHERE l.cpu = cpu.cpu"
		"  AND cause = '" MISSING "') FROM cpu",
		why);
	uint64_t lost[TRACE_LOSS_CAUSES];

	if (!s)
		return -1;
	while (sqlite3_step(s) == SQLITE_ROW) {
		const int64_t cpu = sqlite3_column_int64(s, 0);
		struct gap gap = { .cause = -1, .after = -1, .before = -1 };

		if (cpu < 0 || cpu >= TRACE_CPUS_MAX)
			continue;
		gap.cpu = (uint32_t)cpu;
		gap.count = sqlite3_column_int64(s, 2);
		timeline_last(b->timeline, gap.cpu, lost, &gap.after, &gap.after_time);
		if (gap.count > 0 && gap.after + 1 < sqlite3_column_int64(s, 1))
			loss_gap(b, &gap);
	}
	sqlite3_finalize(s);
	return 0;
}

static int stored_write(struct builder *b, struct error *why)
{
	sqlite3_stmt *s = sql_prepare(b->db,
				      "INSERT INTO counter (cpu, event, name, stored)"
				      " VALUES (?, ?, ?, ?) ON CONFLICT (cpu, event)"
				      " DO UPDATE SET stored = excluded.stored",
				      why);
	int code = 0;

	if (!s)
		return -1;
	for (unsigned cpu = 0; cpu < TRACE_CPUS_MAX; cpu++)
		for (unsigned id = 0; id < EV_LIMIT; id++) {
			const struct event_info *info = event_info(id);

			if (b->stored[cpu][id])
				code |= sql_row(s, "iiti", I(cpu), I(id), info ? info->name : NULL,
						I(b->stored[cpu][id]));
		}
	sqlite3_finalize(s);
	return code || sql_exec(b->db,
				"UPDATE counter SET missing = emitted - stored - lost - filtered",
				why)
		       ? -1
		       : 0;
}

/* SYSRET is also what every syscall_return is. */
static int ways_write(struct builder *b, struct error *why)
{
	sqlite3_stmt *s = sql_prepare(b->db, "INSERT INTO way VALUES (?, ?, ?, ?)", why);
	int code = 0;

	if (!s)
		return -1;
	for (unsigned cpu = 0; cpu < TRACE_CPUS_MAX; cpu++) {
		b->ways[cpu][EV_syscall_return][WAY_SYSRET] = b->stored[cpu][EV_syscall_return];
		for (unsigned id = 0; id < EV_LIMIT; id++)
			for (unsigned way = 0; way < WAY_COUNT; way++)
				if (b->ways[cpu][id][way])
					code |= sql_row(s, "iiti", I(cpu), I(id),
							enum_label(KIND_WAY, way),
							I(b->ways[cpu][id][way]));
	}
	sqlite3_finalize(s);
	return code ? -1 : 0;
}

/* From when to when a CPU's records are, for the times that it accounted for. */
static int spans_write(struct builder *b, struct error *why)
{
	sqlite3_stmt *s =
		sql_prepare(b->db,
			    "UPDATE cpu SET online = ?2, closed = (SELECT last_time FROM block"
			    " WHERE block.cpu = ?1 ORDER BY sequence DESC LIMIT 1) WHERE cpu = ?1",
			    why);
	int code = 0;

	if (!s)
		return -1;
	for (unsigned cpu = 0; cpu < TRACE_CPUS_MAX; cpu++)
		code |= sql_row(s, "ii", I(cpu), b->online[cpu] ? I(b->online[cpu]) : SQL_NULL);
	sqlite3_finalize(s);
	return code ? -1 : 0;
}

/* What CPUs were amidst of when the machine stopped: attempts that became no record.  They
 * nest boundedly, so that there are few; more than that is no such thing. */
static int unfinished_write(struct builder *b, struct error *why)
{
	static const char *const sql[] = {
		"INSERT OR REPLACE INTO loss_total SELECT cpu, 5, event,"
		" emitted - stored - coalesce(lost, 0) - coalesce(filtered, 0) FROM counter c"
		" WHERE emitted - stored - coalesce(lost, 0) - coalesce(filtered, 0) > 0 AND"
		" (SELECT sum(emitted - stored - coalesce(lost, 0) - coalesce(filtered, 0))"
		" FROM counter x WHERE x.cpu = c.cpu) <= 8",
		"INSERT INTO loss SELECT NULL, cpu, 'being written when the machine stopped',"
		" sum(count), NULL, NULL, NULL, NULL FROM loss_total WHERE cause = 5 GROUP BY cpu",
		"UPDATE counter AS c SET lost = coalesce(lost, 0) + t.count FROM loss_total t"
		" WHERE t.cause = 5 AND t.cpu = c.cpu AND t.event = c.event"
		" AND c.emitted - c.stored - coalesce(c.lost, 0) - coalesce(c.filtered, 0) > 0",
	};
	char stopped[16];

	_Static_assert(LOSS_UNFINISHED == 5, "cause 5 above");
	meta_text(b->db, "stopped", stopped, sizeof(stopped));
	for (unsigned i = 0; stopped[0] && i < sizeof(sql) / sizeof(sql[0]); i++)
		if (sql_exec(b->db, sql[i], why))
			return -1;
	return 0;
}

int loss_finish(struct builder *b, struct error *why)
{
	int identity;

	if (loss_after_last(b, why) || stored_write(b, why) || unfinished_write(b, why) ||
	    missing_after_last(b, why) || ways_write(b, why) || spans_write(b, why))
		return sql_error(why, b->db, "cannot decode the trace");
	identity = tables_identity(b->db, NULL);
	if (identity >= 0)
		meta_set_integer(b->db, "identity", identity);
	meta_set_integer(b->db, "bad_blocks", I(timeline_bad(b->timeline)));
	meta_set_integer(b->db, "cr3_loads", I(b->cr3_loads));
	return 0;
}

int tables_identity(sqlite3 *db, struct error *why)
{
	sqlite3_stmt *s;
	int answer = 1;

	if (sql_integer(db, "SELECT count(*) FROM cpu", 0) <
	    (meta_integer(db, "cpus", 1) > 0 ? meta_integer(db, "cpus", 1) : 1))
		return -1;
	s = sql_prepare(
		db,
		"SELECT cpu, sum(coalesce(emitted, 0)), sum(stored), sum(coalesce(lost, 0)),"
		" sum(coalesce(filtered, 0)),"
		" (SELECT coalesce(sum(count), 0) FROM loss l WHERE l.cpu = c.cpu"
		"  AND cause = '" MISSING "') AS located,"
		" min(coalesce(emitted, 0) - stored - coalesce(lost, 0) - coalesce(filtered, 0))"
		"  AS least, sum(coalesce(emitted, 0) - stored - coalesce(lost, 0) -"
		"  coalesce(filtered, 0)) AS rest FROM counter c GROUP BY cpu"
		" HAVING least < 0 OR rest <> located LIMIT 1",
		why);
	if (!s)
		return -1;
	if (sqlite3_step(s) == SQLITE_ROW) {
		answer = 0;
		error_set(
			why, 125,
			"the trace is not complete: CPU %lld emitted %lld records, but %lld are"
			" stored, %lld lost, %lld filtered and %lld in blocks known to be missing",
			(long long)sqlite3_column_int64(s, 0),
			(long long)sqlite3_column_int64(s, 1),
			(long long)sqlite3_column_int64(s, 2),
			(long long)sqlite3_column_int64(s, 3),
			(long long)sqlite3_column_int64(s, 4),
			(long long)sqlite3_column_int64(s, 5));
	}
	sqlite3_finalize(s);
	return answer;
}
