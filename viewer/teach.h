/* A lesson in a session: the tutor moves the cursor, chooses the view, and keeps what
 * comes after an open question out of sight. */
#ifndef VIEWER_TEACH_H
#define VIEWER_TEACH_H

#include "viewer/session.h"
#include "viewer/tutor.h"

/* Teach t, which stays the caller's and must outlive the session or teach_end.  Replaces
 * the lesson before. */
void teach_begin(struct session *s, struct tutor *t);
void teach_end(struct session *s);
/* Begin the lesson of that name, or in that file, on the trace at hand. */
void teach_named(struct session *s, const char *name);
/* A question is open: neither why nor what comes next is shown. */
bool teach_locked(const struct session *s);
/* why_event of the cursor's event, and "" with a word in its place while that is locked. */
const char *teach_why(const struct session *s, char *text, size_t size, char *more,
		      size_t more_size);
/* A key, before all others; true if it was meant for the lesson. */
bool teach_key(struct session *s, int key);
/* What was typed as an answer. */
void teach_answer(struct session *s, const char *text);

#endif
