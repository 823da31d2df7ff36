#include "tests/viewer/screen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "viewer/render.h"
#include "viewer/session.h"
#include "viewer/text.h"

#define SCREEN_BYTES (500 * 1024)

static uint32_t cell_letter(const struct cell *cell, enum screen_cells cells)
{
	return cells == CELLS_STYLE ? (uint32_t)'A' + cell->style
	       : cells == CELLS_MONO
		       ? (uint32_t) "nbdr"[palette_look(THEME_NONE, cell->style).attributes]
		       : cell->glyph;
}

/* Lines, of text without the blanks at their ends. */
static void grid_text(const struct grid *grid, enum screen_cells cells, char *text)
{
	size_t used = 0;

	for (int row = 0; row < grid->rows; row++) {
		int last = grid->cols;

		while (cells == CELLS_TEXT && last > 0 &&
		       grid_at(grid, last - 1, row)->glyph == ' ')
			last--;
		for (int col = 0; col < last; col++) {
			used += text_encode(cell_letter(grid_at(grid, col, row), cells),
					    text + used);
		}
		text[used++] = '\n';
	}
	text[used] = '\0';
}

static void screen_draw(const struct screen *screen, char *text)
{
	struct session *s = calloc(1, sizeof(*s));
	struct grid grid = { 0 };
	struct reader *reader;

	assert_int_equal(reader_open(&reader, screen->path, NULL), 0);
	session_open(s, reader, screen->path);
	s->ascii = screen->ascii;
	session_resize(s, screen->cols, screen->rows);
	for (const char *key = screen->keys; *key != '\0'; key++)
		session_key(s, *key);
	while (session_work(s, 1000))
		continue;
	for (int ms = 0; ms < screen->ms; ms += 33)
		session_tick(s, 33);
	do
		session_prepare(s);
	while (session_waits(s) && usleep(1000) == 0);
	assert_true(grid_resize(&grid, screen->cols, screen->rows));
	render(s, &grid);
	grid_text(&grid, screen->cells, text);
	grid_free(&grid);
	session_close(s);
	free(s);
	reader_close(reader);
}

void screen_check(const struct screen *screen, bool update)
{
	static char drawn[SCREEN_BYTES], golden[SCREEN_BYTES];
	char path[512];
	size_t length;
	FILE *file;

	snprintf(path, sizeof(path), TEST_SOURCE_DIR "/tests/viewer/golden/%s.txt", screen->name);
	screen_draw(screen, drawn);
	file = fopen(path, update ? "w" : "r");
	if (file == NULL)
		fail_msg("%s cannot be opened; --update writes it", path);
	if (update) {
		fputs(drawn, file);
	} else {
		length = fread(golden, 1, sizeof(golden) - 1, file);
		golden[length] = '\0';
		if (strcmp(drawn, golden) != 0)
			fail_msg("screen '%s' differs from %s; drawn:\n%s", screen->name, path,
				 drawn);
	}
	fclose(file);
}
