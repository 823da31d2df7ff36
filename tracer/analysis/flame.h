/* The tree of a profile as pictures: folded stacks and a flame graph. */
#ifndef TRACER_ANALYSIS_FLAME_H
#define TRACER_ANALYSIS_FLAME_H

#include "tracer/analysis/profile.h"
#include "tracer/buffer.h"

/* Lines "program;call;fault NS", as Brendan Gregg's flamegraph.pl and speedscope read
 * them. */
void flame_folded(struct buffer *b, const struct profile *p);
/* An SVG that a browser shows: width is time, what lies above is within what lies below;
 * a click zooms, the search field marks.  unit: "ns" or "instructions". */
void flame_svg(struct buffer *b, const struct profile *p, const char *title, const char *unit);

#endif
