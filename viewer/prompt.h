/* The line at the bottom that takes text: '/' searches, '\\' filters, ':' commands (Tab goes
 * through their names), 'x' a file's name, '=' a lesson's answer.  Ctrl-U empties it. */
#ifndef VIEWER_PROMPT_H
#define VIEWER_PROMPT_H

#include "viewer/session.h"

/* Open it, empty; sign says which it is. */
void prompt_open(struct session *s, char sign);
/* What stands before the text, "" where the sign says it. */
const char *prompt_title(char sign);
/* A key while it is open: it owns all of them. */
void prompt_key(struct session *s, int key);

#endif
