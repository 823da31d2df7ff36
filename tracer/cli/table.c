#include "tracer/cli/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/buffer.h"

#define COLUMNS_MAX 16
#define WIDTH_MAX   48

void time_format(char *to, unsigned size, long long ns)
{
	static const struct {
		double scale;
		const char *unit;
	} units[] = { { 1e9, "s" }, { 1e6, "ms" }, { 1e3, "us" } };

	for (unsigned i = 0; i < 3; i++)
		if ((double)ns >= units[i].scale) {
			const double value = (double)ns / units[i].scale;

			snprintf(to, size,
				 value < 10    ? "%.2f %s"
				 : value < 100 ? "%.1f %s"
					       : "%.0f %s",
				 value, units[i].unit);
			return;
		}
	snprintf(to, size, "%lld ns", ns);
}

static bool is_time(const char *name)
{
	const size_t length = strlen(name);

	return length > 3 && strcmp(name + length - 3, "_ns") == 0;
}

/* A value for people; guest text in it is cleaned. */
static void cell_print(struct buffer *b, sqlite3_stmt *s, int column)
{
	const char *text = (const char *)sqlite3_column_text(s, column);
	char time[32];

	if (sqlite3_column_type(s, column) == SQLITE_INTEGER &&
	    is_time(sqlite3_column_name(s, column))) {
		time_format(time, sizeof(time), sqlite3_column_int64(s, column));
		buffer_string(b, time);
	} else if (text) {
		buffer_clean(b, text);
	} else {
		buffer_char(b, '-');
	}
}

static int heading_length(const char *name)
{
	return (int)strlen(name) - (is_time(name) ? 3 : 0);
}

/* How wide each column must be. */
static int widths_measure(sqlite3_stmt *s, int width[COLUMNS_MAX], int columns)
{
	struct buffer cell = { 0 };
	int rows = 0;

	for (int i = 0; i < columns; i++)
		width[i] = heading_length(sqlite3_column_name(s, i));
	for (; sqlite3_step(s) == SQLITE_ROW; rows++)
		for (int i = 0; i < columns; i++) {
			buffer_clear(&cell);
			cell_print(&cell, s, i);
			if ((int)cell.length > width[i])
				width[i] = cell.length < WIDTH_MAX ? (int)cell.length : WIDTH_MAX;
		}
	sqlite3_reset(s);
	buffer_free(&cell);
	return rows;
}

/* Numbers to the right, text to the left, the last column as long as it is. */
static void row_print(sqlite3_stmt *s, const int width[COLUMNS_MAX], int columns)
{
	struct buffer cell = { 0 };

	for (int i = 0; i < columns; i++) {
		const bool number = sqlite3_column_type(s, i) == SQLITE_INTEGER ||
				    sqlite3_column_type(s, i) == SQLITE_FLOAT;

		buffer_clear(&cell);
		cell_print(&cell, s, i);
		if (number)
			printf("  %*.*s", width[i], width[i], buffer_text(&cell));
		else if (i == columns - 1)
			printf("  %.200s", buffer_text(&cell));
		else
			printf("  %-*.*s", width[i], width[i], buffer_text(&cell));
	}
	putchar('\n');
	buffer_free(&cell);
}

static sqlite3_stmt *query(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK)
		return s;
	fprintf(stderr, "ringscope: cannot query the trace: %s\n", sqlite3_errmsg(db));
	return NULL;
}

static bool query_done(sqlite3 *db, sqlite3_stmt *s)
{
	const bool good = sqlite3_finalize(s) == SQLITE_OK;

	if (!good)
		fprintf(stderr, "ringscope: cannot query the trace: %s\n", sqlite3_errmsg(db));
	return good;
}

