#include "viewer/grid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "viewer/text.h"

#define TEXT_BYTES 2048

bool grid_resize(struct grid *grid, int cols, int rows)
{
	struct cell *cells;

	cols = cols < 1 ? 1 : cols;
	rows = rows < 1 ? 1 : rows;
	if (grid->cells == NULL || cols != grid->cols || rows != grid->rows) {
		cells = calloc((size_t)cols * (size_t)rows, sizeof(*cells));
		if (cells == NULL)
			return false;
		free(grid->cells);
		grid->cells = cells;
		grid->cols = cols;
		grid->rows = rows;
	}
	grid_clear(grid);
	return true;
}

void grid_free(struct grid *grid)
{
	free(grid->cells);
	grid->cells = NULL;
	grid->cols = grid->rows = 0;
}

void grid_clear(struct grid *grid)
{
	grid->focus_col = grid->focus_row = 0;
	for (int i = 0; i < grid->cols * grid->rows; i++)
		grid->cells[i] = (struct cell){ .glyph = ' ', .style = STYLE_PLAIN };
}

struct cell *grid_at(const struct grid *grid, int col, int row)
{
	if (col < 0 || row < 0 || col >= grid->cols || row >= grid->rows)
		return NULL;
	return &grid->cells[row * grid->cols + col];
}

void grid_put(struct grid *grid, int col, int row, enum style style, uint32_t glyph)
{
	struct cell *cell = grid_at(grid, col, row);

	if (cell != NULL)
		*cell = (struct cell){ .glyph = grid->ascii ? text_ascii(glyph) : glyph,
				       .style = (uint8_t)style };
}

void grid_aim(struct grid *grid, struct rect area, enum aim aim, int64_t value)
{
	for (int row = area.row; row < area.row + area.rows; row++) {
		for (int col = area.col; col < area.col + area.cols; col++) {
			struct cell *cell = grid_at(grid, col, row);

			if (cell != NULL) {
				cell->aim = (uint8_t)aim;
				cell->value = value;
			}
		}
	}
}

void grid_fill(struct grid *grid, struct rect area, enum style style, uint32_t glyph)
{
	for (int row = area.row; row < area.row + area.rows; row++)
		for (int col = area.col; col < area.col + area.cols; col++)
			grid_put(grid, col, row, style, glyph);
}

void grid_box(struct grid *grid, struct rect area, enum style style, const char *title)
{
	int right = area.col + area.cols - 1, bottom = area.row + area.rows - 1;

	if (area.cols < 2 || area.rows < 2)
		return;
	grid_fill(grid, area, STYLE_PLAIN, ' ');
	for (int col = area.col + 1; col < right; col++) {
		grid_put(grid, col, area.row, style, 0x2500);
		grid_put(grid, col, bottom, style, 0x2500);
	}
	for (int row = area.row + 1; row < bottom; row++) {
		grid_put(grid, area.col, row, style, 0x2502);
		grid_put(grid, right, row, style, 0x2502);
	}
	grid_put(grid, area.col, area.row, style, 0x250c);
	grid_put(grid, right, area.row, style, 0x2510);
	grid_put(grid, area.col, bottom, style, 0x2514);
	grid_put(grid, right, bottom, style, 0x2518);
	if (title != NULL && title[0] != '\0' && area.cols > 6)
		grid_print(grid, area.col + 2, area.row, area.cols - 4, style, " %s ", title);
}

void grid_copy(struct grid *grid, int col, int row, const struct grid *from, int rows)
{
	for (int y = 0; y < rows && y < from->rows; y++) {
		for (int x = 0; x < from->cols; x++) {
			struct cell *cell = grid_at(grid, col + x, row + y);

			if (cell != NULL)
				*cell = from->cells[y * from->cols + x];
		}
	}
}

void grid_keep(struct grid *grid, const struct grid *from, struct rect area)
{
	for (int row = area.row; row < area.row + area.rows; row++) {
		for (int col = area.col; col < area.col + area.cols; col++) {
			struct cell *cell = grid_at(grid, col, row);
			const struct cell *old = grid_at(from, col, row);

			if (cell != NULL && old != NULL)
				*cell = *old;
		}
	}
}

