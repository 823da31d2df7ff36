/* The explanation of one event by the numbered rules of why.def. */
#ifndef VIEWER_WHY_H
#define VIEWER_WHY_H

#include <stdbool.h>
#include <stddef.h>

#include "tracer/reader.h"

/* Fill text with what e means, and that records are missing before it, and more (may be NULL) with
 * what there is beyond; both hold guest bytes.  Returns the rule's number, "R01". */
const char *why_event(struct reader *r, const struct event *e, char *text, size_t size, char *more,
		      size_t more_size);

/* Where the kernel does what a rule is about (file:function), and where to read on ("" for
 * nowhere); false for an unknown rule. */
bool why_where(const char *rule, const char **source, const char **book);
/* The rules' names in order; NULL past the last. */
const char *why_name(unsigned at);

#endif
