/* The stacks of a recording as a tree of functions and by function: those taken at events,
 * or the samples.  Each counts one. */
#ifndef TRACER_ANALYSIS_STACKS_H
#define TRACER_ANALYSIS_STACKS_H

#include "tracer/analysis/profile.h"
#include "tracer/analysis/unwind.h"

struct stacks_row {
	const char *name; /* of a function */
	bool kernel;
	uint64_t self;  /* stacks in which it is the innermost */
	uint64_t total; /* in which it is at all */
	/* inside */
	uint64_t last;
};

struct stacks {
	struct profile tree;     /* programs, functions of theirs, functions of the kernel */
	struct stacks_row *rows; /* most first */
	uint32_t row_count, row_size;
	uint64_t count, cut;   /* stacks; of which the outermost functions are missing */
	struct unwind *unwind; /* holds the names */
	/* inside */
	struct walk_totals walk;
};

/* why: group STACK.  pid: only this process, -1: all.  0, or status 2 or 3 with why_not
 * filled in.  *s needs stacks_free in any case. */
int stacks_make(struct stacks *s, sqlite3 *db, unsigned why, int64_t pid, struct error *why_not);
void stacks_free(struct stacks *s);

#endif
