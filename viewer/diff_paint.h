/* The parts of the diff view; they need a comparison (session.versus.shot). */
#ifndef VIEWER_DIFF_PAINT_H
#define VIEWER_DIFF_PAINT_H

#include "viewer/grid.h"
#include "viewer/session.h"

/* diff_table.c: totals; threads; their states over time, from row on. */
void paint_metrics(const struct session *s, struct grid *grid, struct rect area);
void paint_threads(const struct session *s, struct grid *grid, struct rect area);
void paint_versus_lanes(const struct session *s, struct grid *grid, int row, int rows);

/* How much of a thread's items is aligned, in percent; its name, "cat#1". */
double thread_aligned(const struct diff_thread *t);
void thread_text(const struct diff_thread *t, char *text, size_t size);

#endif
