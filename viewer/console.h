/* A program on a pseudo-terminal of ours, and the screen it draws there (libvterm).
 *
 * What it writes is hostile: only the characters of its screen get out, through the same
 * gate as all guest text, and its colours as the nearest of eight. */
#ifndef VIEWER_CONSOLE_H
#define VIEWER_CONSOLE_H

#include <stdbool.h>
#include <sys/types.h>

#include "tracer/error.h"
#include "viewer/grid.h"

struct VTerm;

struct console {
	int pty; /* -1: closed */
	pid_t child;
	bool ended; /* the child has */
	int status; /* of it, as a shell tells it */
	struct VTerm *term;
	int cols, rows;
};

/* Start argv[0], a path, on a terminal of cols by rows.  0, or 2 with why. */
int console_open(struct console *c, char *const argv[], int cols, int rows, struct error *why);
/* End it if it has not, wait, free.  Returns its status. */
int console_close(struct console *c);

void console_resize(struct console *c, int cols, int rows);
/* Take in what it wrote, without waiting; also learns that it has ended. */
void console_read(struct console *c);
/* A key (enum key_code or a byte) for it. */
void console_key(struct console *c, int key);

/* Its screen into area; focus: the hardware cursor goes where its cursor is. */
void console_paint(const struct console *c, struct grid *grid, struct rect area, bool focus);
/* A row of its screen as text, without blanks at the end. */
void console_line(const struct console *c, int row, char *text, size_t size);

#endif
