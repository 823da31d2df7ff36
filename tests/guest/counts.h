/* What the kernel says is in use: /proc/ringscope, lines of "name number".  Pages that
 * the kernel keeps for objects and stacks to come are not in use. */
#ifndef TESTS_GUEST_COUNTS_H
#define TESTS_GUEST_COUNTS_H

#include <stdbool.h>

struct counts {
	long pages;   /* pages_used */
	long objects; /* objects_used */
	long threads; /* threads */
};

/* false with errno set where there is no such file: this is not the guest. */
bool counts_read(struct counts *out);
/* Read until two readings with a pause between them agree, for a second at most: what
 * ended a moment ago may still be on its way out. */
bool counts_settle(struct counts *out);

#endif
