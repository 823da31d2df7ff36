#include "viewer/asker.h"

#include <ctype.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "viewer/phrase.h"

/* Instructions of SQLite's machine: some seconds. */
#define STEPS_MAX  100u /* times STEPS_PART */
#define STEPS_PART 1000000

#define SQL_BYTES 8192

void asker_set(struct asker *a, const char *name, const char *text)
{
	unsigned at = 0;

	while (at < a->count && strcmp(a->value[at].name, name) != 0)
		at++;
	if (at == ASKER_VALUES)
		return;
	if (at == a->count)
		a->count++;
	snprintf(a->value[at].name, sizeof(a->value[at].name), "%s", name);
	snprintf(a->value[at].text, sizeof(a->value[at].text), "%s", text == NULL ? "" : text);
	a->value[at].known = text != NULL;
}

void asker_set_number(struct asker *a, const char *name, int64_t number)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRId64, number);
	asker_set(a, name, text);
}

const char *asker_get(const struct asker *a, const char *name)
{
	for (unsigned i = 0; i < a->count; i++)
		if (strcmp(a->value[i].name, name) == 0)
			return a->value[i].known ? a->value[i].text : NULL;
	return NULL;
}

/* A whole number is bound as one, so that it compares with numbers. */
static void value_bind(sqlite3_stmt *s, int at, const char *text)
{
	char *end;
	long long number = strtoll(text, &end, 10);

	if (*text != '\0' && *end == '\0')
		sqlite3_bind_int64(s, at, number);
	else
		sqlite3_bind_text(s, at, text, -1, SQLITE_TRANSIENT);
}

static int values_bind(const struct asker *a, sqlite3_stmt *s, unsigned line, struct error *why)
{
	for (int at = 1; at <= sqlite3_bind_parameter_count(s); at++) {
		const char *name = sqlite3_bind_parameter_name(s, at);
		unsigned i = 0;

		while (i < a->count && (name == NULL || strcmp(a->value[i].name, name + 1) != 0))
			i++;
		if (i == a->count)
			return error_set(why, 2, "%s:%u: no value is named %s", a->lesson, line,
					 name == NULL ? "?" : name);
		if (a->value[i].known)
			value_bind(s, at, a->value[i].text);
	}
	return 0;
}

static int steps_count(void *count)
{
	return ++*(unsigned *)count > STEPS_MAX;
}

static int sql_fail(const struct asker *a, sqlite3 *db, unsigned line, struct error *why)
{
	return error_set(why, 2, "%s:%u: %s", a->lesson, line,
			 sqlite3_errcode(db) == SQLITE_INTERRUPT ? "this takes too long"
								 : sqlite3_errmsg(db));
}

static int sql_ask(const struct asker *a, const char *sql, unsigned line, char *answer, size_t size,
		   bool *known, struct error *why)
{
	sqlite3 *db = reader_database(a->reader);
	unsigned steps = 0;
	sqlite3_stmt *s;
	const char *rest;
	int status, code;

	*known = false;
	answer[0] = '\0';
	if (db == NULL)
		return error_set(why, 2, "%s:%u: this trace cannot be asked", a->lesson, line);
	if (sqlite3_prepare_v2(db, sql, -1, &s, &rest) != SQLITE_OK)
		return sql_fail(a, db, line, why);
	if (s == NULL || rest[strspn(rest, " \t;")] != '\0' || !sqlite3_stmt_readonly(s) ||
	    sqlite3_column_count(s) == 0) {
		sqlite3_finalize(s);
		return error_set(why, 2, "%s:%u: wanted one question in SQL", a->lesson, line);
	}
	status = values_bind(a, s, line, why);
	if (status == 0) {
		sqlite3_progress_handler(db, STEPS_PART, steps_count, &steps);
		code = sqlite3_step(s);
		sqlite3_progress_handler(db, 0, NULL, NULL);
		if (code == SQLITE_ROW && sqlite3_column_type(s, 0) != SQLITE_NULL) {
			*known = true;
			snprintf(answer, size, "%s", (const char *)sqlite3_column_text(s, 0));
		} else if (code != SQLITE_ROW && code != SQLITE_DONE) {
			status = sql_fail(a, db, line, why);
		}
	}
	sqlite3_finalize(s);
	return status;
}

