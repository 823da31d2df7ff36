#include "viewer/pick.h"

#include "viewer/key.h"
#include "viewer/paint.h"
#include "viewer/phrase.h"

/* Line 0 stands for whoever acts; the processes follow. */
static int pick_lines(const struct session *s)
{
	return 1 + (s->memory.shot == NULL ? 0 : (int)s->memory.shot->processes);
}

void pick_open(struct session *s)
{
	s->view = VIEW_MEMORY;
	s->popup = POPUP_PICK;
	s->memory.pick = 0;
	for (int i = 1; i < pick_lines(s); i++)
		if (s->memory.shot->process[i - 1].pid == s->memory.pid)
			s->memory.pick = i;
}

void pick_key(struct session *s, int key)
{
	int *line = &s->memory.pick;

	if (key == 'j' || key == KEY_CODE_DOWN)
		++*line;
	else if (key == 'k' || key == KEY_CODE_UP)
		--*line;
	else
		s->popup = POPUP_NONE;
	*line = *line >= pick_lines(s) ? pick_lines(s) - 1 : *line < 0 ? 0 : *line;
	if (key == KEY_CODE_ENTER)
		s->memory.pid = *line == 0 ? 0 : s->memory.shot->process[*line - 1].pid;
}

static void paint_process(const struct session *s, struct grid *grid, struct rect line,
			  const struct memory_process *p, enum style style)
{
	char who[96], parent[96];

	phrase_thread(s->reader, p->pid, s->now.id, who, sizeof(who));
	phrase_thread(s->reader, p->parent, s->now.id, parent, sizeof(parent));
	grid_print_name(grid, line.col, line.row, 24, style, who);
	if (p->parent != 0)
		grid_print(grid, line.col + 25, line.row, 24, style, "of %s", parent);
	grid_print_right(grid, line.col + 50, line.row, line.cols - 50, style,
			 p->ended ? "ended" : "%u pages seen", p->pages);
}

void paint_pick(const struct session *s, struct grid *grid)
{
	const int lines = pick_lines(s);
	const int rows = lines + 2 > grid->rows - 2 ? grid->rows - 2 : lines + 2;
	const int cols = grid->cols < 76 ? grid->cols : 76, shown = rows - 2;
	const int top = s->memory.pick < shown ? 0 : s->memory.pick - shown + 1;
	const struct rect box = { (grid->cols - cols) / 2, (grid->rows - rows) / 2, cols, rows };

	grid_box(grid, box, STYLE_KEY, "whose memory? (j k, Enter; Esc leaves)");
	for (int i = 0; i < shown && top + i < lines; i++) {
		const enum style style = top + i == s->memory.pick ? STYLE_CURSOR : STYLE_PLAIN;
		const struct rect line = { box.col + 2, box.row + 1 + i, box.cols - 4, 1 };

		grid_fill(grid, line, style, ' ');
		if (top + i == 0)
			grid_print(grid, line.col, line.row, line.cols, style,
				   "whoever acts at the cursor");
		else
			paint_process(s, grid, line, &s->memory.shot->process[top + i - 1], style);
	}
}