bool table_text(sqlite3 *db, const char *title, const char *sql)
{
	sqlite3_stmt *s = query(db, sql);
	const int all = s ? sqlite3_column_count(s) : 0;
	const int columns = all < COLUMNS_MAX ? all : COLUMNS_MAX;
	int width[COLUMNS_MAX];

	if (!s)
		return false;
	if (widths_measure(s, width, columns)) {
		printf("\n%s\n", title);
		for (int i = 0; sqlite3_step(s) == SQLITE_ROW; i++) {
			for (int c = 0; i == 0 && c < columns; c++) {
				const char *name = sqlite3_column_name(s, c);
				const bool number = sqlite3_column_type(s, c) != SQLITE_TEXT &&
						    sqlite3_column_type(s, c) != SQLITE_NULL;

				printf(number ? "  %*.*s" : "  %-*.*s", width[c],
				       heading_length(name), name);
			}
			if (i == 0)
				putchar('\n');
			row_print(s, width, columns);
		}
	}
	return query_done(db, s);
}

/* Columns whose 0 and 1 mean no and yes. */
static bool is_answer(const char *name)
{
	return strcmp(name, "complete") == 0 || strcmp(name, "identity_holds") == 0 ||
	       strcmp(name, "icount") == 0;
}

static void value_json(struct buffer *b, sqlite3_stmt *s, int column)
{
	const char *text;

	switch (sqlite3_column_type(s, column)) {
	case SQLITE_INTEGER:
		if (is_answer(sqlite3_column_name(s, column)))
			buffer_string(b, sqlite3_column_int64(s, column) ? "true" : "false");
		else
			buffer_printf(b, "%lld", (long long)sqlite3_column_int64(s, column));
		break;
	case SQLITE_FLOAT:
		buffer_printf(b, "%.9g", sqlite3_column_double(s, column));
		break;
	case SQLITE_NULL:
		buffer_string(b, "null");
		break;
	default:
		text = (const char *)sqlite3_column_text(s, column);
		buffer_json(b, text ? text : "");
		break;
	}
}

static void row_json(struct buffer *b, sqlite3_stmt *s, const char *separator)
{
	const int columns = sqlite3_column_count(s);

	for (int i = 0; i < columns; i++) {
		if (i)
			buffer_string(b, separator);
		buffer_json(b, sqlite3_column_name(s, i));
		buffer_string(b, ": ");
		value_json(b, s, i);
	}
}

bool table_json(sqlite3 *db, const char *key, const char *sql)
{
	sqlite3_stmt *s = query(db, sql);
	struct buffer b = { 0 };
	bool first = true;

	if (!s)
		return false;
	printf("  \"%s\": [", key);
	while (sqlite3_step(s) == SQLITE_ROW) {
		buffer_clear(&b);
		row_json(&b, s, ", ");
		printf("%s\n    {%s}", first ? "" : ",", buffer_text(&b));
		first = false;
	}
	printf("%s]", first ? "" : "\n  ");
	buffer_free(&b);
	return query_done(db, s);
}

bool members_json(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = query(db, sql);
	struct buffer b = { 0 };

	if (!s)
		return false;
	if (sqlite3_step(s) == SQLITE_ROW) {
		buffer_string(&b, "  ");
		row_json(&b, s, ",\n  ");
		fputs(buffer_text(&b), stdout);
	}
	buffer_free(&b);
	return query_done(db, s);
}

bool members_text(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = query(db, sql);
	struct buffer cell = { 0 };
	int width = 0;

	if (!s)
		return false;
	for (int i = 0; i < sqlite3_column_count(s); i++)
		if (heading_length(sqlite3_column_name(s, i)) > width)
			width = heading_length(sqlite3_column_name(s, i));
	if (sqlite3_step(s) == SQLITE_ROW)
		for (int i = 0; i < sqlite3_column_count(s); i++) {
			const char *name = sqlite3_column_name(s, i);

			buffer_clear(&cell);
			cell_print(&cell, s, i);
			printf("%-*.*s  %s\n", width, heading_length(name), name,
			       buffer_text(&cell));
		}
	buffer_free(&cell);
	return query_done(db, s);
}
