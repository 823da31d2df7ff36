/* What a comparison leaves out, one rule a line:
 *
 *   call NAME [of PROGRAM]      fault CAUSE       signal SIGNAME      program NAME
 *
 * CAUSE is a name of group FAULT in lower case (demand_zero); * stands for any.
 * Empty lines and what follows # are comments. */
#ifndef TRACER_ANALYSIS_IGNORE_H
#define TRACER_ANALYSIS_IGNORE_H

#include <stdbool.h>

#include "tracer/analysis/sequence.h"

#define IGNORE_RULES 256

struct ignore_rule {
	int kind;                      /* enum item_kind; -1: everything of a program */
	int nr;                        /* -1: any */
	char program[WALK_NAME_BYTES]; /* "": any */
};

struct ignore {
	unsigned count;
	struct ignore_rule rule[IGNORE_RULES];
};

/* Add the rules of a text; name is for messages.  0 or status 2. */
int ignore_parse(struct ignore *g, const char *text, const char *name, struct error *why);
/* Add those of a file. */
int ignore_load(struct ignore *g, const char *path, struct error *why);
bool ignore_matches(const struct ignore *g, const struct role *r, const struct item *i);

#endif
