/* ringscope report: a recording summarized. */
#include <stdio.h>
#include <string.h>

#include "tracer/buffer.h"
#include "tracer/cli/command.h"
#include "tracer/cli/facts.h"
#include "tracer/cli/table.h"
#include "tracer/store/open.h"
#include "tracer/store/sql.h"

static const char help[] =
	"usage: ringscope report [--json] [TRACE]\n"
	"\n"
	"Summarizes a recording (default: trace.db): programs, system calls, page faults,\n"
	"context switches, crossings, where the time went, what was lost.\n"
	"\n"
	"Where records are missing, >= marks what is at least so, ~ what is about so (in JSON the\n"
	"same columns).  total_at_least is sure; total_at_most counts all time of threads of\n"
	"which nothing is known, from a gap on any CPU to their next crossing, as if it was\n"
	"spent in that call, fault or trap, and for traps the gaps of all CPUs besides (- if\n"
	"the guest did not tell how many threads it made).\n"
	"\n"
	"exit status: 0; 2 the file cannot be read; 3 it is incomplete, and what is said\n"
	"holds for the part that was recorded.\n";

/* clang-format off */
static const char head_sql[] =
	"SELECT " META("command") " AS command, "
	"CASE WHEN " META("exit_status") " > 128 THEN 'killed by signal ' || ("
	META("exit_status") " - 128) WHEN " META("exit_status")
	" IS NULL THEN NULL ELSE 'exited with ' || " META("exit_status") " END AS ended, "
	META("duration") " AS duration_ns, "
	META("cpus") " AS cpus, "
	META("mode") " AS mode, "
	"(SELECT coalesce(sum(stored), 0) FROM counter) AS records, "
	"(SELECT coalesce(sum(count), 0) FROM loss) AS lost, "
	EVENTS("syscall_enter") " AS syscalls, "
	EVENTS("page_fault") " AS page_faults, "
	EVENTS("context_switch") " AS switches";
/* clang-format on */

#define TICKS_NS(column) "CAST(" column " * 1e9 / " META("tsc_hz") " AS INTEGER)"
#define SHARE(column)                                                                              \
	"round(100.0 * " column " / max(1, user_ticks + kernel_ticks + idle_ticks), 1)"

#define CALLS "'syscall_enter', 'syscall_late'"
#define TRAPS "'interrupt', 'exception', 'nmi'"

/* clang-format off */
/* Between two crossings of a thread nothing of it is missing if no CPU lacks records then: the
 * thread may run on any of them.  Else it is known up to the first gap.  So a time is sure up
 * to SURE_END (NULL: the end of the recording); temp.gap has the gaps, and the reach of all
 * that begin no later. */
#define GAPS_MADE                                                                                  \
	"CREATE TEMP TABLE gap (begin INTEGER PRIMARY KEY, reach INTEGER NOT NULL);"               \
	"INSERT INTO gap SELECT begin, max(max(end)) OVER (ORDER BY begin) FROM"                   \
	" (SELECT coalesce(after_time, " META("duration") ") AS begin,"                            \
	"  coalesce(before_time, 1 << 62) AS end FROM loss) GROUP BY begin;"
#define SURE_END(time)                                                                             \
	"CASE WHEN (SELECT reach FROM gap WHERE begin <= " time " ORDER BY begin DESC LIMIT 1) >"  \
	" " time " THEN " time " ELSE (SELECT min(begin) FROM gap WHERE begin > " time ") END"

/* The time of user threads of which nothing is known.  Of some nothing at all may be here: as many
 * as creations are lost, since the first gap at the earliest.  NULL: the guest did not tell.
 * cpus_ns: the gaps of each CPU, in which the kernel's own threads were interrupted, too. */
#define UNKNOWN_MADE                                                                               \
	"CREATE TEMP TABLE unknown AS WITH"                                                        \
	" whole (end) AS (SELECT max(" META("duration") ", coalesce((SELECT "                      \
	TICKS_NS("user_ticks + kernel_ticks + idle_ticks") " FROM cpu WHERE cpu = 0), 0))),"       \
	" hole (cpu, begin, end) AS (SELECT DISTINCT cpu, coalesce(after_time, " META("duration")  \
	"), coalesce(before_time, whole.end) FROM loss, whole),"                                   \
	" life (tid, begin, end) AS (SELECT tid, min(coalesce(start, 0)),"                         \
	"  max(coalesce(thread.end, whole.end)) FROM thread, whole"                                \
	"  WHERE tid > 0 AND NOT kernel GROUP BY tid),"                                            \
	" point (tid, time) AS (SELECT tid, begin FROM life UNION ALL"                             \
	"  SELECT tid, time FROM crossing WHERE tid IN (SELECT tid FROM life)),"                   \
	" span (begin, end) AS (SELECT time, lead(time, 1, (SELECT end FROM life"                  \
	"  WHERE life.tid = point.tid)) OVER (PARTITION BY tid ORDER BY time) FROM point),"        \
	" known (sure, end) AS (SELECT " SURE_END("begin") ", end FROM span)"                      \
	" SELECT (SELECT sum(emitted - filtered - stored) FROM counter WHERE name ="                \
	"  'thread_create') * (SELECT whole.end - min(begin) FROM gap, whole)"                    \
	"  + coalesce(sum(end - sure), 0) AS ns,"                                                  \
	" (SELECT sum(end - begin) FROM hole) AS cpus_ns FROM known WHERE sure < end;"
