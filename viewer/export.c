#include "viewer/export.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "viewer/grid.h"
#include "viewer/render.h"
#include "viewer/text.h"

#define CELL_WIDTH  8 /* of an SVG, pixels */
#define CELL_HEIGHT 17
#define FRAME_MS    100 /* of an asciicast */
#define FRAMES_MOST 3000
#define CAST_EVENTS 30

/* Of the page, where the terminal's own would be. */
static const struct {
	unsigned fore, back;
} pages[THEME_COUNT] = {
	[THEME_DARK] = { 0xd0d4d8, 0x14181c },
	[THEME_LIGHT] = { 0x202428, 0xffffff },
	[THEME_NONE] = { 0xd0d4d8, 0x14181c },
};

static struct look cell_look(enum theme theme, int style)
{
	struct look look = palette_look(theme, (enum style)style);

	if (theme == THEME_NONE)
		look.fore = look.back = -1;
	return look;
}

static void glyph_put(FILE *out, uint32_t glyph)
{
	char bytes[4];

	switch (glyph) {
	case ' ':
		fputs("&#160;", out); /* a blank that no reader of SVG takes away */
		return;
	case '&':
		fputs("&amp;", out);
		return;
	case '<':
		fputs("&lt;", out);
		return;
	case '>':
		fputs("&gt;", out);
		return;
	default:
		fwrite(bytes, 1, text_encode(glyph, bytes), out);
	}
}

/* Cells from col on that look alike; the column after them. */
static int run_end(const struct grid *grid, int row, int col)
{
	const uint8_t style = grid_at(grid, col, row)->style;

	while (col < grid->cols && grid_at(grid, col, row)->style == style)
		col++;
	return col;
}

static void svg_run(FILE *out, const struct grid *grid, enum theme theme, int row, int from, int to)
{
	const struct look look = cell_look(theme, grid_at(grid, from, row)->style);
	const int x = from * CELL_WIDTH, y = row * CELL_HEIGHT, width = (to - from) * CELL_WIDTH;

	if (look.back >= 0)
		fprintf(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#%06x\"/>",
			x, y, width, CELL_HEIGHT, palette_rgb(look.back, pages[theme].back));
	while (to > from && grid_at(grid, to - 1, row)->glyph == ' ')
		to--;
	while (from < to && grid_at(grid, from, row)->glyph == ' ')
		from++;
	if (from == to)
		return;
	fprintf(out, "<text x=\"%d\" y=\"%d\" textLength=\"%d\" fill=\"#%06x\"%s>",
		from * CELL_WIDTH, y + CELL_HEIGHT - 4, (to - from) * CELL_WIDTH,
		palette_rgb(look.fore, pages[theme].fore),
		look.attributes == ATTR_BOLD ? " font-weight=\"bold\"" : "");
	for (int col = from; col < to; col++)
		glyph_put(out, grid_at(grid, col, row)->glyph);
	fputs("</text>\n", out);
}

static void svg_put(FILE *out, const struct grid *grid, enum theme theme)
{
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
		"font-family=\"monospace\" font-size=\"13\" shape-rendering=\"crispEdges\">\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#%06x\"/>\n",
		grid->cols * CELL_WIDTH, grid->rows * CELL_HEIGHT, pages[theme].back);
	for (int row = 0; row < grid->rows; row++) {
		for (int col = 0, end; col < grid->cols; col = end) {
			end = run_end(grid, row, col);
			svg_run(out, grid, theme, row, col, end);
		}
	}
	fputs("</svg>\n", out);
}

static void text_put(FILE *out, const struct grid *grid)
{
	char bytes[4];

	for (int row = 0; row < grid->rows; row++) {
		int last = grid->cols;

		while (last > 0 && grid_at(grid, last - 1, row)->glyph == ' ')
			last--;
		for (int col = 0; col < last; col++)
			fwrite(bytes, 1, text_encode(grid_at(grid, col, row)->glyph, bytes), out);
		fputc('\n', out);
	}
}

/* A row with its colours, as the text of a JSON string. */
static void cast_row(FILE *out, const struct grid *grid, enum theme theme, int row)
{
	char bytes[4];

	fprintf(out, "\\u001b[%d;1H", row + 1);
	for (int col = 0, end; col < grid->cols; col = end) {
		const struct look look = cell_look(theme, grid_at(grid, col, row)->style);

		end = run_end(grid, row, col);
		fputs("\\u001b[0", out);
		if (look.attributes == ATTR_BOLD)
			fputs(";1", out);
		if (look.fore >= 0)
			fprintf(out, ";38;5;%d", look.fore);
		if (look.back >= 0)
			fprintf(out, ";48;5;%d", look.back);
		fputc('m', out);
		for (; col < end; col++) {
			const uint32_t glyph = grid_at(grid, col, row)->glyph;

			if (glyph == '"' || glyph == '\\')
				fputc('\\', out);
			fwrite(bytes, 1, text_encode(glyph, bytes), out);
		}
	}
}

