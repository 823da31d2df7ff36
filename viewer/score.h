/* What a person scored in lessons, in a file of theirs: a line a lesson finished,
 * "NAME<TAB>RIGHT<TAB>ASKED<TAB>UNIX-SECONDS", in $XDG_STATE_HOME/ringscope/lessons
 * (else ~/.local/state/ringscope/lessons). */
#ifndef VIEWER_SCORE_H
#define VIEWER_SCORE_H

#include <stdbool.h>

/* Add a line.  False if it cannot be written; lessons go on without. */
bool score_add(const char *lesson, unsigned right, unsigned asked);
/* The best so far; false if there is none. */
bool score_best(const char *lesson, unsigned *right, unsigned *asked);

#endif
