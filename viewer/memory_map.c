/* The memory view: regions with their pages, one process or two; who shares; the faults
 * over time. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "viewer/label.h"
#include "viewer/memory_paint.h"
#include "viewer/phrase.h"

enum { ADDR_COLS = 14, NAME_COLS = 13, PROT_COLS = 5, PAGES_COLS = 11, FAULTS_COLS = 6 };

static const struct {
	char letter;
	enum style style;
	const char *word;
} looks[PAGE_LOOKS] = {
#define LOOK(name, letter, style, word) { letter, STYLE_##style, word },
#include "viewer/pages.def"
};

static const struct {
	char letter;
	enum style style;
	const char *word;
} faults[FAULT_LOOKS] = {
#define FAULT_LOOK(name, letter, style, word) { letter, STYLE_##style, word },
#include "viewer/pages.def"
};

char fault_letter(enum fault_look look)
{
	return faults[look].letter;
}

enum style fault_style(enum fault_look look)
{
	return faults[look].style;
}

void region_prot(const struct state_region *r, char text[5])
{
	label_protection(r->prot, text);
	text[3] = r->flags & MAP_SHARED ? 's' : 'p';
	text[4] = '\0';
}

const char *region_name(const struct state_region *r)
{
	const char *slash = strrchr(r->path, '/');

	return r->path[0] == '\0' ? "anonymous" : slash == NULL ? r->path : slash + 1;
}

/* --- One region ----------------------------------------------------------------------- */

/* What stands for a stretch of pages: the most telling look in it. */
static enum page_look stretch_look(const struct memory_space *space, unsigned *at, unsigned end,
				   uint64_t until)
{
	static const uint8_t weight[PAGE_LOOKS] = { [PAGE_FILE] = 1,
						    [PAGE_OWN] = 2,
						    [PAGE_COMMON] = 3,
						    [PAGE_SHARED] = 4,
						    [PAGE_NOW] = 5 };
	enum page_look look = PAGE_ABSENT;

	for (; *at < end && space->pages[*at].addr < until; (*at)++)
		if (weight[space->pages[*at].look] > weight[look])
			look = space->pages[*at].look;
	return look;
}

/* Cells of the region from col on; how many pages a cell is. */
static uint64_t paint_cells(const struct memory_space *space, const struct memory_region *r,
			    struct grid *grid, int col, int row, int cols)
{
	const uint64_t pages = (r->region.length + 4095) >> 12;
	const uint64_t each = cols < 1 ? 1 : (pages + (uint64_t)cols - 1) / (uint64_t)cols;
	unsigned at = r->first;

	for (int i = 0; i < cols && (uint64_t)i * each < pages; i++) {
		const uint64_t until = r->region.start + ((uint64_t)(i + 1) * each << 12);
		const enum page_look look =
			stretch_look(space, &at, r->first + r->count,
				     until < r->region.start ? UINT64_MAX : until);

		grid_put(grid, col + i, row, looks[look].style, (unsigned char)looks[look].letter);
	}
	return each;
}

static void paint_region(const struct memory_space *space, const struct memory_region *r,
			 struct grid *grid, struct rect area, bool selected)
{
	const enum style style = selected ? STYLE_CURSOR : STYLE_PLAIN;
	const uint64_t pages = (r->region.length + 4095) >> 12;
	int col = area.col, cells;
	char prot[5], known[16], all[16];
	uint64_t each;

	region_prot(&r->region, prot);
	phrase_short(r->count, known, sizeof(known));
	phrase_short(pages, all, sizeof(all));
	grid_fill(grid,
		  (struct rect){ area.col, area.row, ADDR_COLS + NAME_COLS + PROT_COLS + PAGES_COLS,
				 1 },
		  style, ' ');
	grid_print(grid, col, area.row, ADDR_COLS, style, "0x%" PRIx64, r->region.start);
	col += ADDR_COLS + 1;
	grid_print(grid, col, area.row, NAME_COLS - 1, style, "%s", region_name(&r->region));
	col += NAME_COLS;
	grid_print(grid, col, area.row, PROT_COLS, style, "%s", prot);
	col += PROT_COLS;
	grid_print_right(grid, col, area.row, PAGES_COLS - 2, style, "%s/%s", known, all);
	col += PAGES_COLS;
	cells = area.col + area.cols - col - FAULTS_COLS - 5;
	each = paint_cells(space, r, grid, col, area.row, cells);
	if (each > 1) {
		phrase_short(each, all, sizeof(all));
		grid_print_right(grid, col + cells, area.row, 5, STYLE_DIM, "1:%s", all);
	}
	phrase_short(r->faults, all, sizeof(all));
	grid_print_right(grid, area.col + area.cols - FAULTS_COLS, area.row, FAULTS_COLS - 1,
			 r->faults > 0 ? STYLE_FAULT : STYLE_DIM, "%s", all);
	if (selected)
		grid->focus_row = area.row;
}

