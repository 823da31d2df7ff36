/* The parts of a screen; render.c puts them together.  All only draw. */
#ifndef VIEWER_PAINT_H
#define VIEWER_PAINT_H

#include "viewer/crossing.h"
#include "viewer/grid.h"
#include "viewer/layout.h"
#include "viewer/session.h"

/* boundary.c: threads above, kernel below, the line between; CPUs. */
void paint_boundary(const struct session *s, struct grid *grid, const struct layout *l);
/* motion.c: what the event at the cursor does, on top of the boundary. */
void paint_motion(const struct session *s, struct grid *grid, const struct layout *l);
/* motion.c: crossings as counts, when they are too many to draw each. */
void paint_counted(const struct session *s, struct grid *grid, const struct layout *l);
/* parts.c: the boxes of the kernel. */
void paint_parts(const struct session *s, struct grid *grid, const struct layout *l);
/* story.c: scrubber, WHY, lanes of states, strip of neighbours. */
void paint_story(const struct session *s, struct grid *grid, const struct layout *l);
/* side.c: events around the cursor and the fields of this one. */
void paint_side(const struct session *s, struct grid *grid, const struct layout *l);
/* render.c: the boundary and what is around it; the list of events over the screen. */
void paint_boundary_view(const struct session *s, struct grid *grid);
void paint_events_view(const struct session *s, struct grid *grid);
/* lanes.c: the timeline. */
void paint_timeline(const struct session *s, struct grid *grid);
/* memory_view.c: a process's pages, its latest fault. */
void paint_memory(const struct session *s, struct grid *grid);
/* profile.c: what took how long, and who waited for whom. */
void paint_profile(const struct session *s, struct grid *grid);
/* diff.c: this recording against another one. */
void paint_diff(const struct session *s, struct grid *grid);
/* crash.c: the story of what died. */
void paint_crash(const struct session *s, struct grid *grid);
/* events.c: the event list. */
void paint_events(const struct session *s, struct grid *grid, struct rect area);
/* compact.c: everything in as few lines as there are. */
void paint_compact(const struct session *s, struct grid *grid);
/* popup.c */
void paint_help(const struct session *s, struct grid *grid);
void paint_why(const struct session *s, struct grid *grid);
/* Processes to choose from for the memory view. */
void paint_pick(const struct session *s, struct grid *grid);
void paint_lessons(struct grid *grid);
/* lesson_panel.c: the lesson at hand, from the top of panel; rows used. */
int paint_lesson(const struct session *s, struct grid *panel);
/* What happened at e, on one row; what is missing before it is told first. */
void paint_told(const struct session *s, struct grid *grid, struct rect area, enum style style,
		const struct event *e);
/* Rows of label and value for each field of e from area's top; rows used. */
int paint_fields(const struct session *s, struct grid *grid, struct rect area,
		 const struct event *e);

/* Middle column of a kernel part's box. */
int part_lane(const struct layout *l, enum part part);
const char *part_title(enum part part);
/* How a state looks, as letters and as a filled chip. */
enum style state_style(enum actor_state state);
enum style state_chip(enum actor_state state);

#endif
