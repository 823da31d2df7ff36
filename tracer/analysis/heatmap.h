/* When calls and faults happened, and how long each took: a grid of time and duration. */
#ifndef TRACER_ANALYSIS_HEATMAP_H
#define TRACER_ANALYSIS_HEATMAP_H

#include <stdint.h>

#include "tracer/buffer.h"

#define HEATMAP_COLUMNS 160
#define HEATMAP_ROWS    124 /* 4 a power of two: up to 2^31 ns */

struct heatmap {
	/* ns: where the first column begins, and how long all are; set first. */
	int64_t from, length;
	uint64_t count, most;
	uint64_t cells[HEATMAP_ROWS][HEATMAP_COLUMNS];
};

void heatmap_add(struct heatmap *h, int64_t begin, int64_t duration);
/* An SVG without scripts: each cell says how many it holds.  unit: "ns". */
void heatmap_svg(struct buffer *b, const struct heatmap *h, const char *title, const char *unit);

#endif
