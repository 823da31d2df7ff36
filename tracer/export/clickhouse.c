/* Recordings as rows of a ClickHouse database: schemas/sql/clickhouse.sql names tables,
 * columns and types, and says what is asked of each trace file; the rows go over HTTP in
 * RowBinary, a request a table.  The row of table run is written last: it says that all
 * the others are there. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/export/format.h"
#include "tracer/export/http.h"
#include "tracer/store/meta.h"
#include "tracer/store/open.h"
#include "tracer/store/sql.h"

extern const char clickhouse_sql[];

#define COLUMNS_MAX 32
#define NAME_BYTES  64

enum kind { AS_U8, AS_U16, AS_U32, AS_U64, AS_I32, AS_I64, AS_TEXT };

struct column {
	char name[NAME_BYTES];
	enum kind kind;
	bool nullable;
};

struct table {
	char name[NAME_BYTES];
	unsigned columns;
	struct column column[COLUMNS_MAX];
};

struct server {
	struct http_url url;
	char database[NAME_BYTES];
};

/* --- The statements --- */

static const struct {
	const char *name;
	enum kind kind;
} types[] = {
	{ "UInt8", AS_U8 },  { "UInt16", AS_U16 }, { "UInt32", AS_U32 },  { "UInt64", AS_U64 },
	{ "Int32", AS_I32 }, { "Int64", AS_I64 },  { "String", AS_TEXT }, { "DateTime", AS_U32 },
};

/* "name Type," or "name Nullable(Type),". */
static bool column_parse(struct column *c, const char *line)
{
	char type[NAME_BYTES];
	const char *name = type;

	if (sscanf(line, "\t%63s %63[A-Za-z0-9()]", c->name, type) != 2)
		return false;
	c->nullable = strncmp(type, "Nullable(", 9) == 0;
	if (c->nullable) {
		name += 9;
		type[strlen(type) - 1] = '\0';
	}
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].name, name) == 0) {
			c->kind = types[i].kind;
			return true;
		}
	return false;
}

/* The next CREATE TABLE from *at on, and its columns; false: there is none. */
static bool table_next(const char **at, struct table *t, struct buffer *statement)
{
	const char *from = strstr(*at, "CREATE TABLE"), *end = from ? strstr(from, ";\n") : NULL;

	if (!end || sscanf(from, "CREATE TABLE IF NOT EXISTS %63s", t->name) != 1)
		return false;
	buffer_clear(statement);
	buffer_append(statement, from, (size_t)(end - from));
	t->columns = 0;
	for (const char *line = strchr(from, '\n'); line && line < end && line[1] != ')';
	     line = strchr(line + 1, '\n'))
		if (t->columns < COLUMNS_MAX && column_parse(&t->column[t->columns], line + 1))
			t->columns++;
	*at = end + 2;
	return true;
}

/* --- The server --- */

/* Begin a request whose body is to follow the query. */
static int query_begin(const struct server *s, const char *query, const char *database,
		       struct http **out, struct error *why)
{
	struct buffer target = { 0 }, headers = { 0 };
	int status;

	buffer_string(&target, "/?database=");
	http_encode(&target, database);
	buffer_string(&target, "&query=");
	http_encode(&target, query);
	if (s->url.user[0])
		buffer_printf(&headers, "X-ClickHouse-User: %s\r\n", s->url.user);
	if (s->url.password[0])
		buffer_printf(&headers, "X-ClickHouse-Key: %s\r\n", s->url.password);
	status = http_post(out, &s->url, buffer_text(&target), buffer_text(&headers), why);
	buffer_free(&target);
	buffer_free(&headers);
	return status;
}

static int query_end(struct http *h, struct buffer *answer, struct error *why)
{
	struct buffer clean = { 0 };
	unsigned status;

	if (http_end(h, &status, answer, why))
		return 2;
	if (status == 200)
		return 0;
	buffer_clean(&clean, buffer_text(answer));
	error_set(why, 2, "ClickHouse says (%u): %.300s", status, buffer_text(&clean));
	buffer_free(&clean);
	return 2;
}

