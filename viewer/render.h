/* The screen of a session: state in, cells out, no terminal.
 *
 * render fills the whole grid, of any size.  It reads the trace through the
 * session's reader for names and neighbours, and changes nothing. */
#ifndef VIEWER_RENDER_H
#define VIEWER_RENDER_H

#include "viewer/grid.h"
#include "viewer/session.h"

/* Pages that the keys take on a screen of so many rows. */
int help_pages(int rows);

void render(const struct session *s, struct grid *grid);

#define RENDER_LISTS 2

/* Areas of the view's lists of events, which are of use only as long as they can be read:
 * how many. */
unsigned render_lists(const struct session *s, int cols, int rows, struct rect area[RENDER_LISTS]);

#endif
