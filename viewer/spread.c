/* Two pictures with the same rows: the ink of a row of the left one is when durations were
 * so long, the bar at the right how many were in all. */
#include "viewer/spread.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "viewer/paint.h"
#include "viewer/phrase.h"

enum { LABEL_COLS = 10, COUNT_COLS = 20, PHASE_ROWS = 2 };

/* Parts of the time from a call's begin to its end, as letters of states.def. */
struct phase {
	const char *name;
	int64_t ns;
	char letter;
	enum style chip;
};

enum { PHASES = 7 };

static void phases_make(const struct profile_row *r, struct phase phases[PHASES])
{
	int64_t rest = r->total - r->self - r->nested - r->blocked - r->ready;

	phases[0] =
		(struct phase){ "ring 0", r->self - r->leaving - r->held, 'K', STYLE_KERNEL_CHIP };
	phases[1] = (struct phase){ "exit work", r->leaving, 'x', STYLE_KERNEL_CHIP };
	phases[2] = (struct phase){ "faults, irqs within", r->nested, 'i', STYLE_IRQ_CHIP };
	phases[3] = (struct phase){ "blocked", r->blocked, 'z', STYLE_SLEEP_CHIP };
	phases[4] = (struct phase){ "ready", r->ready, 'r', STYLE_READY_CHIP };
	phases[5] = (struct phase){ "waits within", rest, '-', STYLE_BAR };
	phases[6] = (struct phase){ "full ring", r->held, 't', STYLE_BAR };
}

/* What share of the row's time each phase has, in words and as a bar of letters. */
static void paint_phases(struct grid *grid, struct rect area, const struct profile_row *r)
{
	const double all = r->total > 0 ? (double)r->total : 1;
	struct phase phases[PHASES];
	const int width = area.cols - 2;
	int col = area.col + 1, bar = area.col + 1;
	int64_t sum = 0;
	char text[24];

	phases_make(r, phases);
	phrase_ns(r->total, text, sizeof(text));
	col += grid_print(grid, col, area.row, width, STYLE_KEY, "%s: %s", r->name, text);
	for (unsigned i = 0; i < PHASES; i++) {
		const int64_t ns = phases[i].ns > 0 ? phases[i].ns : 0;
		int end;

		sum += ns;
		end = area.col + 1 + (int)((double)sum / all * width + 0.5);
		for (; bar < end && bar < area.col + 1 + width; bar++)
			grid_put(grid, bar, area.row + 1, phases[i].chip,
				 (unsigned char)phases[i].letter);
		if ((double)ns * 200 < all) /* less than half a percent */
			continue;
		col += grid_print(grid, col, area.row, area.col + area.cols - col - 1, STYLE_PLAIN,
				  "  %c %s %.0f%%", phases[i].letter, phases[i].name,
				  (double)ns * 100 / all);
	}
}

/* Which bands are shown, how many in a line. */
struct bands {
	unsigned first, last, step;
	uint64_t most_line, most_cell;
	int columns; /* of the picture over time */
};

/* Columns of the spectrum that a column of the picture stands for. */
static unsigned column_of(const struct bands *b, int col)
{
	return (unsigned)(col * SPECTRUM_COLUMNS / b->columns);
}

static uint64_t cell_sum(const struct profile_row *r, const struct bands *b, int col, unsigned low)
{
	return spectrum_sum(&r->spectrum, column_of(b, col), column_of(b, col + 1), low,
			    low + b->step);
}

static uint64_t line_sum(const struct profile_row *r, const struct bands *b, unsigned low)
{
	return spectrum_sum(&r->spectrum, 0, SPECTRUM_COLUMNS, low, low + b->step);
}

static struct bands bands_make(const struct profile_row *r, int columns, int lines)
{
	struct bands b = { .first = SPECTRUM_BANDS, .step = 1, .columns = columns };

	for (unsigned band = 0; band < SPECTRUM_BANDS; band++) {
		if (r->spectrum.band[band] == NULL)
			continue;
		b.first = b.first == SPECTRUM_BANDS ? band : b.first;
		b.last = band;
	}
	while ((int)((b.last - b.first) / b.step + 1) > lines)
		b.step++;
	for (unsigned low = b.first; low <= b.last; low += b.step) {
		const uint64_t line = line_sum(r, &b, low);

		b.most_line = line > b.most_line ? line : b.most_line;
		for (int col = 0; col < columns; col++) {
			const uint64_t cell = cell_sum(r, &b, col, low);

			b.most_cell = cell > b.most_cell ? cell : b.most_cell;
		}
	}
	return b;
}

/* One is light, the most is full, by the logarithm. */
static uint32_t ink(uint64_t count, uint64_t most)
{
	static const uint32_t inks[] = { 0x2591, 0x2592, 0x2593, 0x2588 };
	const double part = most > 1 ? log((double)count) / log((double)most) : 0;

	return inks[(unsigned)(part * 3 + 0.5) & 3];
}