static bool begins_with(const char *text, const char *word)
{
	const size_t length = strlen(word);

	return strncasecmp(text, word, length) == 0 && !isalnum((unsigned char)text[length]);
}

int asker_ask(const struct asker *a, const struct lesson_text *sql, char *answer, size_t size,
	      bool *known, struct error *why)
{
	char whole[SQL_BYTES];
	const bool select = begins_with(sql->text, "SELECT") || begins_with(sql->text, "WITH");

	if ((size_t)snprintf(whole, sizeof(whole), select ? "%s" : "SELECT %s", sql->text) >=
	    sizeof(whole))
		return error_set(why, 2, "%s:%u: too long", a->lesson, sql->line);
	return sql_ask(a, whole, sql->line, answer, size, known, why);
}

int asker_let(struct asker *a, const struct lesson_lets *lets, struct error *why)
{
	for (unsigned i = 0; i < lets->count; i++) {
		char answer[ASKER_TEXT] = "";
		bool known = false;

		if (asker_ask(a, &lets->let[i].sql, answer, sizeof(answer), &known, why) != 0)
			return 2;
		asker_set(a, lets->let[i].name, known ? answer : NULL);
	}
	return 0;
}

int asker_place(const struct asker *a, const struct lesson_place *place, uint64_t after,
		uint64_t *id, struct error *why)
{
	char sql[SQL_BYTES], answer[32] = "";
	bool known = false;

	*id = 0;
	if ((size_t)snprintf(sql, sizeof(sql),
			     "SELECT %s FROM %s WHERE %s > %" PRIu64
			     " AND (%s) ORDER BY %s LIMIT 1",
			     place->column, place->table, place->column, after, place->where.text,
			     place->column) >= sizeof(sql))
		return error_set(why, 2, "%s:%u: too long", a->lesson, place->where.line);
	if (sql_ask(a, sql, place->where.line, answer, sizeof(answer), &known, why) != 0)
		return 2;
	if (known)
		*id = strtoull(answer, NULL, 10);
	if (*id > reader_count(a->reader))
		*id = 0;
	return 0;
}

/* $name where the text stands; how many bytes of it that takes, 0 if it is no value. */
static size_t name_expand(const struct asker *a, const char *text, char *out, size_t size)
{
	char name[32];
	size_t length = 1;
	const char *value;

	while (isalnum((unsigned char)text[length]) || text[length] == '_')
		length++;
	if (length == 1 || length > sizeof(name))
		return 0;
	snprintf(name, sizeof(name), "%.*s", (int)(length - 1), text + 1);
	value = asker_get(a, name);
	if (value != NULL && strlen(value) > 4 && value[strspn(value, "0123456789")] == '\0')
		phrase_count(strtoull(value, NULL, 10), out, size);
	else
		snprintf(out, size, "%s", value == NULL ? "?" : value);
	return length;
}

/* The next piece of a template into out; how many bytes of it that takes. */
static size_t piece_expand(const struct asker *a, const struct event *e, const char *format,
			   char *out, size_t size)
{
	size_t taken = strcspn(format, "${");

	if (taken == 0 && *format == '{' && strchr(format, '}') != NULL) {
		char field[64];

		taken = strcspn(format, "}") + 1;
		snprintf(field, sizeof(field), "%.*s", (int)taken, format);
		phrase_expand(a->reader, e, field, out, size);
		return taken;
	}
	if (taken == 0 && *format == '$')
		taken = name_expand(a, format, out, size);
	else
		snprintf(out, size, "%.*s", (int)taken, format);
	if (taken == 0) {
		taken = 1;
		snprintf(out, size, "%c", *format);
	}
	return taken;
}

void asker_expand(const struct asker *a, const struct event *e, const char *format, char *text,
		  size_t size)
{
	size_t used = 0;

	while (*format != '\0' && used + 1 < size) {
		char piece[2048];

		format += piece_expand(a, e, format, piece, sizeof(piece));
		used += (size_t)snprintf(text + used, size - used, "%s", piece);
		used = used < size ? used : size - 1;
	}
	text[used] = '\0';
}
