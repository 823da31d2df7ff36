/* The guest's terminal and the animation of what it causes, on one screen: what
 * `ringscope run --view` and `shell --view` show.
 *
 * Side by side where there is room, else one above the other; the guest's terminal is as
 * large as its part.  One part has the keys; SPLIT_KEY gives them to the other.  A guest that has
 * ended keeps its place, so that what it wrote last can be read, and the viewer has the keys. */
#ifndef VIEWER_SPLIT_H
#define VIEWER_SPLIT_H

#include "viewer/console.h"
#include "viewer/grid.h"
#include "viewer/mouse.h"
#include "viewer/session.h"

#define SPLIT_KEY 0x1d /* Ctrl-] */

struct split {
	struct console *console;
	bool guest_front; /* its part is the larger one, and while it lives it has the keys */
	struct rect view, guest;
	struct grid picture; /* of the view */
};

/* The guest's terminal on a screen of that size. */
struct rect split_guest(int cols, int rows);
/* Give each part its place; before paint, after all else.  False: no memory. */
bool split_prepare(struct split *p, struct session *s, int cols, int rows);
/* What is typed is the guest's. */
bool split_typed(const struct split *p);
/* A key for one of the two. */
void split_key(struct split *p, struct session *s, int key);
/* The mouse: a click gives a part the keys, the rest is the viewer's. */
void split_mouse(struct split *p, struct session *s, int col, int row, enum mouse what);
/* Both parts into grid. */
void split_paint(struct split *p, const struct session *s, struct grid *grid);
void split_free(struct split *p);

#endif
