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

#endif
