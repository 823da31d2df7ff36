/* ringscope report: a recording summarized. */
#include <getopt.h>
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

/* A begin and an end around a gap may be of two, whose other halves are lost: what is sure is
 * the time up to the gap. */
#define TOTAL_AT_LEAST                                                                             \
	"sum(min(duration, coalesce((SELECT min(after_time) FROM loss WHERE after_time >="         \
	" enter) - enter, duration))) AS total_at_least_ns, "

/* clang-format off */
static const struct section {
	const char *title, *key, *sql; /* sql: what follows SELECT */
	/* Where there are gaps: each row may have as many more of these ... */
	const char *events;
	const char *counted; /* ... than this column says */
	bool lasts; /* it adds up times from a begin to an end, each of which may be lost */
} sections[] = {
	{ "programs", "programs",
	  "p.pid AS pid, p.parent AS parent, p.start AS start_ns, p.end - p.start AS"
	  " lived_ns, (SELECT sum(running) FROM thread t WHERE t.pid = p.pid AND"
	  " t.start >= p.start AND (p.end IS NULL OR t.start <= p.end)) AS running_ns,"
	  " (SELECT sum(syscalls) FROM thread t WHERE t.pid = p.pid AND t.start >= p.start AND"
	  " (p.end IS NULL OR t.start <= p.end)) AS calls, p.name AS name, coalesce(p.ended,"
	  " 'still there') AS ended FROM process p ORDER BY p.start, p.id LIMIT 40",
	  CALLS, "calls", false },
	{ "system calls by time", "syscalls",
	  "count(*) AS count, sum(error IS NOT NULL) AS errors, sum(duration) AS total_ns,"
	  " CAST(avg(duration) AS INTEGER) AS mean_ns, max(duration) AS max_ns,"
	  " sum(absent) AS absent, name AS call FROM syscall GROUP BY name"
	  " ORDER BY sum(duration) DESC, count(*) DESC LIMIT 30",
	  CALLS, "count", true },
	{ "page faults by cause", "page_faults",
	  "count(*) AS count, sum(user) AS from_user, sum(duration) AS total_ns,"
	  " CAST(avg(duration) AS INTEGER) AS mean_ns, max(duration) AS max_ns,"
	  " coalesce(cause, 'not ended') AS cause FROM page_fault GROUP BY cause"
	  " ORDER BY count(*) DESC",
	  "'page_fault'", "count", true },
	{ "context switches", "context_switches",
	  "count(*) AS count, sum(space) AS cr3_loads, CASE WHEN reason = 'blocked' THEN"
	  " 'blocked on ' || wait ELSE reason END AS because FROM context_switch"
	  " GROUP BY because ORDER BY count(*) DESC",
	  "'context_switch'", "count", false },
	{ "crossings", "crossings",
	  "count(*) AS count, CASE direction WHEN 'in' THEN 'ring 3 to 0' ELSE"
	  " 'ring 0 to 3' END AS direction, way AS by, cause AS cause FROM crossing"
	  " GROUP BY direction, way, cause ORDER BY direction, count(*) DESC",
	  CALLS ", 'page_fault', " TRAPS ", 'syscall_return', 'user_enter', 'page_fault_end',"
	  " 'exception_end', 'interrupt_end', 'nmi_end'", "count", false },
	{ "interrupts, exceptions, NMIs", "traps",
	  "count(*) AS count, sum(user) AS from_user, sum(duration) AS total_ns, vector,"
	  " kind FROM trap GROUP BY kind, vector ORDER BY count(*) DESC",
	  TRAPS, "count", true },
	{ "time by CPU", "cpus",
	  "cpu, " TICKS_NS("user_ticks") " AS user_ns, " SHARE("user_ticks")
	  " AS user_percent, " TICKS_NS("kernel_ticks") " AS kernel_ns, " SHARE("kernel_ticks")
	  " AS kernel_percent, " TICKS_NS("idle_ticks") " AS idle_ns, " SHARE("idle_ticks")
	  " AS idle_percent, " TICKS_NS("wait_ticks") " AS ring_wait_ns FROM cpu ORDER BY cpu",
	  NULL, NULL, false },
	{ "loss", "loss",
	  "cpu, sum(count) AS records, count(*) AS gaps, sum(before_time - after_time) AS"
	  " gaps_ns, cause FROM loss GROUP BY cpu, cause ORDER BY cpu, cause",
	  NULL, NULL, false },
	/* What is recorded happened; what the guest counted happened, too, but its record is
	 * lost.  Without the guest's counts there is no upper bound. */
	{ "totals over the gaps", "bounds",
	  "name AS event, sum(stored) AS at_least, sum(emitted - filtered) AS at_most"
	  " FROM counter WHERE EXISTS (SELECT 1 FROM loss) AND name NOT GLOB '*_end'"
	  " GROUP BY name HAVING at_most IS NULL OR at_least < at_most ORDER BY event",
	  NULL, NULL, false },
	{ "kernel log", "log",
	  "time AS at_ns, level, text FROM log WHERE level <= 4 ORDER BY id LIMIT 20",
	  NULL, NULL, false },
};
/* clang-format on */

/* What a row counts is what is recorded.  In the gaps there was as much more, of all rows
 * together, as the guest counted and is not here; if it did not tell, nobody knows. */
static bool section_print(sqlite3 *db, const struct section *s, bool json, bool gaps)
{
	struct buffer sql = { 0 };
	bool good;

	if (gaps && s->events)
		buffer_printf(&sql,
			      "SELECT %s + (SELECT CASE WHEN count(*) ="
			      " count(emitted) THEN sum(emitted - filtered - stored) END FROM"
			      " counter WHERE name IN (%s)) AS %s, * FROM (",
			      s->counted, s->events,
			      strcmp(s->counted, "count") == 0 ? "at_most" : "calls_at_most");
	buffer_printf(&sql, "SELECT %s%s", gaps && s->lasts ? TOTAL_AT_LEAST : "", s->sql);
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
	bool good;

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
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct error why = { 0 };
	bool json = false, good;
	const char *path;
	sqlite3 *db;
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h')
			return fputs(help, stdout) < 0 ? 2 : 0;
		if (option != 'j')
			return complain_usage("report", "unknown option", argv[optind - 1], 2);
		json = true;
	}
	if (argc - optind > 1)
		return complain_usage("report", "more than one file:", argv[optind + 1], 2);
	path = optind < argc ? argv[optind] : "trace.db";
	if (trace_open(&db, path, progress_show, &why))
		return complain(&why);
	good = report_print(db, json);
	loss_tell(db, path);
	return facts_end(db, good);
}
