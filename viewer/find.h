/* Looking for an event, in slices. */
#ifndef VIEWER_FIND_H
#define VIEWER_FIND_H

#include "viewer/session.h"

/* Look at up to budget more events; a hit moves the cursor there and ends it. */
void find_work(struct session *s, unsigned budget);

#endif