static int query_run(const struct server *s, const char *query, const char *database,
		     struct buffer *answer, struct error *why)
{
	struct http *h;

	return query_begin(s, query, database, &h, why) || query_end(h, answer, why) ? 2 : 0;
}

/* --- Rows --- */

static void number_put(struct buffer *b, enum kind kind, int64_t value)
{
	static const size_t size[] = { 1, 2, 4, 8, 4, 8 };

	buffer_append(b, &value, size[kind]); /* little-endian, as we are */
}

static void text_put(struct buffer *b, const void *text, size_t size)
{
	size_t rest = size;

	for (; rest >= 0x80; rest >>= 7)
		buffer_char(b, (char)(rest | 0x80));
	buffer_char(b, (char)rest);
	buffer_append(b, text, size);
}

static void value_put(struct buffer *b, const struct column *c, sqlite3_stmt *q, int column)
{
	const bool null = sqlite3_column_type(q, column) == SQLITE_NULL;
	const void *text;

	if (c->nullable) {
		buffer_char(b, null ? 1 : 0);
		if (null)
			return;
	}
	if (c->kind != AS_TEXT) {
		number_put(b, c->kind, sqlite3_column_int64(q, column));
		return;
	}
	text = sqlite3_column_text(q, column);
	text_put(b, text ? text : "", text ? (size_t)sqlite3_column_bytes(q, column) : 0);
}

/* What of the recording goes into a column of table run. */
static void run_column(struct buffer *b, const char *name)
{
	if (strcmp(name, "events") == 0)
		buffer_string(b, "(SELECT sum(stored) FROM counter)");
	else if (strcmp(name, "lost") == 0)
		buffer_string(b, "(SELECT coalesce(sum(count), 0) FROM loss)");
	else if (strcmp(name, "file") == 0)
		buffer_string(b, "?1");
	else if (strcmp(name, "complete") == 0)
		buffer_string(b, "(SELECT count(*) = 2 FROM meta WHERE name IN"
				 " ('bye_reason', 'identity'))");
	else
		buffer_printf(b, "(SELECT value FROM meta WHERE name = '%s')", name);
}

/* The first column, run, is the same for all rows. */
static sqlite3_stmt *rows_select(sqlite3 *db, const struct table *t, const char *file,
				 struct error *why)
{
	const bool run = strcmp(t->name, "run") == 0;
	struct buffer sql = { 0 };
	sqlite3_stmt *q;

	buffer_string(&sql, "SELECT ");
	for (unsigned i = 1; i < t->columns; i++) {
		buffer_string(&sql, i > 1 ? ", " : "");
		if (run)
			run_column(&sql, t->column[i].name);
		else
			buffer_printf(&sql, "\"%s\"", t->column[i].name);
	}
	if (!run)
		buffer_printf(&sql, " FROM \"%s\"", t->name);
	q = sql_prepare(db, buffer_text(&sql), why);
	if (q && run)
		sqlite3_bind_text(q, 1, file, -1, SQLITE_STATIC);
	buffer_free(&sql);
	return q;
}

static int rows_send(struct http *h, sqlite3 *db, const struct table *t, sqlite3_stmt *q,
		     const char *run, struct error *why)
{
	struct buffer row = { 0 };
	int code;

	while ((code = sqlite3_step(q)) == SQLITE_ROW) {
		buffer_clear(&row);
		text_put(&row, run, strlen(run));
		for (unsigned i = 1; i < t->columns; i++)
			value_put(&row, &t->column[i], q, (int)i - 1);
		if (http_send(h, buffer_text(&row), row.length))
			break; /* the answer says why */
	}
	buffer_free(&row);
	if (code != SQLITE_DONE && code != SQLITE_ROW)
		return sql_error(why, db, "cannot read the trace");
	return 0;
}

