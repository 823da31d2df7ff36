/* What a program's strace log asks of the kernel that is not there. */
#ifndef TRACER_SUPPORT_CHECK_H
#define TRACER_SUPPORT_CHECK_H

#include <stdio.h>

#include "tracer/support/support.h"

enum gap {
	GAP_ABSENT,  /* the call has no handler */
	GAP_REFUSED, /* the flag or operation is refused */
	GAP_UNKNOWN, /* the flag is none that we know */
	GAP_PARTIAL, /* the call is there in part; nothing of what is missing was seen */
	GAP_LIMIT
};

#define CHECK_NAME     64
#define CHECK_GAPS_MAX 4096 /* different ones; more are only counted */

struct check_gap {
	enum gap gap;
	char call[CHECK_NAME], name[CHECK_NAME]; /* name: "" unless of a flag */
	unsigned long times;
};

struct check {
	const struct handlers *handlers;
	unsigned long lines, calls; /* read; of them calls */
	unsigned long others;       /* gaps beyond CHECK_GAPS_MAX */
	size_t count;
	struct check_gap gaps[CHECK_GAPS_MAX];
};

/* Read a log to its end.  Calls that the log's own kernel answered with ENOSYS are not
 * counted as missing: the program can do without.  0; 2 with why: it cannot be read, or
 * holds no call at all. */
int check_read(struct check *c, FILE *log, const char *path, struct error *why);
/* Is there a gap other than GAP_PARTIAL? */
bool check_missing(const struct check *c);

#endif
