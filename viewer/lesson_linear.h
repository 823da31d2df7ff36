/* A lesson as plain lines, for screen readers, pipes and tests. */
#ifndef VIEWER_LESSON_LINEAR_H
#define VIEWER_LESSON_LINEAR_H

#include <stdio.h>

#include "viewer/tutor.h"

/* Print the steps to out, read an answer a line from in: a letter, a value, or ! to skip.
 * When in ends the rest is skipped.  0, or 2 with why. */
int lesson_linear(struct tutor *t, bool ascii, FILE *in, FILE *out, struct error *why);

#endif