static int table_send(const struct server *s, sqlite3 *db, const struct table *t, const char *run,
		      const char *file, struct error *why)
{
	sqlite3_stmt *q = rows_select(db, t, file, why);
	struct buffer query = { 0 }, answer = { 0 };
	struct error other = { 0 };
	struct http *h;
	int status;

	if (!q)
		return 2;
	buffer_printf(&query, "INSERT INTO `%s` FORMAT RowBinary", t->name);
	status = query_begin(s, buffer_text(&query), s->database, &h, why);
	if (!status) {
		status = rows_send(h, db, t, q, run, why);
		if (query_end(h, &answer, status ? &other : why))
			status = 2;
	}
	sqlite3_finalize(q);
	buffer_free(&query);
	buffer_free(&answer);
	return status;
}

/* --- A recording --- */

static int run_known(const struct server *s, const char *run, bool *known, struct error *why)
{
	struct buffer query = { 0 }, answer = { 0 };
	int status;

	buffer_printf(&query, "SELECT count() FROM run WHERE run = '%s'", run);
	status = query_run(s, buffer_text(&query), s->database, &answer, why);
	*known = strtoul(buffer_text(&answer), NULL, 10) > 0;
	buffer_free(&query);
	buffer_free(&answer);
	return status;
}

/* Hexadecimal digits, as the recorder makes it; the file may be anybody's. */
static int run_name(sqlite3 *db, const char *file, char *run, size_t size, struct error *why)
{
	meta_text(db, "run", run, size);
	if (run[0] && strspn(run, "0123456789abcdef") == strlen(run))
		return 0;
	return error_set(why, 2, "%s: has no name of its own to tell its rows by", file);
}

static int tables_send(const struct server *s, sqlite3 *db, const char *run, const char *file,
		       struct error *why)
{
	struct buffer statement = { 0 };
	const char *at = clickhouse_sql;
	struct table t, last = { 0 };
	int status = 0;

	while (!status && table_next(&at, &t, &statement))
		if (strcmp(t.name, "run") == 0)
			last = t;
		else
			status = table_send(s, db, &t, run, file, why);
	buffer_free(&statement);
	return status ? status : table_send(s, db, &last, run, file, why);
}

static int file_send(const struct server *s, const struct export_job *job, const char *file,
		     struct error *why)
{
	char run[NAME_BYTES];
	sqlite3 *db;
	bool known = false;
	int status = trace_open(&db, file, job->progress, why);

	if (status)
		return status;
	status = run_name(db, file, run, sizeof(run), why);
	if (!status && !job->force)
		status = run_known(s, run, &known, why);
	if (!status && known)
		fprintf(stderr,
			"ringscope: %s: is there already as run %s; --force sends it again\n", file,
			run);
	else if (!status)
		status = tables_send(s, db, run, file, why);
	sqlite3_close_v2(db);
	return status;
}

static int tables_make(const struct server *s, struct error *why)
{
	struct buffer statement = { 0 }, answer = { 0 };
	const char *at = clickhouse_sql;
	struct table t;
	int status;

	buffer_printf(&statement, "CREATE DATABASE IF NOT EXISTS `%s`", s->database);
	status = query_run(s, buffer_text(&statement), "default", &answer, why);
	while (!status && table_next(&at, &t, &statement))
		status = query_run(s, buffer_text(&statement), s->database, &answer, why);
	buffer_free(&statement);
	buffer_free(&answer);
	return status;
}

static int clickhouse_run(const struct export_job *job, struct error *why)
{
	struct server s;
	int status = http_url_parse(&s.url, job->target, "8123", why);

	if (status)
		return status;
	snprintf(s.database, sizeof(s.database), "%.63s", s.url.path[0] ? s.url.path : "ringscope");
	for (const char *c = s.database; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '_')
			return error_set(why, 2, "%s: not the name of a database", s.database);
	if (strpbrk(s.url.user, "\r\n") || strpbrk(s.url.password, "\r\n"))
		return error_set(why, 2, "a user name or password has a line end in it");
	status = tables_make(&s, why);
	for (char *const *file = job->files; !status && *file; file++)
		status = file_send(&s, job, *file, why);
	return status;
}

const struct export_format export_format_clickhouse = {
	.name = "clickhouse",
	.summary = "rows of a ClickHouse database; any number of recordings",
	.url = "http://[USER:PASSWORD@]HOST[:8123][/DATABASE]",
	.many = true,
	.run = clickhouse_run,
};
