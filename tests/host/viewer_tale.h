/* A viewer's session on a trace file that tells synthetic_tale: what the tests of its views
 * share.  What goes wrong here fails the test. */
#ifndef TESTS_HOST_VIEWER_TALE_H
#define TESTS_HOST_VIEWER_TALE_H

#include "viewer/session.h"

enum variant {
	TALE_PLAIN,
	TALE_LOSSY, /* told twice, with seven records lost in between */
	TALE_MORE,  /* the same without the loss, and with two calls more */
	TALE_LONG,
};

/* The file at path, in place of what is there. */
void tale_make(const char *path, enum variant variant);

/* Open it in a new session; session_end frees both. */
struct session *session_make(struct reader **r, const char *path);
void session_end(struct session *s, struct reader *r);

/* Press each key, then let it work. */
void type(struct session *s, const char *keys);
/* Wait for the threads that make what is shown. */
void settle(struct session *s);

/* What is shown stays in the trace, and the cursor stays in what is shown. */
void expect_sound(const struct session *s);
/* The timeline shows the file's own sums of what is shown, and of the CPUs in the whole
 * trace. */
void expect_picture(const struct session *s, struct reader *r);

#endif