/* --- One process ----------------------------------------------------------------------- */

void paint_space(const struct session *s, struct grid *grid, struct rect area,
		 const struct memory_space *space, int selected)
{
	const int rows = area.rows - 1, all = (int)space->region_count;
	const int top = selected < rows ? 0 : selected - rows + 1;
	char who[96];
	int col = area.col;

	phrase_thread(s->reader, space->pid, s->now.id, who, sizeof(who));
	grid_fill(grid, (struct rect){ area.col, area.row, area.cols, 1 }, STYLE_BAR, ' ');
	grid_print_name(grid, col, area.row, ADDR_COLS + 2, STYLE_BAR, who);
	col += ADDR_COLS + 1 + NAME_COLS;
	grid_print(grid, col, area.row, PROT_COLS, STYLE_BAR, "may");
	col += PROT_COLS;
	grid_print_right(grid, col, area.row, PAGES_COLS - 2, STYLE_BAR, "seen/all");
	col += PAGES_COLS;
	grid_print(grid, col, area.row, area.col + area.cols - col - FAULTS_COLS, STYLE_BAR,
		   grid->cols < 130 ? "1 cell = 1 page" : "one cell is one page, or as 1:N says");
	grid_print_right(grid, area.col + area.cols - FAULTS_COLS - 1, area.row, FAULTS_COLS,
			 STYLE_BAR, "faults");
	if (all == 0)
		grid_print(
			grid, area.col, area.row + 1, area.cols, STYLE_DIM,
			"no region is known: it has mapped none yet, has ended, or is of the kernel");
	for (int i = 0; i < rows && top + i < all; i++)
		paint_region(space, &space->regions[top + i], grid,
			     (struct rect){ area.col, area.row + 1 + i, area.cols, 1 },
			     top + i == selected);
	for (int i = 0; selected >= 0 && i < rows && top + i < all; i++)
		grid_aim(grid, (struct rect){ area.col, area.row + 1 + i, area.cols, 1 }, AIM_ROW,
			 top + i - selected);
	if (all > rows)
		grid_print_right(grid, area.col + ADDR_COLS + 3, area.row, NAME_COLS - 3, STYLE_BAR,
				 "%d-%d/%d", top + 1, top + rows < all ? top + rows : all, all);
}

static int paint_counts(const struct memory_space *space, struct grid *grid, int col, int row)
{
	uint32_t known = 0;

	for (int i = PAGE_OWN; i < PAGE_LOOKS; i++)
		known += space->look[i];
	col += grid_print(grid, col, row, 30, STYLE_PLAIN, "%u pages seen%s", known,
			  known > 0 ? ":" : "");
	for (int i = PAGE_OWN; i < PAGE_LOOKS; i++)
		if (space->look[i] > 0)
			col += grid->cols < 130
				       ? grid_print(grid, col, row, 30, looks[i].style, " %u%c",
						    space->look[i], looks[i].letter)
				       : grid_print(grid, col, row, 40, looks[i].style, " %u %s",
						    space->look[i], looks[i].word);
	return col;
}

void paint_memory_head(const struct session *s, struct grid *grid, int row)
{
	const struct memory_shot *shot = s->memory.shot;
	const struct memory_space *space = &shot->space;
	char who[96], parent[96];
	int col = 1;

	phrase_thread(s->reader, space->pid, s->now.id, who, sizeof(who));
	phrase_thread(s->reader, space->parent, s->now.id, parent, sizeof(parent));
	col += grid_print(grid, col, row, 40, STYLE_BOLD, "%s", who);
	if (space->parent != 0)
		col += grid_print(grid, col, row, 30, STYLE_DIM, ", child of %s", parent);
	col += grid_print(grid, col, row, 24, STYLE_DIM, s->memory.pid == 0 ? "" : " (chosen)");
	if (space->users > 1)
		col += grid_print(grid, col, row, 40, STYLE_READY, "  in one space with %u more",
				  space->users - 1);
	col = paint_counts(space, grid, col + 2, row);
	grid_print(grid, col, row, grid->cols - col, STYLE_DIM, ", %" PRIu64 " fault%s%s",
		   space->faults, space->faults == 1 ? "" : "s", shot->cut ? " kept" : "");
}

void paint_memory_legend(struct grid *grid, int row)
{
	int col = 1;

	for (int i = 0; i < PAGE_LOOKS; i++) {
		col += grid_print(grid, col, row, 1, looks[i].style, "%c", looks[i].letter);
		col += 1 + grid_print(grid, col, row, 30, STYLE_DIM, " %s", looks[i].word);
	}
	if (grid->cols > col + 40)
		grid_print(grid, col + 2, row, grid->cols - col - 3, STYLE_DIM,
			   "(?) from the faults so far; what comes without one is not seen");
}

/* --- Who shares -------------------------------------------------------------------------- */

