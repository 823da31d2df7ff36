#include "viewer/split.h"

#include "viewer/key.h"
#include "viewer/layout.h"
#include "viewer/render.h"

#define BESIDE_COLS 140 /* from here on side by side */
#define GUEST_ROWS  13  /* of a screen of 24, less its title */

struct rect split_guest(int cols, int rows)
{
	const int width =
		cols - 1 - LAYOUT_COLS < LAYOUT_COLS ? cols - 1 - LAYOUT_COLS : LAYOUT_COLS;
	const int height =
		rows >= LAYOUT_ROWS + GUEST_ROWS + 1 ? rows - LAYOUT_ROWS - 1 : (rows + 1) / 2;

	return cols >= BESIDE_COLS ? (struct rect){ cols - width, 1, width, rows - 1 }
				   : (struct rect){ 0, rows - height, cols, height };
}

/* A screen without room for both: who is in front has the most of it. */
static bool narrow(int cols, int rows)
{
	return cols < BESIDE_COLS && rows < LAYOUT_ROWS + GUEST_ROWS + 1;
}

bool split_typed(const struct split *p)
{
	return p->guest_front && !p->console->ended;
}

bool split_prepare(struct split *p, struct session *s, int cols, int rows)
{
	p->guest = split_guest(cols, rows);
	p->view = (struct rect){ 0, 0, cols, p->guest.row - 1 };
	if (cols >= BESIDE_COLS)
		p->view = (struct rect){ 0, 0, p->guest.col - 1, rows };
	else if (!p->guest_front && narrow(cols, rows))
		p->view.rows = rows;
	p->view.rows = p->view.rows < 1 ? 1 : p->view.rows;
	console_resize(p->console, p->guest.cols, p->guest.rows);
	if (p->picture.cells != NULL && p->picture.cols == p->view.cols &&
	    p->picture.rows == p->view.rows)
		return true;
	session_resize(s, p->view.cols, p->view.rows);
	return grid_resize(&p->picture, p->view.cols, p->view.rows);
}

void split_key(struct split *p, struct session *s, int key)
{
	if (key == SPLIT_KEY) {
		p->guest_front = !p->guest_front;
		if (!p->guest_front)
			session_say(s,
				    p->console->ended
					    ? "the guest has ended; Ctrl-] shows its screen"
					    : "the keys are the viewer's now: Space , . w ? ...  "
					      "Ctrl-] the guest's");
	} else if (split_typed(p)) {
		console_key(p->console, key);
	} else {
		session_key(s, key);
	}
}

void split_mouse(struct split *p, struct session *s, int col, int row, enum mouse what)
{
	const bool guest = col >= p->view.cols || row >= p->view.rows;

	if (what == MOUSE_CLICK)
		p->guest_front = guest;
	if (!guest)
		session_mouse(s, &p->picture, col, row, what);
}

static void title_paint(const struct split *p, struct grid *grid)
{
	const struct rect *g = &p->guest;
	const enum style style = split_typed(p) ? STYLE_TITLE : STYLE_BAR;

	grid_fill(grid, (struct rect){ g->col, g->row - 1, g->cols, 1 }, style, ' ');
	if (p->console->ended)
		grid_print(grid, g->col + 1, g->row - 1, g->cols - 2, style,
			   "GUEST  has ended, status %d   q quits%s", p->console->status,
			   narrow(grid->cols, grid->rows) ? "   Ctrl-] hides this" : "");
	else
		grid_print(grid, g->col + 1, g->row - 1, g->cols - 2, style, "GUEST  %s",
			   split_typed(p) ? "has the keys   Ctrl-] gives them to the viewer"
					  : "runs on   Ctrl-] gives it the keys");
}

void split_paint(struct split *p, const struct session *s, struct grid *grid)
{
	const bool beside = p->guest.col > 0;

	grid->ascii = s->ascii;
	grid_clear(grid);
	render(s, &p->picture);
	grid_copy(grid, 0, 0, &p->picture, p->picture.rows);
	grid->focus_col = p->picture.focus_col;
	grid->focus_row = p->picture.focus_row;
	if (p->view.rows == grid->rows && !beside)
		return;
	for (int row = 0; beside && row < grid->rows; row++)
		grid_put(grid, p->guest.col - 1, row, STYLE_DIM, 0x2502);
	console_paint(p->console, grid, p->guest, split_typed(p));
	title_paint(p, grid);
}

void split_free(struct split *p)
{
	grid_free(&p->picture);
}