static void paint_count(struct grid *grid, struct rect area, const struct profile_row *r,
			const struct bands *b, unsigned low)
{
	const struct {
		const char *name;
		int64_t ns;
	} ranks[] = {
		{ "p50", r->p50 }, { "p90", r->p90 }, { "p99", r->p99 }, { "max", r->longest }
	};
	const uint64_t sum = line_sum(r, b, low);
	const int room = area.cols - COUNT_COLS;
	int length = (int)((double)sum / (double)b->most_line * room + 0.5);
	int col = area.col + area.cols - 12;
	char text[24];

	length = sum > 0 && length == 0 ? 1 : length;
	for (int i = 0; i < length; i++)
		grid_put(grid, area.col + i, area.row, STYLE_USER, 0x2588);
	phrase_short(sum, text, sizeof(text));
	if (sum > 0)
		grid_print(grid, area.col + length + 1, area.row, 6, STYLE_PLAIN, "%s", text);
	for (size_t i = 0; i < sizeof(ranks) / sizeof(ranks[0]); i++) {
		const unsigned band = spectrum_band(ranks[i].ns);

		if (band >= low && band < low + b->step)
			col += grid_print(grid, col, area.row, area.col + area.cols - col,
					  STYLE_KEY, "%s ", ranks[i].name);
	}
}

/* Column of the cursor's time, -1: it is not in what is shown. */
static int cursor_column(const struct session *s, int columns)
{
	const int64_t from = s->costs.from, to = s->costs.to;

	return s->now.time < from || s->now.time >= to
		       ? -1
		       : (int)((__int128)(s->now.time - from) * columns / (to - from));
}

/* When the durations of a line were, and how many of them. */
static void paint_cells(const struct session *s, struct grid *grid, int left, int row,
			const struct profile_row *r, const struct bands *b, unsigned low,
			int cursor)
{
	grid_put(grid, left - 1, row, STYLE_DIM, 0x2502);
	for (int col = 0; col < b->columns; col++) {
		const uint64_t sum = cell_sum(r, b, col, low);

		if (sum > 0)
			grid_put(grid, left + col, row, STYLE_FAULT, ink(sum, b->most_cell));
		else if (col == cursor)
			grid_put(grid, left + col, row, STYLE_KEY, 0x250a);
		grid_aim(grid, (struct rect){ left + col, row, 1, 1 }, AIM_TIME,
			 s->costs.from + (int64_t)((__int128)(s->costs.to - s->costs.from) * col /
						   b->columns));
	}
	grid_put(grid, left + b->columns, row, STYLE_DIM, 0x2502);
}

static void paint_axis(const struct session *s, struct grid *grid, int col, int row, int columns)
{
	char text[24];
	int used;

	phrase_ns(s->costs.from, text, sizeof(text));
	used = grid_print(grid, col, row, columns, STYLE_DIM, "%s", text);
	phrase_ns(s->costs.to, text, sizeof(text));
	grid_print_right(grid, col + used, row, columns - used, STYLE_DIM, "%s", text);
}

static int paint_bands(const struct session *s, struct grid *grid, struct rect area,
		       const struct profile_row *r)
{
	const int left = area.col + LABEL_COLS + 1;
	const int wanted = (area.cols - LABEL_COLS - 3) * 3 / 5;
	const int columns = wanted > SPECTRUM_COLUMNS ? SPECTRUM_COLUMNS : wanted;
	const struct bands b = bands_make(r, columns, area.rows - 2);
	const int right = left + columns + 2, cursor = cursor_column(s, columns);
	int row = area.row + 1;
	char text[24];

	grid_print(grid, area.col + 1, area.row, right - area.col - 1, STYLE_KEY,
		   "when, and how long (from the time at the left on)");
	grid_print(grid, right, area.row, area.col + area.cols - right - 1, STYLE_KEY,
		   "how many were so long");
	for (unsigned low = b.first; low <= b.last; low += b.step, row++) {
		phrase_ns(low == 0 ? 0 : 1ll << low, text, sizeof(text));
		grid_print_right(grid, area.col, row, LABEL_COLS - 1, STYLE_DIM, "%s", text);
		paint_cells(s, grid, left, row, r, &b, low, cursor);
		paint_count(grid, (struct rect){ right, row, area.col + area.cols - right, 1 }, r,
			    &b, low);
	}
	paint_axis(s, grid, left, row, columns);
	return row + 1 - area.row;
}

int paint_spread(const struct session *s, struct grid *grid, struct rect area,
		 const struct profile_row *row)
{
	if (area.rows < PHASE_ROWS)
		return 0;
	paint_phases(grid, area, row);
	area.row += PHASE_ROWS;
	area.rows -= PHASE_ROWS;
	return PHASE_ROWS + (area.rows < 3 ? 0 : paint_bands(s, grid, area, row));
}
