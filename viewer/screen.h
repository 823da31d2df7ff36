/* A reader on a screen: what `ringscope view` and `ringscope lesson` have in common. */
#ifndef VIEWER_SCREEN_H
#define VIEWER_SCREEN_H

#include <stdbool.h>

#include "tracer/reader.h"
#include "viewer/filter.h"
#include "viewer/tutor.h"

struct screen_options {
	const char *path;
	bool ascii, mono, still;
	uint64_t event;       /* where the cursor begins, 0: the first crossing */
	struct filter filter; /* and as it was written, or NULL */
	const char *filter_text;
	const char *other;     /* to compare with, or NULL */
	const char *export_to; /* NULL: a terminal */
	const char *press;     /* keys for that, or NULL */
	int cols, rows;
	struct tutor *tutor;     /* NULL: no lesson */
	struct console *console; /* a guest's terminal that shares the screen, or NULL */
};

/* Until the person quits.  0, or 2 with why. */
int screen_run(struct reader *r, const struct screen_options *o, struct error *why);

#endif
