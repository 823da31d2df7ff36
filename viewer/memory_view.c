/* The memory view put together at a screen's size. */
#include "viewer/memory_paint.h"
#include "viewer/paint.h"
#include "viewer/phrase.h"

enum { ROW_HEAD = 1, ROW_SPACE = 2, WIDE_COLS = 150, FAULT_ROWS = 6, BOXES_ROWS = 10 };

static void paint_line(struct grid *grid, int row)
{
	for (int i = 0; i < grid->cols; i++)
		grid_put(grid, i, row, STYLE_DIM, 0x2500);
}

/* What there is to say before the first picture. */
static void paint_nothing(const struct session *s, struct grid *grid)
{
	const struct memory *m = &s->memory;

	if (m->failed.text[0] != '\0')
		grid_wrap(grid, (struct rect){ 1, ROW_SPACE, grid->cols - 2, 3 }, STYLE_ERROR,
			  m->failed.text);
	else if (s->now.id == 0)
		grid_print(grid, 1, ROW_SPACE, grid->cols - 2, STYLE_KEY, "%s", live_nothing(s));
	else
		grid_print(grid, 1, ROW_SPACE, grid->cols - 2, STYLE_KEY,
			   "reading the faults up to here: %u%%  (other views go on)",
			   memory_percent(m));
}

static void paint_spaces(const struct session *s, struct grid *grid, int rows)
{
	const struct memory *m = &s->memory;
	const int half = grid->cols / 2 - 1;

	if (grid->cols < WIDE_COLS || m->shot->other.pid == 0) {
		paint_space(s, grid, (struct rect){ 0, ROW_SPACE, grid->cols, rows },
			    &m->shot->space, m->region);
		return;
	}
	paint_space(s, grid, (struct rect){ 0, ROW_SPACE, half, rows }, &m->shot->space, m->region);
	paint_space(s, grid, (struct rect){ half + 2, ROW_SPACE, grid->cols - half - 2, rows },
		    &m->shot->other, -1);
}

int memory_columns(int cols)
{
	return cols - 2 > MEMORY_COLUMNS ? MEMORY_COLUMNS : cols - 2;
}

void paint_memory(const struct session *s, struct grid *grid)
{
	const struct memory *m = &s->memory;
	const bool wide = grid->cols >= WIDE_COLS && grid->rows >= 36;
	const int end = grid->rows - 2, strip = end - 3;
	const int fault_rows = wide ? BOXES_ROWS : FAULT_ROWS;
	const int list_rows = wide ? (grid->rows - 24) / 3 : 0;
	const int fault = strip - 1 - list_rows - fault_rows;
	const int legend = fault - 2;

	if (m->shot == NULL) {
		paint_nothing(s, grid);
		return;
	}
	paint_memory_head(s, grid, ROW_HEAD);
	paint_spaces(s, grid, legend - ROW_SPACE);
	paint_memory_legend(grid, legend);
	paint_line(grid, fault - 1);
	if (m->sharers)
		paint_sharers(s, grid, (struct rect){ 0, fault, grid->cols, fault_rows });
	else
		paint_fault(s, grid, (struct rect){ 0, fault, grid->cols, fault_rows });
	if (list_rows > 0)
		paint_fault_list(s, grid,
				 (struct rect){ 0, strip - 1 - list_rows, grid->cols, list_rows });
	paint_line(grid, strip - 1);
	paint_fault_strip(s, grid, strip);
	paint_fault_rank(s, grid, strip + 2);
	if (memory_busy(m) && memory_percent(m) < 100 && m->shot->query.event != s->now.id)
		grid_print_right(grid, grid->cols - 30, fault - 1, 29, STYLE_READY,
				 " as of event %llu, %u%% ",
				 (unsigned long long)m->shot->query.event, memory_percent(m));
}