static bool row_same(const struct grid *a, const struct grid *b, int row)
{
	return memcmp(&a->cells[row * a->cols], &b->cells[row * b->cols],
		      (size_t)a->cols * sizeof(a->cells[0])) == 0;
}

/* What differs from the frame before. */
static void cast_frame(FILE *out, const struct grid *grid, const struct grid *before,
		       enum theme theme, int ms)
{
	bool any = false;

	for (int row = 0; row < grid->rows; row++) {
		if (before->cells != NULL && row_same(grid, before, row))
			continue;
		if (!any)
			fprintf(out, "[%d.%03d, \"o\", \"%s", ms / 1000, ms % 1000,
				before->cells == NULL ? "\\u001b[?25l\\u001b[2J" : "");
		any = true;
		cast_row(out, grid, theme, row);
	}
	if (any)
		fputs("\"]\n", out);
}

static void work_all(struct session *s)
{
	while (session_work(s, 100000))
		continue;
}

/* Events that A and B enclose, or some from the cursor on. */
static void cast_range(struct session *s, uint64_t *from, uint64_t *to)
{
	int64_t a = s->mark[0], b = s->mark[1];

	*from = s->now.id;
	*to = s->now.id + CAST_EVENTS;
	if (a >= 0 && b >= 0 && a != b) {
		*from = reader_seek(s->reader, a < b ? a : b);
		*to = reader_seek(s->reader, a < b ? b : a);
	}
	*to = *to > s->count ? s->count : *to;
}

static void cast_mark(FILE *out, int ms, char name)
{
	fprintf(out, "[%d.%03d, \"m\", \"%c\"]\n", ms / 1000, ms % 1000, name);
}

/* The marks that were come by since the cursor was at event before, at time then. */
static void cast_marks(const struct session *s, FILE *out, int ms, uint64_t before, int64_t then)
{
	for (int i = 0; i < MARK_LETTERS; i++)
		if (s->marks.letter[i] > before && s->marks.letter[i] <= s->now.id)
			cast_mark(out, ms, (char)('a' + i));
	for (int i = 0; i < 2; i++)
		if (s->mark[i] >= 0 && s->mark[i] > then && s->mark[i] <= s->now.time)
			cast_mark(out, ms, (char)('A' + i));
}

static void cast_put(struct session *s, FILE *out, struct grid *grid)
{
	const uint64_t back = s->now.id;
	const bool still = s->still;
	struct grid before = { 0 };
	uint64_t from, to, at;
	int64_t then = -1;
	int ms = 0;

	cast_range(s, &from, &to);
	fprintf(out, "{\"version\": 2, \"width\": %d, \"height\": %d, \"title\": \"ringscope\"}\n",
		s->cols, s->rows);
	session_goto(s, from);
	work_all(s);
	s->playing = true;
	s->still = false;
	at = from - 1;
	for (int frame = 0; frame < FRAMES_MOST && s->playing && s->now.id <= to; frame++) {
		cast_marks(s, out, ms, at, then);
		at = s->now.id;
		then = s->now.time;
		session_prepare(s);
		render(s, grid);
		cast_frame(out, grid, &before, s->theme, ms);
		if (!grid_resize(&before, grid->cols, grid->rows))
			break;
		grid_copy(&before, 0, 0, grid, grid->rows);
		session_tick(s, FRAME_MS);
		ms += FRAME_MS;
	}
	grid_free(&before);
	s->message[0] = '\0';
	if (s->playing && s->now.id < to)
		session_say(s, " up to event %" PRIu64 ": %d s are the most; > plays faster",
			    s->now.id, FRAMES_MOST * FRAME_MS / 1000);
	s->playing = false;
	s->still = still;
	session_goto(s, back);
	work_all(s);
}

static bool ends_with(const char *text, const char *end)
{
	const size_t length = strlen(text), more = strlen(end);

	return length > more && strcmp(text + length - more, end) == 0;
}

int export_file(struct session *s, const char *path, struct error *why)
{
	const bool svg = ends_with(path, ".svg"), cast = ends_with(path, ".cast");
	struct grid grid = { 0 };
	FILE *out;
	bool good;

	if (!svg && !cast && !ends_with(path, ".txt"))
		return error_set(why, 2, "export: %s: the name must end in .svg, .txt or .cast",
				 path);
	if (!grid_resize(&grid, s->cols, s->rows))
		return error_set(why, 2, "export: out of memory");
	out = fopen(path, "we");
	if (out == NULL) {
		grid_free(&grid);
		return error_set(why, 2, "export: %s: %s", path, strerror(errno));
	}
	s->message[0] = '\0';
	session_prepare(s);
	render(s, &grid);
	if (svg)
		svg_put(out, &grid, s->theme);
	else if (cast)
		cast_put(s, out, &grid);
	else
		text_put(out, &grid);
	good = !ferror(out);
	good = fclose(out) == 0 && good;
	grid_free(&grid);
	return good ? 0 : error_set(why, 2, "export: %s: %s", path, strerror(errno));
}