#define UNKNOWN_NONE "CREATE TEMP TABLE unknown (ns, cpus_ns)"

/* A begin before a gap and an end behind it may be of two, whose other halves are lost: sure is
 * the time up to the gap, where the begin tells what it is ... */
#define SURE_OF_BEGIN                                                                              \
	"sum(min(duration, coalesce(" SURE_END("enter") ", exit) - enter)) AS total_at_least_ns, "
/* ... and nothing, where the end does. */
#define WITH_ITS_END "coalesce(" SURE_END("enter") " >= exit, 1)"
#define SURE_OF_END                                                                                \
	"coalesce(sum(CASE WHEN " WITH_ITS_END " THEN duration END), 0) AS total_at_least_ns, "
/* A thread is in one call at a time.  What has no end is in no total, but its end may be lost. */
#define KNOWN                                                                                      \
	"coalesce(min(coalesce(exit, 1 << 62), " SURE_END("enter") ") - enter, duration, 0)"
#define CALLS_AT_MOST "sum(" KNOWN ") + (SELECT ns FROM unknown) AS total_at_most_ns, "
/* One whose end is not sure may be of any cause. */
#define FAULTS_AT_MOST                                                                             \
	"coalesce(sum(CASE WHEN " WITH_ITS_END " THEN duration END), 0)"                           \
	" + (SELECT coalesce(sum(" KNOWN "), 0) FROM page_fault WHERE NOT " WITH_ITS_END           \
	"  OR exit IS NULL) + (SELECT ns FROM unknown) AS total_at_most_ns, "
/* One of a thread of the kernel is on one CPU, and known up to the first gap of that. */
#define TRAPS_AT_MOST                                                                              \
	"sum(coalesce(duration, (SELECT min(after_time) FROM loss WHERE loss.cpu = trap.cpu"       \
	"  AND after_time >= enter) - enter, " KNOWN "))"                                          \
	" + (SELECT ns + cpus_ns FROM unknown) AS total_at_most_ns, "

static const struct section {
	const char *title, *key, *sql; /* sql: what follows SELECT */
	/* Where there are gaps: each row may have as many more of these ... */
	const char *events;
	const char *counted; /* ... than this column says */
	const char *bounds; /* of the times that it adds up */
} sections[] = {
	{ "programs", "programs",
	  "p.pid AS pid, p.parent AS parent, p.start AS start_ns, p.end - p.start AS"
	  " lived_ns, (SELECT sum(running) FROM thread t WHERE t.pid = p.pid AND"
	  " t.start >= p.start AND (p.end IS NULL OR t.start <= p.end)) AS ^running_ns,"
	  " (SELECT sum(syscalls) FROM thread t WHERE t.pid = p.pid AND t.start >= p.start AND"
	  " (p.end IS NULL OR t.start <= p.end)) AS ^calls, p.name AS name, coalesce(p.ended,"
	  " 'still there') AS ended FROM process p ORDER BY p.start, p.id LIMIT 40",
	  CALLS, "calls", NULL },
	{ "system calls by time", "syscalls",
	  "count(*) AS ^count, sum(error IS NOT NULL) AS ^errors, sum(duration) AS ~total_ns,"
	  " CAST(avg(duration) AS INTEGER) AS ~mean_ns, max(duration) AS ~max_ns,"
	  " sum(absent) AS ^absent, name AS call FROM syscall GROUP BY name"
	  " ORDER BY sum(duration) DESC, count(*) DESC LIMIT 30",
	  CALLS, "count", SURE_OF_BEGIN CALLS_AT_MOST },
	{ "page faults by cause", "page_faults",
	  "count(*) AS ^count, sum(user) AS ^from_user, sum(duration) AS ~total_ns,"
	  " CAST(avg(duration) AS INTEGER) AS ~mean_ns, max(duration) AS ~max_ns,"
	  " coalesce(cause, 'not ended') AS cause FROM page_fault GROUP BY cause"
	  " ORDER BY count(*) DESC",
	  "'page_fault'", "count", SURE_OF_END FAULTS_AT_MOST },
	{ "context switches", "context_switches",
	  "count(*) AS ^count, sum(space) AS ^cr3_loads, CASE WHEN reason = 'blocked' THEN"
	  " 'blocked on ' || wait ELSE reason END AS because FROM context_switch"
	  " GROUP BY because ORDER BY count(*) DESC",
	  "'context_switch'", "count", NULL },
	{ "crossings", "crossings",
	  "count(*) AS ^count, CASE direction WHEN 'in' THEN 'ring 3 to 0' ELSE"
	  " 'ring 0 to 3' END AS direction, way AS by, cause AS cause FROM crossing"
	  " GROUP BY direction, way, cause ORDER BY direction, count(*) DESC",
	  CALLS ", 'page_fault', " TRAPS ", 'syscall_return', 'user_enter', 'page_fault_end',"
	  " 'exception_end', 'interrupt_end', 'nmi_end'", "count", NULL },
	{ "interrupts, exceptions, NMIs", "traps",
	  "count(*) AS ^count, sum(user) AS ^from_user, sum(duration) AS ~total_ns, vector,"
	  " kind FROM trap GROUP BY kind, vector ORDER BY count(*) DESC",
	  TRAPS, "count", SURE_OF_BEGIN TRAPS_AT_MOST },
	{ "time by CPU", "cpus",
	  "cpu, " TICKS_NS("user_ticks") " AS user_ns, " SHARE("user_ticks")
	  " AS user_percent, " TICKS_NS("kernel_ticks") " AS kernel_ns, " SHARE("kernel_ticks")
	  " AS kernel_percent, " TICKS_NS("idle_ticks") " AS idle_ns, " SHARE("idle_ticks")
	  " AS idle_percent, " TICKS_NS("wait_ticks") " AS ring_wait_ns FROM cpu ORDER BY cpu",
	  NULL, NULL, NULL },
	{ "loss", "loss",
	  "cpu, sum(count) AS records, count(*) AS gaps, sum(before_time - after_time) AS"
	  " gaps_ns, cause FROM loss GROUP BY cpu, cause ORDER BY cpu, cause",
	  NULL, NULL, NULL },
	{ "time of which nothing is known: of threads, of CPUs", "unknown",
	  "ns AS unknown_ns, cpus_ns AS cpus_unknown_ns FROM unknown", NULL, NULL, NULL },
	/* What is recorded happened; what the guest counted happened, too, but its record is
	 * lost.  Without the guest's counts there is no upper bound. */
	{ "totals over the gaps", "bounds",
	  "name AS event, sum(stored) AS at_least, sum(emitted - filtered) AS at_most"
	  " FROM counter WHERE EXISTS (SELECT 1 FROM loss) AND name NOT GLOB '*_end'"
	  " GROUP BY name HAVING at_most IS NULL OR at_least < at_most ORDER BY event",
	  NULL, NULL, NULL },
	{ "kernel log", "log",
	  "time AS at_ns, level, text FROM log WHERE level <= 4 ORDER BY id LIMIT 20",
	  NULL, NULL, NULL },
};
/* clang-format on */

