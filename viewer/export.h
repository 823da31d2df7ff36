/* What is seen, as a file: text, SVG, or an asciicast (a recorded terminal) of the
 * animation from A to B.  The end of the name decides: .txt, .svg, .cast. */
#ifndef VIEWER_EXPORT_H
#define VIEWER_EXPORT_H

#include "tracer/error.h"
#include "viewer/session.h"

/* 0, or 2 with why; an existing file is replaced.  For a .cast the session plays from A to
 * B (without them: 30 events from the cursor on), tells of the marks that it comes by, and comes
 * back to where it was; where that is too long, s->message says how far it got, else it is empty.
 */
int export_file(struct session *s, const char *path, struct error *why);

#endif
