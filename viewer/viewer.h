/* The viewer as subcommands.
 *
 * viewer_main takes the words after `ringscope`: argv[0] is "view", then options,
 * then the trace file.  It returns the exit status: 0, or 2 for wrong usage, a
 * file that is not a trace, or a terminal that is not there. */
#ifndef VIEWER_VIEWER_H
#define VIEWER_VIEWER_H

int viewer_main(int argc, char **argv);
/* `ringscope lesson`, likewise. */
int lesson_main(int argc, char **argv);

/* Run this program with words (as main's argv, ended by NULL), which record into path, on
 * a terminal that shares the screen with the animation.  The words' own exit status, or 125
 * where there is no terminal. */
int viewer_live(char **words, const char *path);

#endif
