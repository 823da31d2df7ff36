#include <stdio.h>

#include "viewer/label.h"
#include "viewer/paint.h"
#include "viewer/phrase.h"
#include "viewer/why.h"

#define HELP_COLS  78
#define SHOWN_COLS 18
#define WHY_BYTES  1024

static struct rect popup_rect(const struct grid *grid, int cols, int rows)
{
	cols = cols > grid->cols ? grid->cols : cols;
	rows = rows > grid->rows ? grid->rows : rows;
	return (struct rect){ (grid->cols - cols) / 2, (grid->rows - rows) / 2, cols, rows };
}

static const struct {
	const char *title, *shown, *help; /* title: a heading; shown: a key */
} help_rows[] = {
#define GROUP(title)                    { title, NULL, NULL },
#define KEY(code, shown, command, help) { NULL, shown, help },
#include "viewer/keys.def"
};

void paint_help(struct grid *grid)
{
	int count = (int)(sizeof(help_rows) / sizeof(help_rows[0]));
	struct rect area = popup_rect(grid, HELP_COLS, count + 2);
	int row = area.row + 1;
	const char *group = "";

	grid_box(grid, area, STYLE_KEY, "keys (any key closes this)");
	for (int i = 0; i < count; i++) {
		if (help_rows[i].title != NULL) {
			group = help_rows[i].title;
			continue;
		}
		if (row >= area.row + area.rows - 1)
			break;
		grid_print(grid, area.col + 2, row, 8, STYLE_DIM, "%s", group);
		grid_print(grid, area.col + 11, row, area.cols - 12, STYLE_KEY, "%s",
			   help_rows[i].shown);
		grid_print(grid, area.col + 11 + SHOWN_COLS, row, area.cols - 12 - SHOWN_COLS,
			   STYLE_PLAIN, "%s", help_rows[i].help);
		group = "";
		row++;
	}
}

void paint_why(const struct session *s, struct grid *grid)
{
	struct rect area = popup_rect(grid, 76, 20);
	struct rect inside = { area.col + 2, area.row + 1, area.cols - 4, area.rows - 2 };
	char title[64], text[WHY_BYTES], more[WHY_BYTES];
	int used;

	if (s->now.id == 0)
		return;
	snprintf(title, sizeof(title), "why: rule %s (any key closes this)",
		 why_event(s->reader, &s->event, text, sizeof(text), more, sizeof(more)));
	grid_box(grid, area, STYLE_KEY, title);
	used = 1 + grid_wrap(grid, inside, STYLE_PLAIN, text);
	inside.row += used;
	inside.rows -= used;
	if (more[0] != '\0') {
		used = 1 + grid_wrap(grid, inside, STYLE_PLAIN, more);
		inside.row += used;
		inside.rows -= used;
	}
	phrase_line(s->reader, &s->event, text, sizeof(text));
	used = 1 + grid_wrap(grid, (struct rect){ inside.col, inside.row, inside.cols, 3 },
			     STYLE_BOLD, text);
	inside.row += used;
	inside.rows -= used;
	paint_fields(s, grid, inside, &s->event);
}
