/* The terminal: shows a session until its person quits.
 *
 * The only file of the viewer that knows ncurses, the clock and signals.  The
 * terminal is restored on every way out, SIGINT, SIGTERM and SIGHUP included;
 * after one of those the signal's default action ends the process. */
#ifndef VIEWER_TERMINAL_H
#define VIEWER_TERMINAL_H

#include "tracer/error.h"
#include "viewer/session.h"

struct split;

struct terminal_options {
	bool mono;           /* no colours whatever the terminal can */
	struct split *split; /* a guest's terminal beside it, or NULL */
};

/* 0, or 2 with why filled in if there is no terminal to draw on. */
int terminal_run(struct session *s, const struct terminal_options *options, struct error *why);
/* Rows and columns of the terminal on standard output; 24 x 80 if it does not say. */
void terminal_measure(int *cols, int *rows);
/* The locale's encoding is UTF-8, and it may be used. */
bool terminal_utf8(void);

#endif
