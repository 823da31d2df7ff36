#include "tracer/cli/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/buffer.h"

/* Rows that box looks at to find its widths; wider cells further down stick out. */
#define BOX_ROWS  500
#define BOX_WIDTH 60

bool rows_mode_parse(const char *word, enum rows_mode *mode)
{
	static const char *const names[] = { "box", "csv", "json", "list" };

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(word, names[i]) == 0) {
			*mode = (enum rows_mode)i;
			return true;
		}
	return false;
}

static void blob_print(struct buffer *b, sqlite3_stmt *s, int column)
{
	const unsigned char *bytes = sqlite3_column_blob(s, column);
	const int count = sqlite3_column_bytes(s, column);

	buffer_string(b, "x'");
	for (int i = 0; i < count; i++)
		buffer_printf(b, "%02x", bytes[i]);
	buffer_char(b, '\'');
}

/* A value as text. */
static void value_print(struct buffer *b, sqlite3_stmt *s, int column, bool clean)
{
	const char *text;

	if (sqlite3_column_type(s, column) == SQLITE_BLOB) {
		blob_print(b, s, column);
		return;
	}
	text = (const char *)sqlite3_column_text(s, column);
	if (!text)
		return;
	if (clean)
		buffer_clean(b, text);
	else
		buffer_string(b, text);
}

/* --- box: aligned columns below their names --- */

struct box {
	int columns, rows;
	int *width;
	char **cell; /* [rows * columns] */
	bool *right; /* [columns]: numbers */
};

/* Cells on the screen: bytes that continue a character take no room. */
static int text_width(const char *text)
{
	int width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static void cell_print(const struct box *b, int column, const char *text)
{
	const int fill = b->width[column] - text_width(text);

	if (b->right[column])
		printf("%*s%s", fill > 0 ? fill : 0, "", text);
	else if (column + 1 < b->columns)
		printf("%s%*s", text, fill > 0 ? fill : 0, "");
	else
		fputs(text, stdout);
	fputs(column + 1 < b->columns ? "  " : "\n", stdout);
}

static void box_flush(struct box *b, sqlite3_stmt *s, bool first)
{
	for (int c = 0; first && c < b->columns; c++)
		cell_print(b, c, sqlite3_column_name(s, c));
	for (int c = 0; first && c < b->columns; c++) {
		for (int i = 0; i < b->width[c]; i++)
			putchar('-');
		fputs(c + 1 < b->columns ? "  " : "\n", stdout);
	}
	for (int i = 0; i < b->rows * b->columns; i++) {
		cell_print(b, i % b->columns, b->cell[i] ? b->cell[i] : "");
		free(b->cell[i]);
	}
	b->rows = 0;
}

static void box_row(struct box *b, sqlite3_stmt *s, bool measure)
{
	struct buffer text = { 0 };

	for (int c = 0; c < b->columns; c++) {
		const int type = sqlite3_column_type(s, c);
		char **cell = &b->cell[b->rows * b->columns + c];
		int width;

		buffer_clear(&text);
		value_print(&text, s, c, true);
		*cell = strdup(buffer_text(&text));
		width = text_width(buffer_text(&text));
		if (!measure)
			continue;
		if (width > b->width[c])
			b->width[c] = width < BOX_WIDTH ? width : BOX_WIDTH;
		if (b->rows == 0)
			b->right[c] = type == SQLITE_INTEGER || type == SQLITE_FLOAT;
	}
	b->rows++;
	buffer_free(&text);
}

static int box_print(sqlite3_stmt *s)
{
	const int columns = sqlite3_column_count(s);
	struct box b = { .columns = columns };
	bool first = true;
	int code;

	b.width = calloc((size_t)columns, sizeof(*b.width));
	b.right = calloc((size_t)columns, sizeof(*b.right));
	b.cell = calloc((size_t)columns * BOX_ROWS, sizeof(*b.cell));
	code = b.width && b.right && b.cell ? SQLITE_OK : SQLITE_NOMEM;
	for (int c = 0; code == SQLITE_OK && c < columns; c++)
		b.width[c] = text_width(sqlite3_column_name(s, c));
	while (code != SQLITE_NOMEM && (code = sqlite3_step(s)) == SQLITE_ROW) {
		box_row(&b, s, first);
		if (b.rows == BOX_ROWS) {
			box_flush(&b, s, first);
			first = false;
		}
	}
	if (b.rows)
		box_flush(&b, s, first);
	free(b.width);
	free(b.right);
	free(b.cell);
	return code;
}

/* --- csv (RFC 4180) and list --- */

static int lines_print(sqlite3_stmt *s, bool csv, bool clean)
{
	const int columns = sqlite3_column_count(s);
	struct buffer line = { 0 }, value = { 0 };
	int code;

	for (int c = 0; csv && c < columns; c++) {
		buffer_csv(&line, sqlite3_column_name(s, c));
		buffer_string(&line, c + 1 < columns ? "," : "\r\n");
	}
	fwrite(buffer_text(&line), 1, line.length, stdout);
	while ((code = sqlite3_step(s)) == SQLITE_ROW) {
		buffer_clear(&line);
		for (int c = 0; c < columns; c++) {
			buffer_clear(&value);
			value_print(&value, s, c, clean);
			if (csv)
				buffer_csv(&line, buffer_text(&value));
			else
				buffer_string(&line, buffer_text(&value));
			buffer_string(&line, c + 1 < columns ? csv ? "," : "|"
					     : csv           ? "\r\n"
							     : "\n");
		}
		fwrite(buffer_text(&line), 1, line.length, stdout);
	}
	buffer_free(&line);
	buffer_free(&value);
	return code;
}

/* --- json: an array of objects --- */

static void json_value(struct buffer *b, sqlite3_stmt *s, int column)
{
	struct buffer bytes = { 0 };

	switch (sqlite3_column_type(s, column)) {
	case SQLITE_NULL:
		buffer_string(b, "null");
		break;
	case SQLITE_INTEGER:
		buffer_string(b, (const char *)sqlite3_column_text(s, column));
		break;
	case SQLITE_FLOAT:
		buffer_printf(b, "%.15g", sqlite3_column_double(s, column));
		break;
	default:
		value_print(&bytes, s, column, false);
		buffer_json(b, buffer_text(&bytes));
		buffer_free(&bytes);
	}
}

static int json_print(sqlite3_stmt *s)
{
	struct buffer row = { 0 };
	bool first = true;
	int code;

	while ((code = sqlite3_step(s)) == SQLITE_ROW) {
		buffer_clear(&row);
		for (int c = 0; c < sqlite3_column_count(s); c++) {
			buffer_string(&row, c ? "," : "{");
			buffer_json(&row, sqlite3_column_name(s, c));
			buffer_char(&row, ':');
			json_value(&row, s, c);
		}
		printf("%s%s}", first ? "[" : ",\n", buffer_text(&row));
		first = false;
	}
	puts(first ? "[]" : "]");
	buffer_free(&row);
	return code;
}

int rows_print(sqlite3_stmt *s, enum rows_mode mode, bool clean)
{
	if (sqlite3_column_count(s) == 0)
		return sqlite3_step(s);
	switch (mode) {
	case ROWS_BOX:
		return box_print(s);
	case ROWS_JSON:
		return json_print(s);
	default:
		return lines_print(s, mode == ROWS_CSV, clean);
	}
}
