/* Choosing a process for the memory view: a list that opens over the screen. */
#ifndef VIEWER_PICK_H
#define VIEWER_PICK_H

#include "viewer/session.h"

void pick_open(struct session *s);
/* A key while it is open: it owns all of them. */
void pick_key(struct session *s, int key);

#endif
