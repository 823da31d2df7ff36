#include "tracer/cli/facts.h"

#include <getopt.h>
#include <stdio.h>

#include "tracer/buffer.h"
#include "tracer/cli/command.h"
#include "tracer/store/sql.h"

/* "254,597 of 732,910 records": the second only if the guest told it. */
static void lost_print(struct buffer *b, sqlite3 *db)
{
	const int64_t lost = sql_integer(db, "SELECT sum(count) FROM loss", 0);
	const int64_t emitted = sql_integer(db, "SELECT sum(emitted - filtered) FROM counter", 0);

	buffer_printf(b, "%lld", (long long)lost);
	if (emitted > 0)
		buffer_printf(b, " of %lld", (long long)emitted);
	buffer_string(b, " records are missing");
}

/* Each row's text, with commas between. */
static void list_print(struct buffer *b, sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = sql_prepare(db, sql, NULL);
	const char *before = "";

	while (s && sqlite3_step(s) == SQLITE_ROW) {
		buffer_printf(b, "%s%s", before, (const char *)sqlite3_column_text(s, 0));
		before = ", ";
	}
	sqlite3_finalize(s);
}

static const char causes_sql[] = "SELECT CASE WHEN sum(count) IS NULL THEN 'some' ELSE"
				 " CAST(sum(count) AS TEXT) END || ' ' || cause"
				 " FROM loss GROUP BY cause ORDER BY sum(count) DESC";

/* What the missing ones were, by the guest's own counts. */
static const char most_sql[] =
	"SELECT printf('%d %s', sum(emitted - filtered - stored), CASE name"
	" WHEN 'syscall_enter' THEN 'calls' WHEN 'page_fault' THEN 'page faults'"
	" WHEN 'context_switch' THEN 'context switches' WHEN 'interrupt' THEN 'interrupts'"
	" WHEN 'exception' THEN 'exceptions' ELSE 'wake-ups' END) FROM counter"
	" WHERE name IN ('syscall_enter', 'page_fault', 'context_switch', 'interrupt',"
	" 'exception', 'wakeup') GROUP BY name HAVING sum(emitted - filtered - stored) > 0"
	" ORDER BY event";

void loss_tell(sqlite3 *db, const char *path)
{
	struct buffer b = { 0 };
	const bool counted = sql_integer(db, "SELECT count(emitted) FROM counter", 0) > 0;

	if (sql_integer(db, "SELECT count(*) FROM loss", 0) <= 0)
		return;
	buffer_printf(&b, "ringscope: %s: ", path);
	lost_print(&b, db);
	buffer_string(&b, " (");
	list_print(&b, db, causes_sql);
	buffer_string(&b, "): counts are at least what is shown");
	if (counted) {
		buffer_string(&b, ", at most more by ");
		list_print(&b, db, most_sql);
	}
	buffer_string(&b, "; a time over a gap may be too long; table loss tells where\n");
	fputs(buffer_text(&b), stderr);
	buffer_free(&b);
}

void loss_tell_file(const char *path)
{
	sqlite3 *db = NULL;

	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK) {
		sql_harden(db);
		loss_tell(db, path);
	}
	sqlite3_close(db);
}

void loss_json(struct buffer *b, sqlite3 *db)
{
	const int64_t lost = sql_integer(db, "SELECT sum(count) FROM loss", -1);
	const char *before = "";
	sqlite3_stmt *s;

	if (sql_integer(db, "SELECT count(*) FROM loss", 0) <= 0)
		return;
	if (lost >= 0)
		buffer_printf(b, ",\n  \"lost\": %lld", (long long)lost);
	else
		buffer_string(b, ",\n  \"lost\": null");
	buffer_string(b, ", \"more_at_most\": {");
	s = sql_prepare(db,
			"SELECT name, sum(emitted - filtered - stored) AS more FROM counter"
			" GROUP BY name HAVING more > 0 ORDER BY event",
			NULL);
	while (s && sqlite3_step(s) == SQLITE_ROW) {
		buffer_string(b, before);
		buffer_json(b, (const char *)sqlite3_column_text(s, 0));
		buffer_printf(b, ": %lld", (long long)sqlite3_column_int64(s, 1));
		before = ", ";
	}
	sqlite3_finalize(s);
	buffer_char(b, '}');
}

int facts_end(sqlite3 *db, bool good)
{
	const bool complete = sql_integer(db, "SELECT " FACTS_COMPLETE, 0) == 1;

	sqlite3_close_v2(db);
	if (!good || fflush(stdout))
		return 2;
	if (complete)
		return 0;
	fprintf(stderr, "ringscope: the recording is incomplete: it was cut off\n");
	return 3;
}

int facts_main(const struct facts_command *c, int argc, char **argv)
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
			return fputs(c->help, stdout) < 0 ? 2 : 0;
		if (option != 'j')
			return complain_usage(c->name, "unknown option", argv[optind - 1], 2);
		json = true;
	}
	if (argc - optind > 1)
		return complain_usage(c->name, "more than one file:", argv[optind + 1], 2);
	path = optind < argc ? argv[optind] : "trace.db";
	if (c->open(&db, path, progress_show, &why))
		return complain(&why);
	good = c->print(db, json);
	loss_tell(db, path);
	return facts_end(db, good);
}