void paint_sharers(const struct session *s, struct grid *grid, struct rect area)
{
	const struct memory_shot *shot = s->memory.shot;

	grid_print(grid, area.col + 1, area.row, area.cols - 2, STYLE_KEY,
		   "frames of this region that others have too (s closes)");
	if (shot->sharing == 0)
		grid_print(grid, area.col + 1, area.row + 1, area.cols - 2, STYLE_DIM, "none");
	for (unsigned i = 0; i < shot->sharing && (int)i + 1 < area.rows; i++) {
		const struct memory_sharing *x = &shot->share[i];
		const int row = area.row + 1 + (int)i;
		int col = area.col + 1;

		col += grid_print(grid, col, row, 60, STYLE_PLAIN,
				  "0x%" PRIx64 " frame 0x%" PRIx64 "  %u uses:", x->page.addr,
				  x->page.frame, x->uses);
		for (unsigned k = 0; k < x->owners && col < area.col + area.cols; k++) {
			char who[96];

			phrase_thread(s->reader, x->owner[k], s->now.id, who, sizeof(who));
			col += grid_print(grid, col, row, area.col + area.cols - col,
					  x->owner[k] == shot->space.pid ? STYLE_BOLD : STYLE_READY,
					  "%s%s", k == 0 ? " " : ", ", who);
		}
	}
}

/* --- Faults over time --------------------------------------------------------------------- */

static void time_short(int64_t ns, char *text, size_t size)
{
	snprintf(text, size, "%" PRId64 ".%06" PRId64 " s", ns / 1000000000, ns / 1000 % 1000000);
}

void paint_fault_strip(const struct session *s, struct grid *grid, int row)
{
	const struct memory_shot *shot = s->memory.shot;
	const struct memory_query *q = &shot->query;
	char from[40], to[40];
	int col = 1;

	time_short(q->from, from, sizeof(from));
	time_short(q->to, to, sizeof(to));
	col += grid_print(grid, col, row, 40, STYLE_KEY, "faults over time ");
	for (int i = 0; i < FAULT_LOOKS; i++) {
		col += 1 + grid_print(grid, col, row, 1, faults[i].style, "%c", faults[i].letter);
		col += 1 + grid_print(grid, col, row, 30, STYLE_DIM, "%s %" PRIu64, faults[i].word,
				      shot->space.of[i]);
	}
	if (grid->cols >= 130)
		grid_print_right(grid, col, row, grid->cols - col - 1, STYLE_DIM, "%s .. %s", from,
				 to);
	grid_put(grid, 0, row + 1, STYLE_DIM, 0x2502);
	for (unsigned i = 0; i < q->columns && i < MEMORY_COLUMNS; i++) {
		enum fault_look most = FAULTS_ZERO;

		for (int k = 0; k < FAULT_LOOKS; k++)
			if (shot->strip[i][k] > shot->strip[i][most])
				most = (enum fault_look)k;
		if (shot->strip[i][FAULTS_BAD] > 0)
			most = FAULTS_BAD;
		grid_put(grid, 1 + (int)i, row + 1,
			 shot->strip[i][most] > 0 ? faults[most].style : STYLE_DIM,
			 shot->strip[i][most] > 0 ? (unsigned char)faults[most].letter : 0xb7);
	}
	if (q->columns > 0 && s->now.time >= q->from && s->now.time < q->to) {
		const int at = 1 + (int)((__int128)(s->now.time - q->from) * q->columns /
					 (q->to - q->from));
		struct cell *cell = grid_at(grid, at, row + 1);

		if (cell != NULL)
			cell->style = STYLE_CURSOR;
	}
	grid_put(grid, 1 + (int)q->columns, row + 1, STYLE_DIM, 0x2502);
}

/* The regions with most faults, most first. */
void paint_fault_rank(const struct session *s, struct grid *grid, int row)
{
	const struct memory_space *space = &s->memory.shot->space;
	uint64_t below = UINT64_MAX;
	int col = 1;

	col += grid_print(grid, col, row, 30, STYLE_KEY, "most faults in");
	if (space->faults == 0)
		grid_print(grid, col, row, 30, STYLE_DIM, "  no region yet");
	for (;;) {
		uint64_t most = 0, at_most = 0;

		for (unsigned i = 0; i < space->region_count; i++) {
			const uint64_t n = space->regions[i].faults;
			const uint64_t rank = n << 16 | (0xffff - i % 0xffff);

			if (n > 0 && rank < below && rank > most) {
				most = rank;
				at_most = i;
			}
		}
		if (most == 0 || col + 12 > grid->cols)
			break;
		below = most;
		col += grid_print(grid, col, row, grid->cols - col - 1, STYLE_PLAIN,
				  "  %s 0x%" PRIx64 " %" PRIu64 "x",
				  region_name(&space->regions[at_most].region),
				  space->regions[at_most].region.start, most >> 16);
	}
}
