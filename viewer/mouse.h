/* What the mouse does, where a person wants it (key M): the cells that are on the screen say
 * what a click is about. */
#ifndef VIEWER_MOUSE_H
#define VIEWER_MOUSE_H

#include "viewer/grid.h"
#include "viewer/session.h"

enum mouse { MOUSE_CLICK, MOUSE_UP, MOUSE_DOWN }; /* up, down: the wheel */

/* It happened at a cell of what is shown of s. */
void session_mouse(struct session *s, const struct grid *shown, int col, int row, enum mouse what);

#endif
