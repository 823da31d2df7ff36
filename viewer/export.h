/* What is seen, as a file: text, SVG, or an asciicast (a recorded terminal) of the
 * animation from A to B.  The end of the name decides: .txt, .svg, .cast. */
#ifndef VIEWER_EXPORT_H
#define VIEWER_EXPORT_H

#include "tracer/error.h"
#include "viewer/session.h"

/* 0, or 2 with why; an existing file is replaced.  For a .cast the session plays from A to
 * B (without them: 30 events from the cursor on) and comes back to where it was. */
int export_file(struct session *s, const char *path, struct error *why);

#endif
