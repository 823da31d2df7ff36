/* What is typed behind ':': commands with a value, as :ev 4211, and each key's command by its
 * name in keys.def, as :zoom-in or :why; a view's also without its "view-". */
#ifndef VIEWER_TYPED_H
#define VIEWER_TYPED_H

#include "viewer/session.h"

/* Do it, or say what is wrong with it. */
void typed_run(struct session *s, const char *text);
/* Names that begin with the length bytes at text, in their order: the at-th of them, "" where
 * there are fewer.  Good until the next call. */
const char *typed_name(const char *text, size_t length, unsigned at);

/* The filter becomes what text says, or why not is said. */
void typed_filter(struct session *s, const char *text);
/* What is seen goes to the file at path, or why not is said. */
void typed_export(struct session *s, const char *path);

#endif
