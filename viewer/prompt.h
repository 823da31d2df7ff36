/* The line at the bottom that takes text: '/' searches, '\\' filters, ':' commands. */
#ifndef VIEWER_PROMPT_H
#define VIEWER_PROMPT_H

#include "viewer/session.h"

/* Open it, empty; sign says which of the three it is. */
void prompt_open(struct session *s, char sign);
/* A key while it is open: it owns all of them. */
void prompt_key(struct session *s, int key);

#endif
