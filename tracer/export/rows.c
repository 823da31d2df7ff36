/* System calls as rows: CSV, lines as of `strace -f -ttt -T`, and plain SQLite tables. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tracer/export/output.h"
#include "tracer/store/sql.h"

/* Each row of sql to print, with its head first where one is wanted. */
static int rows_run(const struct export_job *job, const char *sql,
		    void (*print)(struct buffer *b, sqlite3_stmt *s, bool head), struct error *why)
{
	struct output o;
	sqlite3_stmt *s = NULL;
	int status = output_open(&o, job, true, why), code = SQLITE_DONE;

	if (!status) {
		s = sql_prepare(o.db, sql, why);
		status = s ? 0 : 2;
	}
	if (!status)
		print(&o.line, s, true);
	while (!status && (code = sqlite3_step(s)) == SQLITE_ROW) {
		print(&o.line, s, false);
		if (o.line.length > 1 << 16)
			output_flush(&o);
	}
	if (!status && code != SQLITE_DONE)
		status = sql_error(why, o.db, "cannot read the trace");
	sqlite3_finalize(s);
	return output_close(&o, status, why);
}

/* RFC 4180. */
static void row_csv(struct buffer *b, sqlite3_stmt *s, bool head)
{
	for (int i = 0; i < sqlite3_column_count(s); i++) {
		const char *text =
			head ? sqlite3_column_name(s, i) : (const char *)sqlite3_column_text(s, i);

		buffer_string(b, i ? "," : "");
		buffer_csv(b, text ? text : "");
	}
	buffer_string(b, "\r\n");
}

static int csv_run(const struct export_job *job, struct error *why)
{
	return rows_run(job,
			"SELECT id, pid, tid, cpu, enter, exit, duration, name, args, result, error"
			" FROM syscall ORDER BY id",
			row_csv, why);
}

static void row_strace(struct buffer *b, sqlite3_stmt *s, bool head)
{
	const char *text = head ? NULL : (const char *)sqlite3_column_text(s, 2);
	const sqlite3_int64 time = head ? 0 : sqlite3_column_int64(s, 1);

	if (head)
		return;
	buffer_printf(b, "%-5lld %lld.%06lld ", sqlite3_column_int64(s, 0), time / 1000000000,
		      time % 1000000000 / 1000);
	buffer_clean(b, text ? text : "?");
	if (sqlite3_column_type(s, 3) != SQLITE_NULL)
		buffer_printf(b, " <%lld.%06lld>", sqlite3_column_int64(s, 3) / 1000000000,
			      sqlite3_column_int64(s, 3) % 1000000000 / 1000);
	buffer_char(b, '\n');
}

static int strace_run(const struct export_job *job, struct error *why)
{
	return rows_run(job, "SELECT tid, enter, text, duration FROM syscall ORDER BY id",
			row_strace, why);
}

/* All of it, then without what only we can read. */
static int copy_fill(sqlite3 *copy, sqlite3 *from, struct error *why)
{
	sqlite3_backup *b = sqlite3_backup_init(copy, "main", from, "main");
	int code = b ? sqlite3_backup_step(b, -1) : SQLITE_ERROR;

	if (b)
		sqlite3_backup_finish(b);
	if (code != SQLITE_DONE)
		return sql_error(why, copy, "cannot copy the tables");
	return sql_exec(copy,
			"PRAGMA journal_mode = DELETE; PRAGMA application_id = 0;"
			"DROP TABLE IF EXISTS block; VACUUM",
			why);
}

static int sqlite_run(const struct export_job *job, struct error *why)
{
	struct export_job source = *job;
	struct output o;
	sqlite3 *copy = NULL;
	int status;

	if (!job->target)
		return error_set(why, 2, "which file? name it with -o");
	if (access(job->target, F_OK) == 0 && !job->force)
		return error_set(why, 2, "%s: is there already; --force replaces it", job->target);
	if (unlink(job->target) < 0 && errno != ENOENT)
		return error_set(why, 2, "%s: %s", job->target, strerror(errno));
	source.target = NULL;
	status = output_open(&o, &source, true, why);
	if (!status && sqlite3_open(job->target, &copy) != SQLITE_OK)
		status = sql_error(why, copy, job->target);
	status = status ? status : copy_fill(copy, o.db, why);
	sqlite3_close(copy);
	return output_close(&o, status, why);
}

const struct export_format export_format_csv = {
	.name = "csv",
	.summary = "system calls as comma-separated values",
	.run = csv_run,
};

const struct export_format export_format_strace = {
	.name = "strace",
	.summary = "system calls as lines of `strace -f -ttt -T`",
	.run = strace_run,
};

const struct export_format export_format_sqlite = {
	.name = "sqlite",
	.summary = "plain SQLite tables without the recorded blocks; needs -o",
	.run = sqlite_run,
};
