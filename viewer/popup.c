#include <stdio.h>

#include "viewer/label.h"
#include "viewer/lesson.h"
#include "viewer/paint.h"
#include "viewer/phrase.h"
#include "viewer/render.h"
#include "viewer/teach.h"
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

#define HELP_ROWS ((int)(sizeof(help_rows) / sizeof(help_rows[0])))

/* Keys, without the headings. */
static int help_keys(void)
{
	int count = 0;

	for (int i = 0; i < HELP_ROWS; i++)
		count += help_rows[i].title == NULL;
	return count;
}

int help_pages(int rows)
{
	const int page = rows - 2 < 1 ? 1 : rows - 2;

	return (help_keys() + page - 1) / page;
}

void paint_help(const struct session *s, struct grid *grid)
{
	const int pages = help_pages(grid->rows), page = s->popup_page < pages ? s->popup_page : 0;
	const int keys = (help_keys() + pages - 1) / pages;
	struct rect area = popup_rect(grid, HELP_COLS, keys + 2);
	int row = area.row + 1, skip = page * keys;
	const char *group = "";
	char title[64];

	snprintf(title, sizeof(title), "keys%s (%s)", pages > 1 ? ", page by page" : "",
		 page + 1 < pages ? "any key goes on, Esc closes" : "any key closes this");
	grid_box(grid, area, STYLE_KEY, title);
	for (int i = 0; i < HELP_ROWS && row < area.row + area.rows - 1; i++) {
		if (help_rows[i].title != NULL) {
			group = help_rows[i].title;
			continue;
		}
		if (skip > 0) {
			skip--;
			continue;
		}
		grid_print(grid, area.col + 2, row, 8, STYLE_DIM, "%s", group);
		grid_print(grid, area.col + 11, row, SHOWN_COLS - 1, STYLE_KEY, "%s",
			   help_rows[i].shown);
		grid_print(grid, area.col + 11 + SHOWN_COLS, row, area.cols - 12 - SHOWN_COLS,
			   STYLE_PLAIN, "%s", help_rows[i].help);
		group = "";
		row++;
	}
}

void paint_lessons(struct grid *grid)
{
	struct rect area = popup_rect(grid, HELP_COLS, 22);
	int row = area.row + 1;
	const char *name;

	grid_box(grid, area, STYLE_KEY, "lessons (any key closes this)");
	grid_print(grid, area.col + 2, row++, area.cols - 4, STYLE_PLAIN,
		   "'ringscope lesson NAME' records a lesson's program and teaches on it;");
	grid_print(grid, area.col + 2, row++, area.cols - 4, STYLE_PLAIN,
		   ":lesson NAME or :lesson FILE teaches on the recording that is open.");
	for (unsigned at = 0; (name = lesson_name(at)) != NULL && row < area.row + area.rows - 1;
	     at++) {
		struct lesson lesson;

		if (lesson_load(&lesson, name, NULL) == 0) {
			grid_print(grid, area.col + 2, row, 15, STYLE_KEY, "%s", name);
			grid_print(grid, area.col + 18, row++, area.cols - 20, STYLE_PLAIN, "%s",
				   lesson.title.text);
		}
		lesson_free(&lesson);
	}
}

/* Text over the page's full width and a blank row after it; returns the next row. */
static int page_text(struct grid *page, int row, int rows, enum style style, const char *text)
{
	if (text[0] == '\0')
		return row;
	return row + 1 + grid_wrap(page, (struct rect){ 0, row, page->cols, rows }, style, text);
}

/* The explanation onto a page of its own; returns the rows that it took. */
static int paint_why_page(const struct session *s, struct grid *page, const char **rule)
{
	char text[WHY_BYTES], more[WHY_BYTES];
	const char *source, *book;
	int row = 0;

	*rule = teach_why(s, text, sizeof(text), more, sizeof(more));
	row = page_text(page, row, page->rows - row, STYLE_PLAIN, text);
	row = page_text(page, row, page->rows - row, STYLE_PLAIN, more);
	if (why_where(*rule, &source, &book)) {
		snprintf(text, sizeof(text), "%s%s%s", source, book[0] != '\0' ? "   " : "", book);
		row = page_text(page, row, page->rows - row, STYLE_DIM, text);
	}
	phrase_line(s->reader, &s->event, text, sizeof(text));
	row = page_text(page, row, 3, STYLE_BOLD, text);
	row += paint_fields(s, page, (struct rect){ 0, row, page->cols, page->rows - row },
			    &s->event);
	return row < page->rows ? row : page->rows;
}

void paint_why(const struct session *s, struct grid *grid)
{
	struct rect area = popup_rect(grid, 76, 20);
	struct grid page = { .ascii = grid->ascii };
	const char *rule;
	char title[64];
	int used;

	if (s->now.id == 0 || !grid_resize(&page, area.cols - 4, area.rows - 2))
		return;
	used = paint_why_page(s, &page, &rule);
	area = popup_rect(grid, 76, used + 2);
	snprintf(title, sizeof(title), "why: rule %s (any key closes this)", rule);
	grid_box(grid, area, STYLE_KEY, title);
	grid_copy(grid, area.col + 2, area.row + 1, &page, used);
	grid_free(&page);
}