/* Clean text into cells; the last one becomes an ellipsis when more was there. */
static int cells_clip(const struct grid *grid, const char *text, uint32_t *points, int width)
{
	uint32_t all[TEXT_BYTES];
	size_t count = text_clean(all, TEXT_BYTES, text, strlen(text), grid->ascii);
	int used = (int)count < width ? (int)count : width;

	memcpy(points, all, (size_t)used * sizeof(*points));
	if ((int)count > width && width > 0)
		points[width - 1] = grid->ascii ? text_ascii(0x2026) : 0x2026;
	return used;
}

static int width_bound(int width)
{
	return width < 0 ? 0 : width > TEXT_BYTES ? TEXT_BYTES : width;
}

/* Left-aligned at col, or right-aligned before col + width. */
static int cells_print(struct grid *grid, int col, int row, int width, enum style style, bool right,
		       const char *format, va_list list)
{
	char text[TEXT_BYTES];
	uint32_t points[TEXT_BYTES];
	int used;

	vsnprintf(text, sizeof(text), format, list);
	used = cells_clip(grid, text, points, width_bound(width));
	col += right ? width - used : 0;
	for (int i = 0; i < used; i++)
		grid_put(grid, col + i, row, style, points[i]);
	return used;
}

int grid_print(struct grid *grid, int col, int row, int width, enum style style, const char *format,
	       ...)
{
	va_list list;
	int used;

	va_start(list, format);
	used = cells_print(grid, col, row, width, style, false, format, list);
	va_end(list);
	return used;
}

int grid_print_right(struct grid *grid, int col, int row, int width, enum style style,
		     const char *format, ...)
{
	va_list list;
	int used;

	va_start(list, format);
	used = cells_print(grid, col, row, width, style, true, format, list);
	va_end(list);
	return used;
}

int grid_print_name(struct grid *grid, int col, int row, int width, enum style style,
		    const char *name)
{
	uint32_t points[TEXT_BYTES];
	const char *space = strrchr(name, ' '), *ordinal = strrchr(name, '#');
	const char *number =
		ordinal != NULL && (space == NULL || ordinal > space) ? ordinal : space;
	const int tail = number == NULL ? 0 : (int)strlen(number);

	if (tail == 0 || tail >= width ||
	    (int)text_clean(points, TEXT_BYTES, name, strlen(name), grid->ascii) <= width)
		return grid_print(grid, col, row, width, style, "%s", name);
	grid_print(grid, col, row, width - tail, style, "%.*s", (int)(number - name), name);
	return width - tail + grid_print(grid, col + width - tail, row, tail, style, "%s", number);
}

/* Of a word that is longer than a line: behind a flag, if there is one in its second half. */
static int word_cut(const uint32_t *points, int cols)
{
	for (int take = cols; take > cols / 2; take--)
		if (points[take - 1] == '|')
			return take;
	return cols;
}

int grid_wrap(struct grid *grid, struct rect area, enum style style, const char *text)
{
	uint32_t points[TEXT_BYTES];
	int count = (int)text_clean(points, TEXT_BYTES, text, strlen(text), grid->ascii);
	int at = 0, row = 0;

	while (at < count && row < area.rows && area.cols > 0) {
		int take = count - at;

		if (take > area.cols) {
			take = area.cols;
			while (take > 0 && points[at + take] != ' ')
				take--;
			if (take == 0)
				take = word_cut(points + at, area.cols);
		}
		for (int i = 0; i < take; i++)
			grid_put(grid, area.col + i, area.row + row, style, points[at + i]);
		at += take;
		while (at < count && points[at] == ' ')
			at++;
		row++;
	}
	if (at < count && row > 0)
		grid_put(grid, area.col + area.cols - 1, area.row + row - 1, style, 0x2026);
	return row;
}