/* "AS ~total_ns": a time which is about that where there are gaps; "AS ^count": a count which is
 * at least that.  The text marks them; JSON keeps the names, which programs know. */
static void names_mark(struct buffer *b, const char *sql, bool marked)
{
	for (; *sql; sql++) {
		const bool about = *sql == '~', least = *sql == '^';
		const size_t length = strspn(sql + 1, "abcdefghijklmnopqrstuvwxyz0123456789_");

		if (!about && !least) {
			buffer_char(b, *sql);
			continue;
		}
		buffer_printf(b, marked ? "\"%s%.*s\"" : "%s%.*s",
			      !marked ? ""
			      : about ? "~"
				      : ">=",
			      (int)length, sql + 1);
		sql += length;
	}
}

/* What a row counts is what is recorded.  In the gaps there was as much more, of all rows
 * together, as the guest counted and is not here; if it did not tell, nobody knows. */
static bool section_print(sqlite3 *db, const struct section *s, bool json, bool gaps)
{
	struct buffer sql = { 0 };
	bool good;

	if (gaps && s->events)
		buffer_printf(&sql,
			      "SELECT \"%s%s\" + (SELECT CASE WHEN count(*) ="
			      " count(emitted) THEN sum(emitted - filtered - stored) END FROM"
			      " counter WHERE name IN (%s)) AS %s, * FROM (",
			      json ? "" : ">=", s->counted, s->events,
			      strcmp(s->counted, "count") == 0 ? "at_most" : "calls_at_most");
	buffer_string(&sql, "SELECT ");
	if (gaps && s->bounds)
		buffer_string(&sql, s->bounds);
	names_mark(&sql, s->sql, gaps && !json);
	if (gaps && s->events)
		buffer_char(&sql, ')');
	good = json ? table_json(db, s->key, buffer_text(&sql))
		    : table_text(db, s->title, buffer_text(&sql));
	buffer_free(&sql);
	return good;
}

static bool report_print(sqlite3 *db, bool json)
{
	const bool gaps = sql_integer(db, "SELECT count(*) FROM loss", 0) > 0;
	struct error why = { 0 };
	bool good;

	if (sql_exec(db, gaps ? GAPS_MADE UNKNOWN_MADE : UNKNOWN_NONE, &why)) {
		complain(&why);
		return false;
	}
	if (json)
		puts("{");
	good = json ? members_json(db, head_sql) : members_text(db, head_sql);
	for (size_t i = 0; good && i < sizeof(sections) / sizeof(sections[0]); i++) {
		if (json)
			puts(",");
		good = section_print(db, &sections[i], json, gaps);
	}
	if (json)
		puts("\n}");
	return good;
}

int report_main(int argc, char **argv)
{
	static const struct facts_command c = { "report", help, trace_open, report_print };

	return facts_main(&c, argc, argv);
}
