#include "tracer/analysis/heatmap.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>

#define CELL    6
#define LEFT    90
#define TOP     40
#define QUARTER 4 /* rows a power of two */

void heatmap_add(struct heatmap *h, int64_t begin, int64_t duration)
{
	const double row = duration > 1 ? log2((double)duration) * QUARTER : 0;
	int64_t column =
		h->length > 0
			? (int64_t)((double)(begin - h->from) / (double)h->length * HEATMAP_COLUMNS)
			: 0;
	unsigned at = row < HEATMAP_ROWS ? (unsigned)row : HEATMAP_ROWS - 1;
	uint64_t *cell;

	column = column < 0 ? 0 : column >= HEATMAP_COLUMNS ? HEATMAP_COLUMNS - 1 : column;
	cell = &h->cells[at][column];
	h->count++;
	if (++*cell > h->most)
		h->most = *cell;
}

/* The first and last rows that hold anything, as whole powers of two. */
static void rows_used(const struct heatmap *h, unsigned *first, unsigned *last)
{
	bool any = false;

	*first = 0;
	*last = QUARTER - 1;
	for (unsigned row = 0; row < HEATMAP_ROWS; row++)
		for (unsigned column = 0; column < HEATMAP_COLUMNS; column++)
			if (h->cells[row][column]) {
				if (!any)
					*first = row / QUARTER * QUARTER;
				any = true;
				*last = row / QUARTER * QUARTER + QUARTER - 1;
			}
}

/* From light to dark by the logarithm of the count (ColorBrewer's YlOrRd, whose ends
 * differ in lightness for whoever sees no colours). */
static unsigned shade(const struct heatmap *h, uint64_t count)
{
	static const unsigned colours[] = { 0xffeda0, 0xfed976, 0xfeb24c, 0xfd8d3c,
					    0xfc4e2a, 0xe31a1c, 0xbd0026, 0x800026 };
	const double part = h->most > 1 ? log((double)count) / log((double)h->most) : 1;

	return colours[(unsigned)(part * 7 + 0.5) & 7];
}

static void duration_print(struct buffer *b, unsigned row, const char *unit)
{
	buffer_printf(b, "%.0f %s", exp2((double)row / QUARTER), unit);
}

static void cells_print(struct buffer *b, const struct heatmap *h, unsigned first, unsigned last,
			const char *unit)
{
	for (unsigned row = first; row <= last; row++)
		for (unsigned column = 0; column < HEATMAP_COLUMNS; column++) {
			const uint64_t count = h->cells[row][column];

			if (!count)
				continue;
			buffer_printf(b,
				      "<rect x=\"%u\" y=\"%u\" width=\"%d\" height=\"%d\""
				      " fill=\"#%06x\"><title>%" PRIu64 " of ",
				      LEFT + column * CELL, TOP + (last - row) * CELL, CELL, CELL,
				      shade(h, count), count);
			duration_print(b, row, unit);
			buffer_printf(b, " and more, from %.6g %s on</title></rect>\n",
				      (double)h->from +
					      (double)h->length * column / HEATMAP_COLUMNS,
				      unit);
		}
}

void heatmap_svg(struct buffer *b, const struct heatmap *h, const char *title, const char *unit)
{
	const unsigned width = LEFT + HEATMAP_COLUMNS * CELL + 20;
	unsigned first, last, height;

	rows_used(h, &first, &last);
	height = TOP + (last - first + 1) * CELL;
	buffer_printf(
		b,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg"
		" xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\""
		" font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%%\""
		" height=\"100%%\" fill=\"#fff\"/>\n<text x=\"%d\" y=\"16\" font-size=\"13\">",
		width, height + 34, LEFT);
	buffer_markup(b, title);
	buffer_printf(b,
		      "</text>\n<text x=\"%d\" y=\"31\">%" PRIu64
		      " calls and faults: when (to the right), how long (upwards), how many"
		      " (darker, at most %" PRIu64 ")</text>\n",
		      LEFT, h->count, h->most);
	for (unsigned row = first; row <= last; row += QUARTER) {
		buffer_printf(b, "<text x=\"%d\" y=\"%u\" text-anchor=\"end\">", LEFT - 6,
			      TOP + (last - row) * CELL + CELL);
		duration_print(b, row, unit);
		buffer_string(b, "</text>\n");
	}
	cells_print(b, h, first, last, unit);
	buffer_printf(b,
		      "<text x=\"%d\" y=\"%u\">%" PRId64 "</text><text x=\"%u\" y=\"%u\""
		      " text-anchor=\"end\">%" PRId64 " %s</text>\n</svg>\n",
		      LEFT, height + 16, h->from, width - 20, height + 16, h->from + h->length,
		      unit);
}
