/* The terminal: shows a session until its person quits.
 *
 * The only file of the viewer that knows ncurses, the clock and signals.  The
 * terminal is restored on every way out, SIGINT, SIGTERM and SIGHUP included;
 * after one of those the signal's default action ends the process. */
#ifndef VIEWER_TERMINAL_H
#define VIEWER_TERMINAL_H

#include "tracer/error.h"
#include "viewer/session.h"

struct terminal_options {
	bool mono; /* no colours whatever the terminal can */
};

/* 0, or 2 with why filled in if there is no terminal to draw on. */
int terminal_run(struct session *s, const struct terminal_options *options, struct error *why);
/* The locale's encoding is UTF-8, and it may be used. */
bool terminal_utf8(void);

#endif
