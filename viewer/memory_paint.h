/* The parts of the memory view; they need a picture (session.memory.shot). */
#ifndef VIEWER_MEMORY_PAINT_H
#define VIEWER_MEMORY_PAINT_H

#include "viewer/grid.h"
#include "viewer/session.h"

/* memory_map.c */
void paint_memory_head(const struct session *s, struct grid *grid, int row);
void paint_memory_legend(struct grid *grid, int row);
/* selected: index of a region, -1 none. */
void paint_space(const struct session *s, struct grid *grid, struct rect area,
		 const struct memory_space *space, int selected);
void paint_sharers(const struct session *s, struct grid *grid, struct rect area);
/* Two rows. */
void paint_fault_strip(const struct session *s, struct grid *grid, int row);
void paint_fault_rank(const struct session *s, struct grid *grid, int row);

/* memory_fault.c: the latest fault: its walk, before, after, cost. */
void paint_fault(const struct session *s, struct grid *grid, struct rect area);
/* The latest faults, a line each. */
void paint_fault_list(const struct session *s, struct grid *grid, struct rect area);

char fault_letter(enum fault_look look);
enum style fault_style(enum fault_look look);
/* "rw-p" as in /proc/PID/maps; "libc.so.6", "[heap]", "anonymous". */
void region_prot(const struct state_region *r, char text[5]);
const char *region_name(const struct state_region *r);

#endif
